"""ISO-09 on resources: each is in a region that its stack declares, and copies data to none but those.

That the declared regions are inside the residency is for `declared`; what is in one of them is therefore inside too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cellfleet.inventory.stack import Kind
from policies.isolation.places import Place, path_of, places_of
from policies.isolation.residency import aws, azure, gcp, kubernetes
from policies.isolation.residency.whereabouts import Whereabouts
from policies.isolation.rules import RESIDENCY
from policies.resource import Resource, Resources
from policies.rule import Facts, Violation

_CLOUDS: Final = {
    "aws": aws.whereabouts,
    "gcp": gcp.whereabouts,
    "azure-native": azure.whereabouts,
    "kubernetes": kubernetes.whereabouts,
}
_PROVIDER: Final = "pulumi:providers:"


def stays_where_declared(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """Yield a violation for each place outside the stack's own that a resource is in or copies to."""
    places = places_of(facts.fleet, resources.stack)
    if not places and resources.stack.kind is not Kind.REGISTRY:
        return
    for resource in resources.every:
        whereabouts = _CLOUDS.get(resource.type.removeprefix(_PROVIDER).partition(":")[0])
        if whereabouts is not None:
            for found in dict.fromkeys(whereabouts(resource, resources)):
                if not _declared(found, places, provider=resource.type.startswith(_PROVIDER)):
                    yield _violation(resources, resource, found, places)


def _declared(found: Whereabouts, places: Sequence[Place], *, provider: bool) -> bool:
    """Whether a place is one of the stack's. That a provider works in another's account is for ISO-01."""
    accounts = {place.account for place in places}
    if found.account in accounts or (found.account and not provider):
        return Place(found.account, found.region) in places
    return found.region in {place.region for place in places}


def _violation(resources: Resources, resource: Resource, found: Whereabouts, places: Sequence[Place]) -> Violation:
    where = f"puts data in {found.region}" if found.region else "puts data where no region is declared"
    return Violation(
        RESIDENCY,
        path_of(resources.stack),
        f"{resource.name} of {resources.stack.name} {where}",
        found.said,
        ", ".join(dict.fromkeys(place.region for place in places)) or "no region",
        resource=resource.urn,
    )

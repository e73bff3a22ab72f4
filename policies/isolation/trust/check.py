"""ISO-05: nothing in a stack trusts another cell's principal, a stranger, or everybody.

A cell's own are its account and the one that keeps its backups; a shared stack's own is the control account. Whoever
deploys is told by the subject of its token, which names the stack. Who is of none of these is let in by a waiver only.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Kind, Stack
from policies.isolation.places import owner_of, path_of, places_of
from policies.isolation.rules import TRUST
from policies.isolation.trust import aws, azure, gcp, kubernetes
from policies.isolation.trust.principal import Principal
from policies.resource import Resource, Resources
from policies.rule import Facts, Violation

_CLOUDS: Final = {
    "aws": aws.principals,
    "gcp": gcp.principals,
    "azure-native": azure.principals,
    "kubernetes": kubernetes.principals,
}


def trusts_only_its_own(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """Yield a violation for each principal of another cell, of nobody that the fleet declares, or of everybody."""
    own = {place.account for place in places_of(facts.fleet, resources.stack)}
    if not own and resources.stack.kind is not Kind.ROUTING:
        return
    for resource in resources.every:
        for principal in dict.fromkeys(principals_of(resource, own)):
            yield from _judged(facts.fleet, resources.stack, resource, principal, own)


def principals_of(resource: Resource, own: Collection[str]) -> Iterator[Principal]:
    """Whom a resource of any cloud trusts; `own` are the accounts that a wildcard may be held to."""
    principals = _CLOUDS.get(resource.type.partition(":")[0])
    return principals(resource, own) if principals else iter(())


def _judged(
    fleet: Fleet, stack: Stack, resource: Resource, principal: Principal, own: Collection[str]
) -> Iterator[Violation]:
    if principal.everybody:
        yield _violation(stack, resource, principal, principal.everybody, own)
    elif principal.account and principal.account not in own:
        owner = owner_of(fleet, principal.account)
        if owner is not None:
            yield _violation(stack, resource, principal, f"the account of cell {owner.name}", own, owner.name)
        elif not principal.reached:
            control = {control.account for control in fleet.settings.control.values()}
            who = (
                "the control account" if principal.account in control else "an account that the fleet does not declare"
            )
            yield _violation(stack, resource, principal, who, own)
    else:
        cell = _cell_of_namespace(fleet, principal.namespace) or _cell_of_subject(fleet, principal.subject)
        if cell and cell != stack.subject:
            yield _violation(stack, resource, principal, f"cell {cell}", own, cell)


def _cell_of_namespace(fleet: Fleet, namespace: str) -> str:
    """The cell whose namespace that is: they are named `<cell>-<part>`, and the longest name counts."""
    while "-" in namespace:
        namespace = namespace.rpartition("-")[0]
        if namespace in fleet.cells:
            return namespace
    return ""


def _cell_of_subject(fleet: Fleet, subject: str) -> str:
    """The cell whose stacks are deployed by who has that subject."""
    identity = fleet.settings.deploy_identity
    if not subject or identity is None:
        return ""
    form = re.escape(identity.subject).replace(re.escape("{stack}"), "([a-z0-9-]+)")
    found = re.search(f"{form}$", subject)
    try:
        stack = Stack.parse(found[1]) if found else None
    except ValueError:
        return ""
    return stack.subject if stack and stack.kind in (Kind.CELL, Kind.WORKLOAD) and stack.subject in fleet.cells else ""


def _violation(
    stack: Stack, resource: Resource, principal: Principal, who: str, own: Collection[str], cell: str = ""
) -> Violation:
    does = "may reach what is in" if principal.reached else "trusts"
    return Violation(
        TRUST,
        path_of(stack),
        f"{resource.name} of {stack.name} {does} {who}",
        principal.said,
        f"principals of {', '.join(sorted(own)) or 'its own cluster'}",
        resource=resource.urn,
        concerns=(f"cells.{cell}",) if cell else (),
    )

"""ISO-11: a cell's certificates are for its own names, renew themselves, and are not about to end.

What routers have is for names of their locality: none of theirs is for a name of a cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Kind
from policies.isolation.certificates.form import CERT_MANAGER, FORMS, TLS_SECRET
from policies.isolation.certificates.renewal import days_between, ends, needed, obstacles
from policies.isolation.places import cell_of, path_of
from policies.isolation.rules import CERTIFICATES
from policies.isolation.values import at
from policies.resource import UNKNOWN, Resource, Resources
from policies.rule import Facts, Violation

_REMEDY_OF_ENDING: Final = (
    "see why it was not renewed; the state may be older than the renewal, and `cellfleet up --refresh` asks the cloud"
)


def own_and_renewed(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """Yield a violation for each certificate of another's name, that does not renew itself, or that is about to end."""
    days_left = facts.number(CERTIFICATES, "days_left")
    certificates = [*resources.of(*FORMS)]
    for resource in certificates:
        yield from _for_own_names(facts.fleet, resources, resource)
        if resources.deployed:
            yield from _lasting(facts, resources, resource, days_left)
    for resource in (*certificates, *resources.of(TLS_SECRET)):
        for does, measured in obstacles(resource, days_left):
            limit = f"renewed by itself, {days_left:g} days before its end"
            yield _violation(resources, resource, does, measured, limit)
    yield from _has_one(facts.fleet, resources, certificates)


def _for_own_names(fleet: Fleet, resources: Resources, resource: Resource) -> Iterator[Violation]:
    zone = f"cells.{fleet.settings.domain}"
    cell = cell_of(fleet, resources.stack)
    own = fleet.address_of(cell) if cell else ""
    for name in _names(resource):
        under = name == zone or name.endswith(f".{zone}")
        if cell is None:
            if under:
                does = f"is for {name}, a name of cells"
                yield _violation(resources, resource, does, name, f"no name under {zone}")
            continue
        if name == own or name.endswith(f".{own}") or _within_the_cluster(name, cell.name):
            continue
        concerns: tuple[str, ...] = ()
        other = name.removesuffix(f".{zone}").rpartition(".")[2] if under else ""
        if other in fleet.cells and other != cell.name:
            does, concerns = f"is for {name}, a name of cell {other}", (f"cells.{other}",)
        elif under:
            does = f"is for {name}, which every cell's name is under or like"
        else:
            does = f"is for {name}, which is no name of the cell"
        yield _violation(resources, resource, does, name, f"{own}, and names under it", concerns)


def _names(resource: Resource) -> list[str]:
    """The names that it is for; an authority's common name is a title."""
    if resource.type == CERT_MANAGER and any(at(resource.inputs, "spec.isCA")):
        return []
    found = (name for path in FORMS[resource.type].names for name in at(resource.inputs, path))
    return list(dict.fromkeys(name.lower().rstrip(".") for name in found if isinstance(name, str)))


def _within_the_cluster(name: str, cell: str) -> bool:
    """Whether a name means something inside a cluster only: `database-rw.us-k8s-1-data.svc`."""
    last = name.rpartition(".")[2]
    return "." not in name or name.endswith((".svc", ".svc.cluster.local")) or last.startswith(f"{cell}-")


def _lasting(facts: Facts, resources: Resources, resource: Resource, days_left: float) -> Iterator[Violation]:
    end = ends(resource)
    if end is None:
        return
    days, least = days_between(facts.as_of, end), needed(resource, days_left).days
    if days < least:
        does = f"ends in {days} days" if days >= 0 else f"ended {-days} days ago"
        yield Violation(
            CERTIFICATES,
            path_of(resources.stack),
            f"the certificate {resource.name} of {resources.stack.name} {does}",
            f"{end:%Y-%m-%d}, {days} days from {facts.as_of}",
            f"{least} days",
            _REMEDY_OF_ENDING,
            resource=resource.urn,
            dated=True,
        )


def _has_one(fleet: Fleet, resources: Resources, certificates: list[Resource]) -> Iterator[Violation]:
    cell = cell_of(fleet, resources.stack)
    if cell is None or resources.stack.kind is not Kind.WORKLOAD:
        return
    own = fleet.address_of(cell)
    for resource in certificates:
        unknown = any(name is UNKNOWN for path in FORMS[resource.type].names for name in at(resource.inputs, path))
        if unknown or own in _names(resource):
            return
    message = f"{resources.stack.name} has no certificate for the cell's own name"
    yield Violation(CERTIFICATES, path_of(resources.stack), message, "none", f"one for {own}")


def _violation(
    resources: Resources, resource: Resource, does: str, measured: str, limit: str, concerns: tuple[str, ...] = ()
) -> Violation:
    message = f"the certificate {resource.name} of {resources.stack.name} {does}"
    path = path_of(resources.stack)
    return Violation(CERTIFICATES, path, message, measured, limit, resource=resource.urn, concerns=concerns)

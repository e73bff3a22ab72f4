"""From a fleet to findings: every check is run, what was accepted is marked, and places are looked up.

`check`, `up`, the programs and the policy packs all judge by this, so that an id means the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import chain
from pathlib import Path as File
from typing import TYPE_CHECKING

from cellfleet.inventory.fault import dotted
from cellfleet.inventory.finding import Finding, Invalid, Location, Scope
from cellfleet.inventory.locate import Origin, tenant_file
from cellfleet.inventory.model import Fleet
from policies import catalogue
from policies.lifecycle.waivers import about
from policies.numbers import misunderstood
from policies.resource import Resources
from policies.rule import Facts, Violation
from policies.waiver import applied

if TYPE_CHECKING:
    from cellfleet.inventory.locate import Place


def judge(
    facts: Facts,
    stacks: Iterable[Resources] = (),
    others: Sequence[Finding] = (),
    *,
    ran: Set[Scope] = frozenset(),
) -> tuple[Finding, ...]:
    """Every finding of the fleet rules, and of the resource rules on the stacks given, sorted by place.

    `others` are findings that were made elsewhere, as those of routing, and come back among the rest with what is
    waived. `ran` says what beside the fleet was measured as a whole (RESOURCES: every stack; ROUTING: the proof), so
    that a waiver is called unused only where that is known.

    Raises Invalid where the numbers that the fleet sets for rules cannot be understood.
    """
    if wrong := list(misunderstood(facts.fleet, catalogue.RULES)):
        raise Invalid(_sorted(found(facts.fleet, wrong)))
    of_fleet = (violation for check in catalogue.FLEET for violation in check(facts))
    of_stacks = (violation for stack in stacks for violation in of_resources(facts, stack))
    findings = [*found(facts.fleet, [*chain(of_fleet, of_stacks)]), *others]
    of_waivers = about(facts, findings, catalogue.RULES, _measured(facts) | ran)
    return _sorted([*applied(facts, findings, catalogue.RULES), *found(facts.fleet, [*of_waivers])])


def of_resources(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """What the resource rules find in one stack."""
    for check in catalogue.RESOURCES:
        yield from check(facts, resources)


def found(fleet: Fleet, violations: Sequence[Violation]) -> Iterator[Finding]:
    """The violations as findings, each where a person can mend it."""
    places = _places(fleet, violations)
    rows = _rows(fleet, {violation.tenant for violation in violations if violation.tenant})
    for violation in violations:
        place = places.get((violation.path, violation.at_key))
        yield Finding(
            rule=violation.rule.id,
            severity=violation.severity or violation.rule.severity,
            subject=dotted(violation.path),
            location=rows.get(violation.tenant) or (place.location if place else Location("cells.yaml")),
            message=violation.message,
            measured=violation.measured,
            limit=violation.limit,
            remedy=violation.remedy or violation.rule.remedy,
            concerns=_concerns(violation),
            resource=violation.resource,
            dated=violation.dated,
        )


def _measured(facts: Facts) -> set[Scope]:
    """What the fleet rules can have measured as a whole: all that they need is there."""
    whole = facts.tenants is not None or facts.fleet.tenants is None
    changed = facts.before is not None and not facts.before.deployed
    return {scope for scope, known in ((Scope.FLEET, whole), (Scope.CHANGE, whole and changed)) if known}


def _places(fleet: Fleet, violations: Sequence[Violation]) -> dict[tuple[tuple[str | int, ...], bool], Place]:
    origin = fleet._origin
    if not violations or not isinstance(origin, Origin):
        return {}
    return origin.places({(violation.path, violation.at_key) for violation in violations})


def _rows(fleet: Fleet, tenants: set[str]) -> dict[str, Location]:
    path: File | None = tenant_file(fleet)
    if not tenants or path is None:
        return {}
    from cellfleet.inventory.tenants.where import lines_of

    return {tenant: Location(str(path), line, 1) for tenant, line in lines_of(path, tenants)}


def _concerns(violation: Violation) -> tuple[str, ...]:
    own = [dotted(violation.path[:2])] if violation.path[:1] in (("cells",), ("localities",)) else []
    return tuple(dict.fromkeys([*own, *violation.concerns]))


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda one: (one.location, one.rule, one.resource, one.message)))

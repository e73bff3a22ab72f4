"""From a fleet to findings: every check is run, what was accepted is marked, and places are looked up.

`check`, `up`, the programs and the policy packs all judge by this, so that an id means the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from pathlib import Path as File
from typing import TYPE_CHECKING

from cellfleet.inventory.fault import dotted
from cellfleet.inventory.finding import Finding, Invalid, Location, Scope
from cellfleet.inventory.locate import Origin, by_name, tenant_file
from cellfleet.inventory.model import Fleet
from policies import catalogue
from policies.lifecycle.waivers import about
from policies.numbers import misunderstood
from policies.resource import Resources
from policies.rule import Facts, FleetCheck, Violation
from policies.waiver import applied

if TYPE_CHECKING:
    from cellfleet.inventory.locate import Place


def judge(
    facts: Facts,
    stacks: Sequence[Resources] = (),
    further: Sequence[Finding] = (),
    *,
    checks: Sequence[FleetCheck] = catalogue.FLEET,
    measured: Set[Scope] = frozenset({Scope.FLEET}),
) -> tuple[Finding, ...]:
    """Every finding, sorted by place: of the fleet rules, or of some of their checks; of the resource rules on the
    stacks given; and `further` ones, which others found and waivers hold for too.

    `measured` are the scopes whose rules were measured on the whole fleet, so that it is known whether a way leads from
    one cell to another, and which waivers nothing needs; waivers themselves are not judged where it is empty. What is
    deployed and what is recorded may both be among the stacks: what is wrong with both is one finding, and ways are
    looked for in each, not from one into the other.

    Raises Invalid where the numbers that the fleet sets for rules cannot be understood.
    """
    understood(facts.fleet)
    of_fleet = (violation for check in checks for violation in check(facts))
    of_stacks = (violation for stack in stacks for violation in of_resources(facts, stack))
    ways = _ways(facts, stacks) if Scope.RESOURCES in measured else ()
    of_either = dict.fromkeys(found(facts.fleet, [*of_stacks, *ways]))  # recorded and deployed, told once
    every = [*found(facts.fleet, [*of_fleet]), *of_either, *further]
    of_waivers = about(facts, every, catalogue.RULES, _whole(facts, stacks, measured)) if measured else ()
    return _sorted([*applied(facts, every, catalogue.RULES), *found(facts.fleet, [*of_waivers])])


def understood(fleet: Fleet) -> None:
    """Raises Invalid where the numbers that a fleet sets for rules cannot be understood."""
    if wrong := list(misunderstood(fleet, catalogue.RULES)):
        raise Invalid(_sorted(found(fleet, wrong)))


def _ways(facts: Facts, stacks: Sequence[Resources]) -> Iterator[Violation]:
    """The ways between cells by what is recorded, and those by what is deployed."""
    from policies.isolation.witness import reaching

    for deployed in (False, True):
        if some := [stack for stack in stacks if stack.deployed is deployed]:
            yield from reaching(facts, some)


def _whole(facts: Facts, stacks: Sequence[Resources], measured: Set[Scope]) -> set[Scope]:
    """The scopes of which everything was measured: tenants that nobody read, a change that stacks tell only a part of,
    and programs that were not recorded leave open which waivers nothing needs."""
    whole = set(measured)
    if all(stack.deployed for stack in stacks):
        whole.discard(Scope.RESOURCES)
    if facts.before is not None and not facts.before.deployed:
        whole.add(Scope.CHANGE)
    if facts.tenants is None and facts.fleet.tenants is not None:
        whole -= {Scope.FLEET, Scope.CHANGE}
    return whole


def of_resources(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """What the resource rules find in one stack."""
    from policies.resource_checks import RESOURCES

    for check in RESOURCES:
        yield from check(facts, resources)


def found(fleet: Fleet, violations: Sequence[Violation]) -> Iterator[Finding]:
    """The violations as findings, each where a person can mend it."""
    places = _places(fleet, violations)
    rows = _rows(fleet, {violation.tenant for violation in violations if violation.tenant})
    for violation in violations:
        place = places.get((violation.path, _at_key(violation)))
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


def _places(fleet: Fleet, violations: Sequence[Violation]) -> dict[tuple[tuple[str | int, ...], bool], Place]:
    origin = fleet._origin
    if not violations or not isinstance(origin, Origin):
        return {}
    return origin.places({(violation.path, _at_key(violation)) for violation in violations})


def _at_key(violation: Violation) -> bool:
    return violation.at_key or by_name(violation.path)


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

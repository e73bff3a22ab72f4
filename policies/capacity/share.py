"""How much of its locality one cell is (CAP-04), and how many cells a locality has to have (CAP-10).

A cell's share of its locality is what its class is for, of what the classes of all shared cells with tenants are for:
in tenants, requests or storage, whichever is most. It is of classes and not of today's load, which a new cell starts
without and which CAP-01 to CAP-03 hold to its limits. With n equal cells each is 1/n, which is always allowed; what
is not is one cell that dwarfs the others.

Only a change that raises a share is refused. A share that is too great already, or that falls, is a warning, so that
the change which mends it by halves can be made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cellfleet.inventory.finding import Severity
from cellfleet.inventory.model import Capacity
from cellfleet.inventory.types import State, Tenancy
from policies.capacity.measures import MEASURES, Measure, above, homes, percent, takers
from policies.capacity.rules import SECOND, SHARE
from policies.lifecycle.before import Before
from policies.rule import Facts, Violation

_HOMES = (State.ACTIVE, State.CORDONED, State.DRAINING)


def no_cell_is_too_great(facts: Facts) -> Iterator[Violation]:
    """CAP-04."""
    before = _shares_before(facts.before)
    for locality, cells in facts.by_locality.items():
        capacities = {cell.name: facts.fleet.class_of(cell).capacity for cell in homes(cells)}
        if not capacities:
            continue
        limit = most(facts, len(capacities))
        for name, (share, measure) in shares(capacities).items():
            if not above(share, limit):
                continue
            raised = facts.before is not None and above(share, before.get((locality, name), 0.0))
            yield Violation(
                SHARE,
                ("cells", name, "class"),
                f"{name} is {percent(share)} of what {locality} has for {measure.unit}"
                + (", and this change raises it" if raised else ""),
                measured=percent(share),
                limit=f"{percent(limit)} with {len(capacities)} shared cells",
                severity=Severity.ERROR if raised else Severity.WARNING,
            )


def localities_have_a_second_cell(facts: Facts) -> Iterator[Violation]:
    """CAP-10; a locality is one of its concern once requests are sent to a shared cell of it."""
    least = facts.number(SECOND, "cells")
    for locality, cells in facts.by_locality.items():
        taking = [cell.name for cell in takers(cells)]
        if homes(cells) and len(taking) < least:
            yield Violation(
                SECOND,
                ("localities", locality),
                f"{locality} has {_told(taking)}",
                measured=f"{len(taking)}" + (f": {', '.join(taking)}" if taking else ""),
                limit=f"{least:g} or more",
            )


def most(facts: Facts, cells: int) -> float:
    """The share that one of so many cells may be."""
    return max(facts.number(SHARE, "share"), facts.number(SHARE, "fair") / cells)


def shares(capacities: Mapping[str, Capacity]) -> dict[str, tuple[float, Measure]]:
    """Each cell's greatest share of a locality, and what it is a share of."""
    totals = {measure: sum(map(measure.of, capacities.values())) for measure in MEASURES}
    return {
        name: max(((measure.of(capacity) / totals[measure], measure) for measure in MEASURES), key=lambda one: one[0])
        for name, capacity in capacities.items()
    }


def _shares_before(before: Before | None) -> dict[tuple[str, str], float]:
    by_locality: dict[str, dict[str, Capacity]] = {}
    for cell in before.cells.values() if before else ():
        if cell.tenancy is Tenancy.SHARED and cell.state in _HOMES:
            by_locality.setdefault(cell.locality, {})[cell.name] = cell.capacity
    return {
        (locality, name): share
        for locality, capacities in by_locality.items()
        for name, (share, _) in shares(capacities).items()
    }


def _told(taking: list[str]) -> str:
    match taking:
        case []:
            return "no cell that takes tenants: nobody new has a home"
        case [name]:
            return f"only one cell, {name}, that takes tenants: if it is lost or full, nobody new has a home"
        case _:
            return f"only {len(taking)} cells that take tenants"

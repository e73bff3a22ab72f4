"""How full cells are: tenants and storage (CAP-01), and the requests that their tenants may send at worst (CAP-02).

CAP-01 has three steps. From `warn` on a cell is warned of. From `cordon` on it is to take no new tenants: an error
while it is active, for then the directory or the next placement puts more into it, and a warning once it is cordoned,
frozen or fenced. From `fail` on it holds more than its class is for: an error in any state. A dedicated cell has one
tenant and takes no other, so of it only storage and requests are measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cellfleet.inventory.finding import Severity
from cellfleet.inventory.model import Cell
from cellfleet.inventory.types import Tenancy
from policies.capacity.measures import (
    REQUESTS,
    STORAGE,
    TENANTS,
    Measure,
    above,
    percent,
    reaches,
    takers,
    takes_tenants,
)
from policies.capacity.rules import FILL, PEAK, SECOND
from policies.rule import Facts, Violation


class _Steps(NamedTuple):
    """Shares of a class."""

    warn: float
    cordon: float
    fail: float

    @property
    def least(self) -> float:
        return min(self)


def cells_are_not_full(facts: Facts) -> Iterator[Violation]:
    """CAP-01."""
    if facts.tenants is None:
        return
    steps = _Steps(*(facts.number(FILL, step) for step in ("warn", "cordon", "fail")))
    for cell in facts.fleet.cells.values():
        for measure in (STORAGE,) if cell.tenancy is Tenancy.DEDICATED else (TENANTS, STORAGE):
            amount, capacity = _amounts(facts, cell, measure)
            if reaches(amount, steps.least * capacity):
                yield from _filled(facts, cell, measure, steps)


def peaks_leave_room(facts: Facts) -> Iterator[Violation]:
    """CAP-02."""
    if facts.tenants is None:
        return
    share = facts.number(PEAK, "peak")
    for cell in facts.fleet.cells.values():
        peak, capacity = _amounts(facts, cell, REQUESTS)
        if above(peak, share * capacity):
            yield Violation(
                PEAK,
                ("cells", cell.name, "class"),
                f"the peaks of {cell.name}'s tenants add up to {percent(peak / capacity)} of what class "
                f"{cell.class_} is for",
                measured=REQUESTS.told(peak),
                limit=f"{percent(share)} of {REQUESTS.told(capacity)}: {share * capacity:,.0f}",
                remedy=f"move tenants of {REQUESTS.told(peak - share * capacity)} to another cell, or give "
                f"{cell.name} a larger class",
            )


def _filled(facts: Facts, cell: Cell, measure: Measure, steps: _Steps) -> Iterator[Violation]:
    amount, capacity = _amounts(facts, cell, measure)
    warn, cordon, fail = steps
    open_ = takes_tenants(cell)
    if reaches(amount, fail * capacity):
        severity, field, limit = Severity.ERROR, "class", f"under {percent(fail)} of {measure.told(capacity)}"
        remedy = f"move {measure.told(amount - warn * capacity)} to other cells, or give {cell.name} a larger class"
    elif reaches(amount, cordon * capacity) and open_:
        severity, field = Severity.ERROR, "state"
        limit = f"under {percent(cordon)} of {measure.told(capacity)} for a cell that takes new tenants"
        remedy = "set `state: cordoned`, and let new tenants go to another cell"
        if len(taking := takers(facts.by_locality[cell.locality])) <= facts.number(SECOND, "cells"):
            remedy = (
                f"move {measure.told(amount - warn * capacity)} to other cells; to cordon it would leave "
                f"{cell.locality} {len(taking) - 1} that take tenants (CAP-10)"
            )
    elif reaches(amount, min(warn, cordon) * capacity):
        severity, field, limit = Severity.WARNING, "class", f"under {percent(warn)} of {measure.told(capacity)}"
        remedy = (
            f"let new tenants go to another cell before it reaches {percent(cordon)}"
            if open_
            else f"move tenants to other cells, or give {cell.name} a larger class"
        )
    else:
        return
    yield Violation(
        FILL,
        ("cells", cell.name, field),
        f"{cell.name} is at {percent(amount / capacity)} of the {measure.name.removesuffix('_gib')} that class "
        f"{cell.class_} is for",
        measured=measure.told(amount),
        limit=limit,
        remedy=remedy,
        severity=severity,
    )


def _amounts(facts: Facts, cell: Cell, measure: Measure) -> tuple[float, float]:
    """What a cell's tenants come to, and what its class is for."""
    load = facts.load(cell.name)
    return (0.0 if load is None else measure.of(load)), measure.of(facts.fleet.class_of(cell).capacity)

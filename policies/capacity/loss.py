"""Whether a locality can lose a cell for good (CAP-03).

For each shared cell that has tenants: what the *other* cells that take tenants have left, up to all that their
classes are for, against 1.1 times what it holds; in tenants, in requests and in storage. The tenth more is for what
tenants grow by until it happens, and for what does not fit exactly. Sums only: whether each tenant by itself finds a
cell is what `cellfleet what-if` tells.

A locality in which fewer than two cells take tenants is CAP-10's business. Of a dedicated cell no other can take the
tenant in, so it declares `replication`; an unmanaged one has nowhere to declare it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from cellfleet.inventory.model import Cell
from cellfleet.inventory.types import State, Tenancy
from policies.capacity.measures import MEASURES, Measure, above, homes, percent, takers
from policies.capacity.rules import LOSS
from policies.rule import Facts, Violation

_COUNTED: Final = 10**6
"""Cells; loads that ask for more are endless, or a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """What is missing, in one measure, if one cell is lost."""

    cell: Cell
    measure: Measure
    load: float
    """Of the cell."""
    needed: float
    room: float
    """In the other cells."""
    of: float
    """What all cells that take tenants are for, by which shortages of unlike measures compare."""

    @property
    def missing(self) -> float:
        return self.needed - self.room


def a_cell_can_be_lost(facts: Facts) -> Iterator[Violation]:
    """CAP-03 for shared cells: at most one violation a locality, of the cell that most is missing for."""
    if facts.tenants is None:
        return
    for locality, cells in facts.by_locality.items():
        short = shortages(facts, cells)
        if short:
            worst = max(short, key=lambda one: one.missing / one.of)
            yield _violation(facts, locality, worst, [one for one in short if one.cell is worst.cell])


def dedicated_cells_have_a_standby(facts: Facts) -> Iterator[Violation]:
    """CAP-03 for dedicated cells."""
    for cell in facts.fleet.managed():
        if cell.tenancy is Tenancy.DEDICATED and cell.state is not State.RETIRED and cell.replication is None:
            yield Violation(
                LOSS,
                ("cells", cell.name),
                f"the tenant of {cell.name} has nowhere to go if it is lost: the cell is dedicated, and has no standby",
                measured="no `replication`",
                limit="`replication` for each dedicated cell",
                remedy="give the cell `replication: {region: ..., rpo_minutes: ..., rto_minutes: ...}` in another "
                "region of its residency",
            )


def shortages(facts: Facts, cells: Sequence[Cell]) -> list[Shortage]:
    """What is missing in one locality, for each cell and measure; nothing where one cell or none takes tenants."""
    taking = takers(cells)
    if len(taking) < 2:
        return []
    headroom, full = facts.number(LOSS, "headroom"), facts.number(LOSS, "full")
    found = []
    for measure in MEASURES:
        room = {cell.name: _room(facts, cell, measure, full) for cell in taking}
        in_all = sum(room.values())
        capacity = sum(measure.of(facts.fleet.class_of(cell).capacity) for cell in taking)
        for cell in homes(cells):
            load = _load(facts, cell, measure)
            one = Shortage(cell, measure, load, headroom * load, in_all - room.get(cell.name, 0.0), capacity)
            if above(one.needed, one.room):
                found.append(one)
    return found


def _violation(facts: Facts, locality: str, worst: Shortage, of_cell: Sequence[Shortage]) -> Violation:
    measure, headroom = worst.measure, facts.number(LOSS, "headroom")
    missing = {one.measure.name: one.missing for one in of_cell}
    return Violation(
        LOSS,
        ("cells", worst.cell.name),
        f"{measure.told(worst.load)} on {worst.cell.name} have nowhere to go if it is lost",
        measured=f"room for {worst.room:,.0f} elsewhere in {locality}",
        limit=f"{headroom:g} x {worst.load:,.0f} = {worst.needed:,.0f}, up to "
        f"{percent(facts.number(LOSS, 'full'))} of each class",
        remedy=f"add {_cells_for(facts, missing)} to {locality}",
        concerns=(f"localities.{locality}",),
    )


def _cells_for(facts: Facts, missing: Mapping[str, float]) -> str:
    """The cheapest cells of one class that hold what is missing: `a cell of class large`."""
    full = facts.number(LOSS, "full")

    def count(name: str) -> int:
        capacity = facts.fleet.classes[name].capacity
        most = max(missing.get(m.name, 0.0) / (full * m.of(capacity) or 1.0) for m in MEASURES)
        return ceil(min(most, _COUNTED))

    best = min(facts.fleet.classes, key=lambda name: count(name) * facts.fleet.classes[name].monthly_cost_usd)
    return f"a cell of class {best}" if count(best) == 1 else f"{count(best)} cells of class {best}"


def _room(facts: Facts, cell: Cell, measure: Measure, full: float) -> float:
    return max(0.0, full * measure.of(facts.fleet.class_of(cell).capacity) - _load(facts, cell, measure))


def _load(facts: Facts, cell: Cell, measure: Measure) -> float:
    load = facts.load(cell.name)
    return 0.0 if load is None else measure.of(load)

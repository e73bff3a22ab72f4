"""What one wave of a rollout may touch (CAP-11): cells, tenants and requests, of each locality and of the fleet.

A wave is as many cells of one ring as `max_parallel` allows, and which ones is chance, so it is taken at its worst:
the cells with most tenants, or most requests, and all of them in one locality. Percentages mean nothing for two
cells, so a wave of one cell is always allowed; how much one cell may be is CAP-04's business.

Only cells count in a wave that a rollout changes and requests are sent to: managed ones that are not frozen. They are
taken as shares of all cells that requests are sent to, the unmanaged ones among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from cellfleet.inventory.model import Cell, ManagedCell
from policies.capacity.measures import above, percent
from policies.capacity.rules import WAVES
from policies.rule import Facts, Violation


@dataclass(frozen=True, slots=True)
class _Worst:
    """The worst wave of a ring by one measure, in one locality or the fleet."""

    place: str
    """`de`, or `the fleet`."""
    measure: str
    unit: str
    cells: int
    of: int
    share: float
    limit: float
    allowed: int
    """The most cells that would be within the limit."""


_Weigh = Callable[[Facts, Cell], float]


def _one(_: Facts, __: Cell) -> float:
    return 1.0


def _tenants(facts: Facts, cell: Cell) -> float:
    load = facts.load(cell.name)
    return 0.0 if load is None else float(load.tenants)


def _requests(facts: Facts, cell: Cell) -> float:
    load = facts.load(cell.name)
    return 0.0 if load is None else load.requests_per_second


_MEASURES: Final[tuple[tuple[str, str, _Weigh], ...]] = (
    ("cells", "cells", _one),
    ("tenants", "tenants", _tenants),
    ("load", "requests", _requests),
)


def waves_are_small(facts: Facts) -> Iterator[Violation]:
    """CAP-11: at most one violation a ring, of its worst wave."""
    places = {"the fleet": [cell for cell in facts.fleet.cells.values() if cell.routed]}
    places |= {name: [cell for cell in cells if cell.routed] for name, cells in facts.by_locality.items()}
    found: dict[str, list[_Worst]] = {}
    for place, cells in places.items():
        by_ring: dict[str, list[Cell]] = {}
        for cell in cells:
            if isinstance(cell, ManagedCell) and not cell.frozen:
                by_ring.setdefault(cell.ring, []).append(cell)
        for ring in facts.fleet.settings.rings:
            if ring.max_parallel > 1 and len(by_ring.get(ring.name, ())) > 1:
                found.setdefault(ring.name, []).extend(
                    _worst(facts, place, by_ring[ring.name], cells, ring.max_parallel)
                )
    for number, ring in enumerate(facts.fleet.settings.rings):
        if worst := max(found.get(ring.name, ()), key=lambda one: one.share / one.limit, default=None):
            allowed = min(one.allowed for one in found[ring.name])
            yield Violation(
                WAVES,
                ("fleet", "rings", number, "max_parallel"),
                f"one wave of ring {ring.name} can take {worst.cells} of {worst.of} cells of {worst.place} at a time",
                measured=f"{percent(worst.share)} of the {worst.unit} of {worst.place}",
                limit=f"{percent(worst.limit)}, or one cell",
                remedy=f"set `max_parallel: {allowed}`, or spread its cells over more rings",
            )


def _worst(facts: Facts, place: str, ring: Sequence[Cell], every: Sequence[Cell], parallel: int) -> Iterator[_Worst]:
    for name, unit, weigh in _MEASURES:
        total = sum(weigh(facts, cell) for cell in every)
        limit = facts.number(WAVES, name)
        # The heaviest one, the heaviest two, ...: of what share of the place.
        shares = [
            weight / total if total else 0.0
            for weight in accumulate(sorted((weigh(facts, cell) for cell in ring), reverse=True))
        ]
        cells = min(parallel, len(ring))
        if above(shares[cells - 1], limit):
            allowed = max(1, sum(not above(share, limit) for share in shares))
            if cells > allowed:
                yield _Worst(place, name, unit, cells, len(every), shares[cells - 1], limit or 1e-9, allowed)

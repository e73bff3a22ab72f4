"""Tenants that are too great for a shared cell (CAP-05), found among a million in one pass over the columns.

A finding points at the tenant's row and names the cell. Who the tenant is, is not said: findings end in build logs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from cellfleet.inventory.model import Cell
from policies.capacity.measures import REQUESTS, STORAGE, Measure, is_shared_home, percent
from policies.capacity.rules import TENANT
from policies.rule import Facts, Violation


@dataclass(frozen=True, slots=True)
class _Great:
    """One tenant's greatest part of its cell."""

    tenant: str
    cell: str
    share: float
    amount: float
    measure: Measure


def no_tenant_is_too_great(facts: Facts) -> Iterator[Violation]:
    """CAP-05: the greatest tenants of each cell one by one, and how many more there are."""
    limit, shown = facts.number(TENANT, "share"), int(facts.number(TENANT, "shown"))
    by_cell: dict[str, list[_Great]] = {}
    for great in _great(facts, limit):
        by_cell.setdefault(great.cell, []).append(great)
    for name, some in by_cell.items():
        cell = facts.fleet.cells[name]
        some.sort(key=lambda one: (-one.share, one.tenant))
        for one in some[:shown]:
            yield _violation(facts, cell, one, limit)
        if more := some[shown:]:
            yield Violation(
                TENANT,
                ("cells", name),
                f"{len(more)} more tenants of {name} each take above {percent(limit)} of what its class is for",
                measured=f"{len(some)} in all, from {percent(some[-1].share)} to {percent(some[0].share)}",
                limit=f"{percent(limit)} for each",
            )


def _violation(facts: Facts, cell: Cell, one: _Great, limit: float) -> Violation:
    capacity = one.measure.of(facts.fleet.class_of(cell).capacity)
    return Violation(
        TENANT,
        ("cells", cell.name),
        f"a tenant takes {percent(one.share)} of what class {cell.class_} of {cell.name} is for",
        measured=one.measure.told(one.amount),
        limit=f"{percent(limit)} of {one.measure.told(capacity)}: {limit * capacity:,.0f}",
        tenant=one.tenant,
    )


def _great(facts: Facts, limit: float) -> Iterator[_Great]:
    """Each tenant above the limit, once, with its greatest part."""
    if facts.tenants is None or not len(facts.tenants):
        return
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = facts.tenants.rows.combine_chunks()
    cells = rows["cell"].chunk(0)
    where = [facts.fleet.cells.get(name) for name in cells.dictionary.to_pylist()]

    def shares(measure: Measure) -> pa.Array:
        """Of each tenant; a dedicated cell is infinitely large."""
        capacities = [
            measure.of(facts.fleet.class_of(cell).capacity) if cell and is_shared_home(cell) else inf for cell in where
        ]
        every = pa.array(capacities, pa.float64()).take(cells.indices)
        return pc.divide(rows[measure.name].chunk(0), every)

    requests, storage = shares(REQUESTS), shares(STORAGE)
    over = pc.indices_nonzero(pc.greater(pc.max_element_wise(requests, storage), limit + 1e-9))
    for row in over.to_pylist():
        by_requests, by_storage = requests[row].as_py(), storage[row].as_py()
        share, measure = (by_requests, REQUESTS) if by_requests >= by_storage else (by_storage, STORAGE)
        cell, amount = cells[row].as_py(), rows[measure.name][row].as_py()
        yield _Great(rows["id"][row].as_py(), cell, share, amount, measure)

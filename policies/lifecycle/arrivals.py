"""Tenants that a change puts into a cell: whether it takes any (LIF-07, LIF-08), and whether they stay where their data
may be (LIF-13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cellfleet.inventory.finding import Rule, Severity
from cellfleet.inventory.model import Cell
from cellfleet.inventory.types import State
from policies.lifecycle import rules
from policies.lifecycle.before import Was
from policies.lifecycle.holding import tenants
from policies.rule import Facts, Violation

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants


@dataclass(frozen=True, slots=True)
class _Arrivals:
    """Tenants that were in one place, or nowhere, and are in one cell now."""

    count: int
    first: str
    """The id of the first of them."""


def arrivals(facts: Facts) -> Iterator[Violation]:
    """Yield a violation for each cell that takes no tenants and gains some, and for each that gains some of another
    locality: at the row of the first."""
    before = facts.before
    if facts.tenants is None or before is None or before.tenants is None:
        return
    gained: dict[str, _Arrivals] = {}
    crossed: dict[tuple[str, str], _Arrivals] = {}
    for (was, now), some in _moved(before.tenants, facts.tenants).items():
        cell, origin = facts.fleet.cells[now], before.cells.get(was or "")
        if was != now:
            gained[now] = _together(gained.get(now), some)
        if origin is not None and origin.locality != cell.locality:
            crossed[origin.locality, now] = _together(crossed.get((origin.locality, now)), some)
    for name, some in gained.items():
        yield from _gained(facts, facts.fleet.cells[name], before.cells.get(name), some)
    for (locality, name), some in crossed.items():
        yield _crossed(facts.fleet.cells[name], locality, some)


def _gained(facts: Facts, cell: Cell, was: Was | None, some: _Arrivals) -> Iterator[Violation]:
    """Where the directory decides who lives where, the tenants may have come before the state changed."""
    if (closed := _closed(cell)) is None:
        return
    rule, key, why = closed
    severity = None
    if facts.fleet.tenants is not None and facts.fleet.tenants.authority == "directory":
        if was is None or was.state is not cell.state:
            return
        severity = Severity.WARNING
    count = tenants(some.count)
    message = f"{cell.name} is {why}, and gains {count}"
    path = ("cells", cell.name, key)
    yield Violation(rule, path, message, count, "none", severity=severity, tenant=some.first)


def _closed(cell: Cell) -> tuple[Rule, str, str] | None:
    """By which rule a cell that holds tenants takes no more, which key says so, and why; None where it takes them."""
    if cell.state is State.DRAINING:
        return rules.DRAINING, "state", "draining"
    if cell.state is State.CORDONED:
        return rules.TENANTS, "state", "cordoned"
    if cell.state is State.ACTIVE and cell.frozen:
        return rules.TENANTS, "frozen", "frozen"
    return None


def _crossed(cell: Cell, locality: str, some: _Arrivals) -> Violation:
    count = tenants(some.count)
    message = f"{count} of {locality} would live in {cell.name}, which is in {cell.locality}"
    remedy = f"name a cell of {locality}; {rules.LOCALITY.remedy}"
    path = ("cells", cell.name)
    return Violation(rules.LOCALITY, path, message, cell.locality, locality, remedy, tenant=some.first)


def _together(one: _Arrivals | None, other: _Arrivals) -> _Arrivals:
    return other if one is None else _Arrivals(one.count + other.count, one.first)


def _moved(before: Tenants, after: Tenants) -> Mapping[tuple[str | None, str], _Arrivals]:
    """Tenants by the cell that they were in, None for new ones, and the one that they are in.

    Most changes leave the tenants as they are, and to look a million of them up takes half a second.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    was = before.rows["cell"].combine_chunks()
    if not after.rows["id"].equals(before.rows["id"]):
        ids = before.rows["id"].combine_chunks()
        was = was.take(pc.index_in(after.rows["id"], value_set=ids).combine_chunks())
    table = pa.table({"id": after.rows["id"], "was": was, "now": after.rows["cell"]})
    groups = table.group_by(["was", "now"], use_threads=False).aggregate([("id", "count"), ("id", "first")])
    return {(row["was"], row["now"]): _Arrivals(row["id_count"], row["id_first"]) for row in groups.to_pylist()}

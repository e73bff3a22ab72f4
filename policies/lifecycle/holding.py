"""Cells that cannot hold the tenants that are in them, or that are to come (LIF-07, LIF-10, LIF-11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from cellfleet.inventory.fault import listed
from cellfleet.inventory.finding import Rule
from cellfleet.inventory.lifecycle import STARTS
from cellfleet.inventory.model import Cell
from cellfleet.inventory.types import State, Tenancy
from policies.lifecycle import rules
from policies.lifecycle.before import Was
from policies.lifecycle.removal import removed
from policies.rule import Facts, Violation

_NONE: Final = "none"


def holding(facts: Facts) -> Iterator[Violation]:
    """Yield a violation for each cell whose state allows no tenants and that has some, and for each dedicated cell with
    more than one: at the row of the first."""
    loads = facts.tenants.by_cell if facts.tenants else {}
    wrong: list[tuple[Rule, Cell, str, str]] = []
    for name, load in loads.items():
        cell = facts.fleet.cells[name]
        if load.tenants and cell.state is State.RETIRED:
            wrong.append((rules.DELETION, cell, "state", _NONE))
        elif load.tenants and cell.state in STARTS:
            wrong.append((rules.TENANTS, cell, "state", _NONE))
        elif load.tenants > 1 and cell.tenancy is Tenancy.DEDICATED:
            wrong.append((rules.TENANTS, cell, "tenancy", "1 tenant"))
    first = _first(facts) if wrong else {}
    for rule, cell, key, limit in wrong:
        count = tenants(loads[cell.name].tenants)
        path, is_what = ("cells", cell.name, key), getattr(cell, key)
        message = f"{cell.name} is {is_what}, and {count} {_are(loads[cell.name].tenants)} in it"
        yield Violation(rule, path, message, count, limit, tenant=first[cell.name])


def deletion(facts: Facts) -> Iterator[Violation]:
    """Yield a violation for each cell that is removed or retired by the change, and had tenants before it."""
    loads = facts.before.tenants.by_cell if facts.before and facts.before.tenants else {}
    for was in removed(facts):
        yield from _deleted(was, "removed", ("cells", was.name), loads)
    for name, was in facts.before.cells.items() if facts.before else ():
        cell = facts.fleet.cells.get(name)
        now = facts.load(name) if cell else None
        if cell and cell.state is State.RETIRED and was.state is not State.RETIRED and not (now and now.tenants):
            yield from _deleted(was, "retired", ("cells", name, "state"), loads)


def new_tenants(facts: Facts) -> Iterator[Violation]:
    """Yield a violation for each locality whose new tenants go to a cell that does not take them.

    A locality that serves nobody yet, or nobody any more, has to name one of its own cells only.
    """
    for name, locality in facts.fleet.localities.items():
        cell, own = facts.fleet.cells[locality.new_tenants], facts.by_locality[name]
        if cell.locality != name:
            seen = f"in {cell.locality}"
        elif not any(each.routed for each in own):
            continue
        elif cell.state is not State.ACTIVE:
            seen = cell.state
        elif cell.tenancy is Tenancy.DEDICATED:
            seen = cell.tenancy
        elif cell.frozen or cell.fenced:
            seen = "frozen" if cell.frozen else "fenced"
        else:
            continue
        could = listed(each.name for each in own if _takes(each))
        message = f"new tenants of {name} go to {cell.name}, which is {seen}"
        limit = f"an active, shared cell of {name}, neither frozen nor fenced"
        remedy = f"name one of {could}" if could else f"no cell of {name} takes tenants: add one"
        yield Violation(rules.NEW_TENANTS, ("localities", name, "new_tenants"), message, seen, limit, remedy)


def tenants(count: int) -> str:
    """`1 tenant`, `2,000 tenants`."""
    return "1 tenant" if count == 1 else f"{count:,} tenants"


def _deleted(was: Was, how: str, path: tuple[str, ...], loads: Mapping[str, object]) -> Iterator[Violation]:
    count = getattr(loads.get(was.name), "tenants", 0)
    if count:
        message = f"{was.name} is {how} by the same change that moves {tenants(count)} out of it"
        yield Violation(rules.DELETION, path, message, tenants(count), f"{_NONE} before the change")


def _takes(cell: Cell) -> bool:
    return cell.state is State.ACTIVE and cell.tenancy is Tenancy.SHARED and not (cell.frozen or cell.fenced)


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _first(facts: Facts) -> Mapping[str, str]:
    """The id of the first tenant of each cell."""
    assert facts.tenants
    firsts = facts.tenants.rows.group_by("cell", use_threads=False).aggregate([("id", "first")])
    return {row["cell"]: row["id_first"] for row in firsts.to_pylist()}

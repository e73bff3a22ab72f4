"""Frozen cells, which no change touches (LIF-12)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel

from cellfleet.inventory.fault import listed
from cellfleet.inventory.model import Cell
from policies.lifecycle import rules
from policies.rule import Facts, Violation

_MAY_CHANGE: Final = frozenset({"fenced"})
"""What is of a cell but changes nothing in it: it is the routers that answer for a fenced one."""


def frozen(facts: Facts) -> Iterator[Violation]:
    """Yield a violation for each value of a cell that was frozen, still is, and is declared differently.

    What the cell has from its ring or class is not its own: a release goes around it, and classes have LIF-03.
    """
    before = facts.before.fleet if facts.before else None
    for name, was in before.cells.items() if before else ():
        if not was.frozen:
            continue
        cell = facts.fleet.cells.get(name)
        if cell is None:
            yield Violation(rules.FROZEN, ("cells", name), f"{name} is frozen, and removed", "removed", "unchanged")
        elif cell.frozen:
            yield from _changed(cell, was)


def _changed(cell: Cell, was: Cell) -> Iterator[Violation]:
    fields = {**type(was).model_fields, **type(cell).model_fields}
    for name, described in fields.items():
        now, then = getattr(cell, name, None), getattr(was, name, None)
        if now != then and name not in _MAY_CHANGE:
            key = described.alias or name
            message = f"{cell.name} is frozen, and its {key} changes"
            yield Violation(rules.FROZEN, ("cells", cell.name, key), message, _told(now), _told(then))


def _told(value: Any) -> str:
    match value:
        case None:
            return "none"
        case BaseModel():
            return listed(f"{name}: {_told(part)}" for name, part in value if part is not None)
        case dict():
            return listed(f"{name}: {_told(part)}" for name, part in value.items()) or "none"
        case tuple():
            return listed(map(_told, value)) or "none"
        case bool():
            return str(value).lower()
        case _:
            return str(value)

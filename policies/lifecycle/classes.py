"""Classes that cells are of: they are succeeded, not edited (LIF-03)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from cellfleet.inventory.fault import Path, dotted, listed
from cellfleet.inventory.types import State
from policies.lifecycle import rules
from policies.lifecycle.declared import size_of
from policies.rule import Facts, Violation

_HAVE_NONE: Final = (State.PLANNED, State.RETIRED)
"""States of cells that have no infrastructure yet, or none for long."""


def classes(facts: Facts) -> Iterator[Violation]:
    """Yield a violation for each value of a class that differs from what cells of it were made by.

    Pods of a service that is new or gone are no edit of the class: every class has to say something of every service.
    """
    if facts.before is None:
        return
    sizes = {name: size_of(cell_class) for name, cell_class in facts.fleet.classes.items()}
    changed: dict[tuple[str, str], dict[str, float]] = {}
    for name, was in facts.before.cells.items():
        cell = facts.fleet.cells.get(name)
        if cell is None or cell.class_ != was.class_ or was.state in _HAVE_NONE:
            continue
        for part, value in was.size.items():
            if sizes[was.class_].get(part, value) != value:
                changed.setdefault((was.class_, part), {})[name] = value
    for (name, part), cells in changed.items():
        yield _edited(name, part, sizes[name][part], cells)


def _edited(name: str, part: str, now: float, cells: Mapping[str, float]) -> Violation:
    path: Path = ("classes", name, *part.split("."))
    told: Callable[[float], str] = _number
    if part == "nat.zonal":
        path, told = ("classes", name, "nat"), _nat
    are = "is" if len(cells) == 1 else "are"
    message = f"{dotted(path[2:])} of the class {name} changes, and {listed(sorted(cells))} {are} of it"
    then = " or ".join(told(value) for value in sorted({*cells.values()}))
    return Violation(rules.CLASS, path, message, told(now), then, concerns=tuple(f"cells.{cell}" for cell in cells))


def _number(value: float) -> str:
    return f"{int(value):,}" if value == int(value) else f"{value:,}"


def _nat(zonal: float) -> str:
    return "zonal" if zonal else "single"

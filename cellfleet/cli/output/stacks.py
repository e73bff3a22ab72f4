"""What became of a fleet's stacks: the table and what stands below it, or JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.table import Table

from cellfleet.engine.events import COUNTED
from cellfleet.engine.report import FORMAT_VERSION, Outcome, Report, Result
from cellfleet.inventory.model import Cell, Fleet, ManagedCell
from cellfleet.inventory.stack import Kind, Stack

_SHOWN = 12
"""Changes of one stack that are named; the rest is counted."""
_COLOURS = {
    Result.UNCHANGED: "dim",
    Result.CHANGES: "yellow",
    Result.DRIFTED: "yellow",
    Result.DEPLOYED: "green",
    Result.DESTROYED: "green",
}


def write(fleet: Fleet, report: Report, *, output: str, command: str, exit_code: int, whole: bool) -> None:
    """Write a report to stdout; `whole` adds the cells that have no stacks."""
    if output == "json":
        json.dump(_as_json(fleet, report, command, exit_code), sys.stdout, indent=2)
        print()
        return
    # a pipe has no width to fit into
    console = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else 180)
    console.print(_table(fleet, report, whole))
    for line in _below(report):
        console.print(line, markup=False)


def _table(fleet: Fleet, report: Report, whole: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("cell", "provider", "region", "state", "stack", "result"):
        table.add_column(heading, no_wrap=True)
    for heading in (*COUNTED, "seconds"):
        table.add_column(heading, justify="right", no_wrap=True)
    shown = set()
    by_cell = sorted(report.outcomes, key=lambda outcome: _place_in(fleet, outcome))
    for outcome in by_cell:
        cell = _cell_of(fleet, outcome)
        about = ("", "", "", "")
        if cell is None or cell.name not in shown:
            about = _about(cell)
        if cell is not None:
            shown.add(cell.name)
        colour = _COLOURS.get(outcome.result, "red")
        counts = [str(outcome.counts.get(kind, 0) or "") for kind in COUNTED]
        result = f"[{colour}]{outcome.result}[/{colour}]"
        table.add_row(*about, outcome.stack, result, *counts, f"{outcome.seconds:.1f}")
    for cell in fleet.cells.values() if whole else ():
        if cell.name not in shown:
            table.add_row(*_about(cell), "", "[dim]no stacks[/dim]")
    return table


def _below(report: Report) -> Iterator[str]:
    """What a table has no room for: changes by name, failures with what to do, what was recovered, strays."""
    for outcome in report.outcomes:
        named = [change for change in outcome.changes if change.kind != "create"]
        if outcome.result in (Result.CHANGES, Result.DRIFTED, Result.DEPLOYED) and named:
            yield f"{outcome.stack}:"
            for change in named[:_SHOWN]:
                what = f" ({', '.join(change.properties)})" if change.properties else ""
                yield f"  {change.kind} {change.name}{what}, {change.type}"
            if len(named) > _SHOWN:
                yield f"  and {len(named) - _SHOWN} more"
    for outcome in report.outcomes:
        for found in outcome.recovered:
            yield f"{outcome.stack}: {found}"
    for outcome in report.outcomes:
        if outcome.message:
            yield f"{outcome.stack} {outcome.result}: {outcome.message}"
            if outcome.remedy:
                yield f"  {outcome.remedy}"
    if report.strays:
        yield f"In the backend, but not asked for by the inventory: {', '.join(report.strays)}."
        yield "  Destroy them by name (cellfleet destroy), or put their cells back into the inventory."
    tally = {kind: sum(outcome.counts.get(kind, 0) for outcome in report.outcomes) for kind in COUNTED}
    stacks = f"{len(report.outcomes)} stack{'s' * (len(report.outcomes) != 1)}"
    yield f"{stacks} in {report.seconds:.1f} s: " + ", ".join(f"{number:,} {kind}" for kind, number in tally.items())


def _as_json(fleet: Fleet, report: Report, command: str, exit_code: int) -> dict[str, object]:
    stacks = []
    for outcome in report.outcomes:
        cell = _cell_of(fleet, outcome)
        about: dict[str, str] = {}
        if cell:
            about = {"cell": cell.name, "locality": cell.locality, "state": str(cell.state)}
        if isinstance(cell, ManagedCell):
            about |= {"provider": str(cell.provider), "region": cell.region, "ring": cell.ring, "class": cell.class_}
        stacks.append({**about, **outcome.as_json()})
    return {
        "format_version": FORMAT_VERSION,
        "command": command,
        "project": fleet.project,
        "exit_code": exit_code,
        "seconds": round(report.seconds, 2),
        "phases": {name: round(seconds, 2) for name, seconds in report.phases.items()},
        "stacks": stacks,
        "strays": list(report.strays),
    }


def _cell_of(fleet: Fleet, outcome: Outcome) -> Cell | None:
    stack = Stack.parse(outcome.stack)  # a locality may have a cell's name
    return fleet.cells.get(stack.subject) if stack.kind in (Kind.CELL, Kind.WORKLOAD) else None


def _place_in(fleet: Fleet, outcome: Outcome) -> tuple[int, str, int]:
    """Cells in the inventory's order, each with its stacks; then what is no cell's."""
    stack = Stack.parse(outcome.stack)
    names = list(fleet.cells)
    position = names.index(stack.subject) if _cell_of(fleet, outcome) else len(names)
    return position, stack.subject, [*Kind].index(stack.kind)


def _about(cell: Cell | None) -> tuple[str, str, str, str]:
    match cell:
        case None:
            return "", "", "", ""
        case ManagedCell():
            return cell.name, str(cell.provider), cell.region, str(cell.state)
        case _:
            return cell.name, "unmanaged", "", str(cell.state)

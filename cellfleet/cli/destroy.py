"""`cellfleet destroy`: delete stacks with all that they hold."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from pathlib import Path

from cellfleet.cli import BAD_INVOCATION, VIOLATED, InventoryPath
from cellfleet.cli.deploy import (
    CANCELLED,
    Accept,
    Adopt,
    Output,
    Parallel,
    Session,
    Yes,
    accepted,
    confirm,
    exit_code,
    session,
)
from cellfleet.cli.options import Sandbox
from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.stack import Kind, Stack


def destroy(
    *stacks: str,
    inventory: InventoryPath = Path("cells.yaml"),
    sandbox: Sandbox = False,
    yes: Yes = False,
    parallel: Parallel = 0,
    output: Output = "text",
    accept: Accept = (),
    adopt: Adopt = (),
) -> int:
    """Delete stacks with all that they hold, in the reverse of the order of additions.

    Each cell whose stack is among them has to be named once more: `--accept destroy=us-old-1`.

    Parameters
    ----------
    stacks
        Names or globs of stacks (`*-us-old-1`); all of them when none is given.
    inventory
        The fleet's file.
    """
    from cellfleet.cli.output.stacks import write
    from cellfleet.engine.report import Report

    began = time.monotonic()
    losses = accepted(accept)
    with session(inventory, stacks, sandbox=sandbox, parallel=parallel, adopt=adopt, destroying=True) as run:
        chosen = [task.stack for task in run.runner.tasks]
        _refuse(run.fleet, chosen, run.runner.operations.existing, losses)
        _refuse_routed(run, chosen)
        previewed = run.runner.preview_destroy()
        report = Report(previewed, seconds=time.monotonic() - began)
        if not report.failed:
            number = sum(outcome.counts.get("delete", 0) for outcome in previewed)
            if not confirm(f"Delete {number:,} resources and {len(previewed)} stacks?", yes=yes):
                return CANCELLED
            report = Report(run.runner.destroy(), seconds=time.monotonic() - began)
    code = exit_code(report)
    write(run.fleet, report, output=output, command="destroy", exit_code=code, whole=False)
    return code


def _refuse_routed(run: Session, chosen: Iterable[str]) -> None:
    """Raise Failure for what routers still rely on: they let go of it first."""
    from cellfleet.engine.workspace import stack_outputs

    named = {Stack.parse(name) for name in chosen}
    on = run.runner.operations
    routing = [Stack.parse(name) for name in on.existing if name.startswith(f"{Kind.ROUTING}-")]
    for each in sorted(stack.name for stack in routing if stack not in named):
        locality = Stack.parse(each).subject
        if Stack(Kind.REGISTRY, locality) in named:
            raise Failure(
                f"Routers go before their registry: {each} still stands.", "Name it as well.", exit_code=BAD_INVOCATION
            )
        routed = stack_outputs(on.place, on.cli, each).get("cells", ())
        if held := sorted({stack.subject for stack in named if stack.kind in (Kind.CELL, Kind.WORKLOAD)} & {*routed}):
            raise Failure(
                f"Routers still send requests to {', '.join(held)}.",
                f"Run `cellfleet up {each} registry-{locality}` first: it takes them out.",
                exit_code=BAD_INVOCATION,
            )


def _refuse_tenants(fleet: Fleet, cells: Iterable[str]) -> None:
    """Raise Failure where tenants are listed in one of the cells (LIF-10), as they can be in one that is retired."""
    from stacks.tenants import tenants_of

    try:
        tenants = tenants_of(fleet)
    except Failure as failure:  # which keeps nobody from destroying what is left of a fleet
        print(f"{failure.message} Whether tenants are listed in a cell is not known.", file=sys.stderr)
        return
    listed = {cell: tenants.by_cell[cell].tenants for cell in cells if cell in tenants.by_cell} if tenants else {}
    if told := ", ".join(f"{count:,} in {cell}" for cell, count in listed.items() if count):
        raise Failure(
            f"No cell is deleted with tenants in it (LIF-10), and nothing waives this: the tenant file lists {told}.",
            "Move them out first: `cellfleet tenant move`.",
            exit_code=VIOLATED,
        )


def _refuse(fleet: Fleet, chosen: Iterable[str], existing: frozenset[str], losses: frozenset[str]) -> None:
    """Raise Failure for what must not be destroyed: all of it at once, before anything is touched."""
    named = [Stack.parse(name) for name in chosen]
    guarded = [
        cell for stack in named
        if stack.kind is Kind.CELL and isinstance(cell := fleet.cells.get(stack.subject), ManagedCell) and cell.guarded
    ]  # fmt: skip
    if guarded:
        told = ", ".join(f"{cell.name} is {cell.state}" for cell in guarded)
        raise Failure(
            f"Cells that hold tenants are not destroyed: {told}.",
            "Drain it, set its state to retired in the inventory, and run `cellfleet up`: it takes the protection off.",
            exit_code=BAD_INVOCATION,
        )
    _refuse_tenants(fleet, [stack.subject for stack in named if stack.kind is Kind.CELL])
    held = [
        f"workload-{stack.subject}" for stack in named
        if stack.kind is Kind.CELL and Stack(Kind.WORKLOAD, stack.subject).name in existing
        and Stack(Kind.WORKLOAD, stack.subject) not in named
    ]  # fmt: skip
    if held:
        raise Failure(
            f"What runs in a cell goes before the cell: {', '.join(held)} still stands.",
            "Name it as well.",
            exit_code=BAD_INVOCATION,
        )
    unsaid = sorted({stack.subject for stack in named if stack.kind is Kind.CELL} - losses)
    if unsaid:
        raise Failure(
            f"The loss of a cell has to be said to be meant: {', '.join(unsaid)}.",
            "Give " + " ".join(f"--accept destroy={cell}" for cell in unsaid),
            exit_code=BAD_INVOCATION,
        )

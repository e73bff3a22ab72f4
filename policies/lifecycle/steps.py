"""The steps of cells' lives: each an allowed one, and one cell's in a change (LIF-01, LIF-09)."""

from __future__ import annotations

from collections.abc import Iterator

from cellfleet.inventory.fault import listed
from cellfleet.inventory.lifecycle import STARTS, allowed, next_states, way
from cellfleet.inventory.model import Cell, ManagedCell
from cellfleet.inventory.types import State
from policies.lifecycle import rules
from policies.lifecycle.before import Before, Was
from policies.rule import Facts, Violation


def states(facts: Facts) -> Iterator[Violation]:
    """Yield a violation for each cell that comes to a state by no allowed step, or begins in one that is no beginning.

    Of what is deployed nobody knows how long ago a cell that is not in it was declared, so none of those are judged;
    nor are the cells of an inventory that is new as a whole, or cells run by other means, which serve already.
    """
    if (before := facts.before) is None:
        return
    for name, cell in facts.fleet.cells.items():
        was = before.cells.get(name)
        if was is not None and not allowed(was.state, cell.state):
            yield _step(cell, was.state)
        elif was is None and not _may_begin(cell, before):
            message = f"{name} is new, and begins as {cell.state}"
            remedy = "begin with provisioning, and make it active in a later change"
            limit = listed(STARTS)
            yield Violation(rules.STATES, ("cells", name, "state"), message, cell.state, limit, remedy)


def one_step(facts: Facts) -> Iterator[Violation]:
    """Yield a violation for each cell whose state changes, where more than one does.

    In review only: a deployment may bring what was merged by several changes, each of which was judged.
    """
    if (before := facts.before) is None or before.deployed:
        return
    moved = [(cell, was) for cell, was in _both(facts, before) if cell.state is not was.state]
    for cell, was in moved if len(moved) > 1 else ():
        others = "another cell changes" if len(moved) == 2 else f"{len(moved) - 1:,} other cells change"
        message = f"{cell.name} goes from {was.state} to {cell.state}, and {others} state too"
        yield Violation(rules.ONE_STEP, ("cells", cell.name, "state"), message, f"{len(moved):,} cells", "1 cell")


def _both(facts: Facts, before: Before) -> Iterator[tuple[Cell, Was]]:
    for name, cell in facts.fleet.cells.items():
        if (was := before.cells.get(name)) is not None:
            yield cell, was


def _may_begin(cell: Cell, before: Before) -> bool:
    if before.deployed or not before.cells or not isinstance(cell, ManagedCell):
        return True
    return cell.state in STARTS or (cell.restores is not None and cell.state is State.ACTIVE)


def _step(cell: Cell, was: State) -> Violation:
    measured = f"{was} to {cell.state}"
    following = next_states(was)
    limit = f"{was} to {' or '.join(following)}" if following else f"{was} is the last state"
    if steps := way(was, cell.state):
        remedy = f"make a change of each step: {', '.join(steps)}"
    else:
        remedy = "there is no way back: add another cell" if following else "add another cell; this one can be removed"
    message = f"{cell.name} goes from {was} to {cell.state}, which is no step"
    return Violation(rules.STATES, ("cells", cell.name, "state"), message, measured, limit, remedy)

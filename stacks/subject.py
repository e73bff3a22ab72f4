"""The cell that a stack is about."""

from __future__ import annotations

import difflib

from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet, ManagedCell


def cell_of(fleet: Fleet, name: str) -> ManagedCell:
    """The cell of that name, which has infrastructure.

    Raises Failure for one that the inventory lacks, that is planned only, or that is run by other means.
    """
    match fleet.cells.get(name):
        case ManagedCell(deployed=True) as cell:
            return cell
        case ManagedCell():
            raise Failure(
                f"cell {name} is planned: it has no infrastructure yet",
                f"set cells.{name}.state to provisioning to give it some",
            )
        case None:
            near = difflib.get_close_matches(name, fleet.cells, 1)
            hint = f"did you mean {near[0]}? Otherwise " if near else ""
            raise Failure(
                f"the inventory has no cell {name!r}",
                f"{hint}declare it under cells:, or, if it was removed, destroy the stacks that it left behind",
            )
        case _:
            raise Failure(
                f"cell {name} is unmanaged: cellfleet deploys nothing for it",
                f"remove `managed: false` from cells.{name} and declare its infrastructure, or leave it as it is",
            )

"""`cellfleet cell remove`: a cell leaves the inventory, and a tombstone keeps its id and name from being used again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from cellfleet.cli import VIOLATED, InventoryPath
from cellfleet.cli.cell.asked import declared, read, resting, today
from cellfleet.cli.edited import Diff, Edits, carry_out
from cellfleet.failure import Failure
from cellfleet.inventory.edit.draft import Draft
from cellfleet.inventory.model import ManagedCell


def remove(
    name: str,
    /,
    *,
    inventory: InventoryPath = Path("cells.yaml"),
    as_of: date | None = None,
    diff: Diff = False,
) -> int:
    """Take a planned or retired cell out of the inventory, once its stacks are gone (`cellfleet destroy`).

    Parameters
    ----------
    name
        The cell.
    inventory
        The fleet's file.
    as_of
        The day that the tombstone has, such as 2026-12-31; today where it is not given.
    diff
        Show the lines that would change, and change nothing.
    """
    fleet, tenants = read(inventory)
    cell = declared(fleet, name)
    if tenants and (count := tenants.by_cell[name].tenants):
        raise Failure(
            f"LIF-10: {count:,} tenant{'s live' if count > 1 else ' lives'} in {name}.",
            f"Empty it first: cellfleet cell drain {name}",
            exit_code=VIOLATED,
        )
    day = as_of or today()
    draft = Draft.of(fleet).remove(name, day)
    outcome = carry_out(Edits(fleet, tenants, draft, withdrawing=True), inventory, day, dry=diff, show=diff)
    if outcome.exit_code == 0:
        rests = f", and its range for {int(resting(fleet, day))} days" if isinstance(cell, ManagedCell) else ""
        print(f"{name} is removed; its tombstone keeps the id {cell.id} and the name for ever{rests}.")
        print(outcome)
    return outcome.exit_code

"""`cellfleet cell set-state`: one step of a cell's life."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from cellfleet.cli import InventoryPath
from cellfleet.cli.cell.asked import declared, read, today
from cellfleet.cli.edited import Diff, Edits, carry_out
from cellfleet.inventory.edit.draft import Draft
from cellfleet.inventory.lifecycle import next_states
from cellfleet.inventory.types import State

_WITHDRAWING = (State.CORDONED, State.DRAINING, State.RETIRED)


def set_state(
    name: str,
    state: State,
    /,
    *,
    inventory: InventoryPath = Path("cells.yaml"),
    as_of: date | None = None,
    diff: Diff = False,
) -> int:
    """Take a cell one step on: planned, provisioning, active, cordoned, draining, retired; and back where that is safe.

    Parameters
    ----------
    name
        The cell.
    state
        Its next state.
    inventory
        The fleet's file.
    as_of
        The day to judge the change for, such as 2026-12-31; today where it is not given.
    diff
        Show the lines that would change, and change nothing.
    """
    fleet, tenants = read(inventory)
    before = declared(fleet, name).state
    if before is state:
        print(f"{name} is {state} already.")
        return 0
    draft = Draft.of(fleet).state(name, state)
    edits = Edits(fleet, tenants, draft, withdrawing=state in _WITHDRAWING)
    outcome = carry_out(edits, inventory, as_of or today(), dry=diff, show=diff)
    if outcome.exit_code == 0:
        after = " or ".join(next_states(state))
        print(
            f"{name}: {before} -> {state}. "
            + (f"Next comes {after}." if after else "Its stacks are to be destroyed next.")
        )
        print(outcome)
    return outcome.exit_code

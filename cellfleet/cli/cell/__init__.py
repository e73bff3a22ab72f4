"""`cellfleet cell`: edit the cells of the inventory, one module a verb.

Only the lines concerned change, and what an edit would violate is refused with the finding (`cellfleet.cli.edited`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from cellfleet.cli import BAD_INVOCATION
from cellfleet.cli.tenants import tenants_of
from cellfleet.failure import Failure
from cellfleet.inventory.fault import similar
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Cell, Fleet

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants

app = App(name="cell", help="Edit the cells of the inventory; only the lines concerned change.")
app.command("cellfleet.cli.cell.add:add", name="add", help="Add a cell that is like another.")
app.command("cellfleet.cli.cell.set_state:set_state", name="set-state", help="Take a cell one step on in its life.")
app.command("cellfleet.cli.cell.drain:drain", name="drain", help="Empty a cell, as far as one change may.")
app.command("cellfleet.cli.cell.remove:remove", name="remove", help="Take a cell out, and leave a tombstone.")


def read(inventory: Path) -> tuple[Fleet, Tenants | None]:
    """The fleet and its tenants. Raises Invalid."""
    fleet = load(inventory)
    tenants, _ = tenants_of(fleet, inventory)
    return fleet, tenants


def declared(fleet: Fleet, name: str) -> Cell:
    """The cell of a name. Raises Failure where there is none."""
    if name not in fleet.cells:
        remedy = similar(name, fleet.cells).capitalize() or "Cells have the names that stand under `cells:`."
        raise Failure(f"There is no cell {name}.", remedy, exit_code=BAD_INVOCATION)
    return fleet.cells[name]


def today() -> date:
    return datetime.now(UTC).date()

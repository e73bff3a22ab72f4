"""What every verb of cells begins with: the fleet and its tenants, a cell of it, and the day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cellfleet.cli import BAD_INVOCATION
from cellfleet.cli.tenants import tenants_of
from cellfleet.failure import Failure
from cellfleet.inventory.fault import similar
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Cell, Fleet
from policies.lifecycle.rules import REUSE
from policies.rule import Facts

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants


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


def resting(fleet: Fleet, day: date) -> float:
    """Days for which this fleet gives the range of a removed cell to no other."""
    return Facts(fleet, None, day).number(REUSE, "days")


def today() -> date:
    return datetime.now(UTC).date()

"""`cellfleet tenant`: where tenants live, one module a verb."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from cellfleet.cli import BAD_INVOCATION
from cellfleet.cli.tenants import tenants_of
from cellfleet.failure import Failure
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Fleet

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants

app = App(name="tenant", help="Where tenants live.")
app.command("cellfleet.cli.tenant.place:place", name="place", help="Give a new tenant a cell.")
app.command("cellfleet.cli.tenant.move:move", name="move", help="Move tenants to other cells of their locality.")


def read(inventory: Path) -> tuple[Fleet, Tenants]:
    """The fleet and its tenants. Raises Invalid, and Failure where the inventory names no tenant file."""
    fleet = load(inventory)
    tenants, _ = tenants_of(fleet, inventory)
    if tenants is None:
        raise Failure(
            f"{inventory} names no tenant file, so nobody knows who lives where.",
            "Name one: tenants: {file: tenants.csv, authority: inventory}",
            exit_code=BAD_INVOCATION,
        )
    return fleet, tenants

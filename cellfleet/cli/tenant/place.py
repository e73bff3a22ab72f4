"""`cellfleet tenant place`: a new tenant gets a cell."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cellfleet.cli import BAD_INVOCATION, VIOLATED, InventoryPath
from cellfleet.cli.cell.asked import today
from cellfleet.cli.edited import Diff, Edits
from cellfleet.cli.placing import limits_of, tenants_to_place
from cellfleet.cli.planned import PlanOutput, carry_out_plan, decided_here, refuse_elsewhere
from cellfleet.failure import Failure
from cellfleet.inventory.edit.draft import Draft
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.tenants.edit import Row
from cellfleet.placement.plan import NewTenant
from cellfleet.placement.plan import place as plan_to_place


def place(
    slug: str,
    /,
    *,
    id: str,
    locality: str | None = None,
    requests_per_second: float = 0.0,
    storage_gib: float = 0.0,
    group: str = "",
    dedicated: Annotated[bool, Parameter(negative="")] = False,
    inventory: InventoryPath = Path("cells.yaml"),
    as_of: date | None = None,
    output: PlanOutput = "text",
    diff: Diff = False,
) -> int:
    """Give a new tenant a cell, and add its row to the tenant file.

    Where the product's directory decides who lives where, the plan is shown and the file stays as it is.

    Parameters
    ----------
    slug
        Its name in hosts and paths.
    id
        Its unchanging id.
    locality
        Where its data is to be; the only one where it is not given.
    requests_per_second
        Its expected peak.
    storage_gib
        What it is expected to store.
    group
        Tenants of one group are spread over cells.
    dedicated
        It gets a cell to itself.
    inventory
        The fleet's file.
    as_of
        The day to judge the change for, such as 2026-12-31; today where it is not given.
    output
        text, or json: the whole plan, for the program that carries it out.
    diff
        Show the lines that would change, and change nothing.
    """
    fleet = load(inventory)
    tenants = tenants_to_place(fleet, inventory)
    if not diff and output == "text":
        refuse_elsewhere(fleet)
    new = NewTenant(id, slug, requests_per_second, storage_gib, group, dedicated)
    plan = plan_to_place(fleet, tenants, [new], locality or _only(fleet), limits=limits_of(fleet))
    rows = [
        Row(id, slug, move.to_cell, group, requests_per_second, storage_gib)
        for move in plan.moves
        if decided_here(fleet)
    ]
    dry = diff or not rows
    edits = Edits(fleet, tenants, Draft.of(fleet), rows=rows)
    code = carry_out_plan(edits, plan, inventory, as_of or today(), dry=dry, output=output)
    return VIOLATED if plan.unplaced else code


def _only(fleet: Fleet) -> str:
    if len(fleet.localities) > 1:
        known = ", ".join(fleet.localities)
        message = f"The tenant's data stays in its locality, and there are {len(fleet.localities)}."
        raise Failure(message, f"Say which: --locality, one of {known}.", exit_code=BAD_INVOCATION)
    return next(iter(fleet.localities))

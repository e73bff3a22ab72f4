"""`cellfleet tenant move`: some tenants to another cell of their locality."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from cellfleet.cli import VIOLATED, InventoryPath
from cellfleet.cli.cell.asked import today
from cellfleet.cli.edited import Diff, Edits
from cellfleet.cli.placing import limits_of, tenants_to_place
from cellfleet.cli.planned import PlanOutput, carry_out_plan, decided_here, refuse_elsewhere
from cellfleet.inventory.edit.draft import Draft
from cellfleet.inventory.load import load
from cellfleet.placement.plan import move as plan_to_move


def move(
    tenant: str,
    /,
    *tenants: str,
    to: str | None = None,
    inventory: InventoryPath = Path("cells.yaml"),
    as_of: date | None = None,
    output: PlanOutput = "text",
    diff: Diff = False,
) -> int:
    """Move tenants of one locality to a cell, or to the best that there is for each; all of them, or none.

    Where the product's directory decides who lives where, the plan is shown and the file stays as it is.

    Parameters
    ----------
    tenant
        A tenant's slug, alias or id.
    tenants
        More of them.
    to
        The cell to move them to.
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
    known = tenants_to_place(fleet, inventory)
    if not diff and output == "text":
        refuse_elsewhere(fleet)
    plan = plan_to_move(fleet, known, (tenant, *tenants), to, limits=limits_of(fleet))
    dry = diff or bool(plan.unplaced) or not decided_here(fleet)
    edits = Edits(fleet, known, Draft.of(fleet))
    said = ["All of them move, or none."] if plan.unplaced else []
    code = carry_out_plan(edits, plan, inventory, as_of or today(), dry=dry, output=output, said=said)
    return VIOLATED if plan.unplaced else code

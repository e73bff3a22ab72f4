"""`cellfleet cell drain`: a cell is emptied, as far as one change may, and again until nobody is left in it.

A change takes a cell one step on in its life, so an active cell is cordoned by the first, and draining by the second.
Tenants leave with each.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cellfleet.cli import BAD_INVOCATION, VIOLATED, InventoryPath
from cellfleet.cli.cell.asked import declared, read, today
from cellfleet.cli.edited import Diff, Edits
from cellfleet.cli.placing import limits_of
from cellfleet.cli.planned import PlanOutput, carry_out_plan, decided_here
from cellfleet.failure import Failure
from cellfleet.inventory.edit.draft import Draft
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.types import State, Tenancy
from cellfleet.placement.plan import NOTHING, Plan
from cellfleet.placement.plan import drain as plan_to_drain

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants

_STEP: Final = {
    State.ACTIVE: State.CORDONED,
    State.CORDONED: State.DRAINING,
    State.DRAINING: State.DRAINING,
}


def drain(
    name: str,
    /,
    *,
    most: int | None = None,
    inventory: InventoryPath = Path("cells.yaml"),
    as_of: date | None = None,
    output: PlanOutput = "text",
    diff: Diff = False,
) -> int:
    """Take a cell one step towards draining, and give its tenants places elsewhere in its locality.

    Run it again to go on: an active cell is cordoned first. Where new tenants of the locality go to it, they go to the
    emptiest other cell of the same ring, or the nearest, from then on.

    Parameters
    ----------
    name
        The cell.
    most
        Tenants that move by this change; all that have a place to go to where it is not given.
    inventory
        The fleet's file.
    as_of
        The day to judge the change for, such as 2026-12-31; today where it is not given.
    output
        text, or json: the whole plan, for the program that carries it out.
    diff
        Show the lines that would change, and change nothing.
    """
    if most is not None and most < 0:
        raise Failure(f"--most {most} is no number of tenants.", "Give one of 0 or more.", exit_code=BAD_INVOCATION)
    fleet, tenants = read(inventory)
    before = declared(fleet, name).state
    if before not in _STEP:
        raise Failure(
            f"{name} is {before}: nobody lives there.",
            "Cells that hold tenants can be drained.",
            exit_code=BAD_INVOCATION,
        )
    after = _STEP[before]
    plan = plan_to_drain(fleet, tenants, name, most=most, limits=limits_of(fleet)) if tenants else NOTHING
    draft, said = Draft.of(fleet), [f"{name}: {before} -> {after}." if after is not before else f"{name} is draining."]
    if after is not before:
        draft = draft.state(name, after)
    for locality in (locality for locality, one in fleet.localities.items() if one.new_tenants == name):
        to = _for_new_tenants(fleet, tenants, plan, locality, name)
        draft = draft.new_tenants(locality, to)
        said.append(f"New tenants of {locality} go to {to}.")
    edits = Edits(fleet, tenants, draft, withdrawing=True)
    then = _next(fleet, name, after, tenants, plan)
    code = carry_out_plan(edits, plan, inventory, as_of or today(), dry=diff, output=output, said=said, then=then)
    stuck = bool(plan.unplaced) and not plan.moves and not plan.left and after is before
    return VIOLATED if code == 0 and stuck else code


def _next(fleet: Fleet, name: str, state: State, tenants: Tenants | None, plan: Plan) -> str:
    """What comes after this change."""
    staying = tenants.by_cell[name].tenants - len(plan.moves) if tenants else 0
    if state is State.CORDONED or (staying and decided_here(fleet)):
        some = f" {staying:,} of its tenants {'stay' if staying > 1 else 'stays'} in it for now." if staying else ""
        full = state is State.DRAINING and staying == len(plan.unplaced)
        return f"Run it again {'once there is room' if full else 'to go on'}.{some}"
    return f"Once nobody is left in it: cellfleet cell set-state {name} retired"


def _for_new_tenants(fleet: Fleet, tenants: Tenants | None, plan: Plan, locality: str, leaving: str) -> str:
    """The cell of the locality in the ring nearest to that of the one that leaves, and of those in one ring the cell
    that is least full once the moves are made."""
    from cellfleet.placement.room import rooms
    from cellfleet.placement.tenant import loads

    taking = [
        cell.name
        for cell in fleet.cells.values()
        if cell.locality == locality and cell.name != leaving and cell.state is State.ACTIVE
        if cell.tenancy is Tenancy.SHARED and not cell.frozen and not cell.fenced
    ]
    if not taking:
        raise Failure(
            f"LIF-11: new tenants of {locality} go to {leaving}, and no other cell of {locality} takes any.",
            f"Add a cell (cellfleet cell add NAME --like {leaving}) or take another to active first.",
            exit_code=VIOLATED,
        )
    ring_of = [ring.name for ring in fleet.settings.rings].index
    fullness = dict.fromkeys(taking, 0.0)
    if tenants is not None:
        every = rooms(fleet, loads(tenants, [*fleet.cells]), limits_of(fleet), [locality])
        fullness |= {room.name: room.fullness for room in every} | {one.cell: one.after for one in plan.arrivals}
    home = ring_of(fleet.cells[leaving].ring)
    return min(taking, key=lambda cell: (abs(ring_of(fleet.cells[cell].ring) - home), fullness[cell], cell))

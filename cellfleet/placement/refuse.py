"""Why a cell does not take a tenant, in a sentence with its numbers."""

from __future__ import annotations

from cellfleet.inventory.model import Cell
from cellfleet.inventory.types import State
from cellfleet.placement.room import RESOURCES, Room
from cellfleet.placement.tenant import Tenant


def refusal(
    cell: Cell, room: Room, tenant: Tenant, locality: str, *, alone: bool = False, asked_for: bool = False
) -> str:
    """Why a cell does not take a tenant of a locality; empty where it does.

    `alone`: the tenant is for a cell of its own (`room.alone`).
    `asked_for`: somebody names this cell for this tenant, who then need not have had a cell of its own to get one, and
    gives up the one that it had.
    """
    if room.locality != locality:
        return f"it is in {room.locality}, and the tenant's data stays in {locality}"
    if not room.takes_tenants:
        return _closed(cell)
    if room.dedicated and room.load[0]:
        return "it is dedicated, and has its tenant"
    if room.dedicated and not alone and not asked_for:
        return "it is dedicated, and the tenant fits into shared cells"
    if tenant.dedicated and not room.dedicated and not asked_for:
        return "it is shared, and the tenant has a cell to itself"
    return _too_much(room, tenant.takes)


def _closed(cell: Cell) -> str:
    if cell.state is not State.ACTIVE:
        return f"it is {cell.state}, and only an active cell takes tenants"
    return "it is frozen: no automation touches it" if cell.frozen else "it is fenced: routers answer 503 for it"


def _too_much(room: Room, takes: tuple[float, float, float]) -> str:
    for resource in (1, 2):
        amount, holds = takes[resource], room.holds[resource]
        if amount > room.largest[resource]:
            limit = room.largest[resource]
            return (
                f"the tenant's {amount:,.6g} {RESOURCES[resource]} are more than the {limit:,.6g} that one tenant may"
                f" take, {limit / holds:.0%} of {holds:,.6g}"
            )
    for resource, name in enumerate(RESOURCES):
        amount, most, holds = room.load[resource] + takes[resource], room.most[resource], room.holds[resource]
        if amount / most > 1.0:
            of_all = f", {most / holds:.0%} of {holds:,.6g}" if most != holds else ""
            return f"with it, it would have {amount:,.6g} {name}, and may have {most:,.6g}{of_all}"
    return ""

"""Why a tenant lives where it does, and why not in each other cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.types import State
from cellfleet.placement.fill import fill
from cellfleet.placement.limits import DEFAULT, Limits
from cellfleet.placement.plan import no_tenant
from cellfleet.placement.refuse import refusal
from cellfleet.placement.room import RESOURCES, Room, alone, rooms
from cellfleet.placement.tenant import Members, Tenant, loads, members, named

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one cell would take a tenant."""

    cell: str
    takes: bool
    reason: str
    """Why not; or that there is room, and how full the cell would be."""
    fullness: float | None
    """The share of its fullest resource, with the tenant, of what it may hold of it; None where that does not come
    into it."""
    resource: str
    """Which resource that is; empty where it does not come into it."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a tenant is where it is."""

    tenant: Tenant
    cell: str
    locality: str
    why: tuple[str, ...]
    """Sentences, without full stops."""
    must_leave: bool
    """Whether its cell is being emptied."""
    next: str
    """The cell that it would go to if it had to leave; empty where none would take it."""
    others: tuple[Verdict, ...]
    """Every other cell: those that would take it, emptiest first, then those of its locality, then the rest."""


def explain(fleet: Fleet, tenants: Tenants, name: str, *, limits: Limits = DEFAULT) -> Explanation:
    """Why the tenant of a slug, alias or id is where it is. Raises Failure where there is none."""
    tenant = named(fleet, tenants, [name]).get(name)
    if tenant is None or tenant.cell is None:
        raise no_tenant(name)
    home = fleet.cells[tenant.cell]
    every = {room.name: room for room in rooms(fleet, loads(tenants, list(fleet.cells)), limits)}
    groups = members(tenants, [tenant.group])
    candidates = [room for room in every.values() if room.locality == home.locality and room.name != tenant.cell]
    placed = fill(candidates, [tenant], groups).placed
    next_cell = placed[0][1] if placed else ""
    by_itself = alone(candidates, tenant)
    verdicts = [
        _verdict(fleet, room, tenant, home.locality, by_itself, groups)
        for room in every.values()
        if room.name != home.name
    ]
    return Explanation(
        tenant=tenant,
        cell=tenant.cell,
        locality=home.locality,
        why=tuple(_why(fleet, every[tenant.cell], tenant, groups)),
        must_leave=home.state is State.DRAINING,
        next=next_cell,
        others=tuple(sorted(verdicts, key=lambda verdict: _rank(fleet, verdict, next_cell, home.locality))),
    )


def _why(fleet: Fleet, room: Room, tenant: Tenant, groups: Members) -> list[str]:
    """What speaks for the cell that it lives in."""
    source, home = fleet.tenants, fleet.cells[room.name]
    why = ["the tenant file says so, and decides"]
    if source and source.authority == "directory":
        why = ["the product's directory says so" + (f", as of its snapshot of {source.as_of}" if source.as_of else "")]
    if home.state is State.DRAINING:
        why.append(f"{room.name} is draining: the tenant is one of {room.load[0]:,.0f} that have yet to leave")
    elif home.state is not State.ACTIVE:
        why.append(f"{room.name} is {home.state}: it keeps the tenants that it has, and takes no more")
    else:
        why.append("nobody moves who does not have to")
    shares = ", ".join(
        f"{load:,.6g} of {most:,.6g} {name}" for load, most, name in zip(room.load, room.most, RESOURCES, strict=True)
    )
    over = "" if room.fullness <= 1.0 else "more than it should hold: "
    why.append(f"{room.name} has {over}{shares}" + ("" if room.dedicated else ", the tenant among them"))
    if tenant.dedicated:
        why.append("it is dedicated to this tenant")
    if tenant.group:
        others = groups[tenant.group].get(room.name, 1) - 1
        here = f"{others:,} others" if others > 1 else "one other" if others else "no other"
        why.append(
            f"its group {tenant.group} is spread over cells, and has {here} of its {_size(groups, tenant):,} here"
        )
    return why


def _verdict(fleet: Fleet, room: Room, tenant: Tenant, locality: str, by_itself: bool, groups: Members) -> Verdict:
    if reason := refusal(fleet.cells[room.name], room, tenant, locality, alone=by_itself):
        return Verdict(room.name, False, reason, None, "")
    after = room.copy()
    after.add(tenant.takes)
    resource = RESOURCES[after.fullest]
    reason = f"it has room: with the tenant it would be {after.fullness:.0%} full, by {resource}"
    if there := groups.get(tenant.group, {}).get(room.name, 0):
        reason += f", and have {there + 1:,} of its group"
    return Verdict(room.name, True, reason, after.fullness, resource)


def _size(groups: Members, tenant: Tenant) -> int:
    return sum(groups[tenant.group].values())


def _rank(fleet: Fleet, verdict: Verdict, next_cell: str, locality: str) -> tuple[bool, bool, float, bool, str]:
    elsewhere = fleet.cells[verdict.cell].locality != locality
    return verdict.cell != next_cell, not verdict.takes, verdict.fullness or 0.0, elsewhere, verdict.cell

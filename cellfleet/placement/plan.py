"""Which tenants move where: a cell is emptied, new tenants get a cell, some tenants get another.

Nobody moves who does not have to. Tenants go to cells of their locality that are active, and neither frozen nor fenced,
up to `Limits`; who has a cell of its own gets another; members of a group go to different cells as far as there is
room. A plan is a value: whoever edits files writes it into them.

How a cell is chosen for each is `fill`'s business. Names that are not declared raise Failure, which says what is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Final

from cellfleet.failure import Failure
from cellfleet.inventory.fault import listed, similar
from cellfleet.inventory.model import Cell, Fleet
from cellfleet.placement.fill import Filled, fill
from cellfleet.placement.limits import DEFAULT, Limits
from cellfleet.placement.refuse import refusal
from cellfleet.placement.remedy import remedy
from cellfleet.placement.room import RESOURCES, Room, alone, rooms
from cellfleet.placement.tenant import Tenant, loads, members, named, residents

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants

EXPLAINED: Final = 10
"""Tenants without a place of whom it is said why no cell takes them; of more the reasons are the same."""


@dataclass(frozen=True, slots=True)
class NewTenant:
    """A tenant that is to get a cell."""

    id: str
    slug: str
    requests_per_second: float = 0.0
    """Its expected peak."""
    storage_gib: float = 0.0
    group: str = ""
    dedicated: bool = False
    """Whether it is to have a cell to itself."""


@dataclass(frozen=True, slots=True)
class Move:
    """One tenant to one cell."""

    tenant: str
    """Its id."""
    slug: str
    from_cell: str | None
    """None: it is new."""
    to_cell: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one cell does not take a tenant."""

    cell: str
    reason: str
    """`it is draining, and only an active cell takes tenants`."""


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A tenant that fits nowhere."""

    tenant: str
    slug: str
    from_cell: str | None
    refusals: tuple[Refusal, ...]
    """Of every cell of its locality that it might have gone to, by name; none beyond the first `EXPLAINED` tenants."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a plan makes of one cell that gets tenants."""

    cell: str
    tenants: int
    """Those that it gets."""
    before: float
    """The share of its fullest resource, of what it may hold of it; 1 is full."""
    after: float
    resource: str
    """Which resource is fullest then: `tenants`, `requests per second` or `GiB`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Who moves where."""

    moves: tuple[Move, ...]
    """Largest tenants first, for those are the hardest to place later."""
    unplaced: tuple[Unplaced, ...]
    left: int
    """Tenants that have a place to go to and stay for now, because of the bound on moves."""
    arrivals: tuple[Arrival, ...]
    """The cells that get tenants by these moves, by name."""
    remedy: str
    """What gives the unplaced a place: `add 2 cells of class medium to us`; empty where there are none, or where a cell
    was named for them."""


NOTHING: Final = Plan((), (), 0, (), "")


def drain(fleet: Fleet, tenants: Tenants, cell: str, *, most: int | None = None, limits: Limits = DEFAULT) -> Plan:
    """Empty a cell, whatever state it is in yet.

    `most` bounds the moves of one change: all tenants get a place, and the first `most` of them move. Raises Failure
    where there is no such cell, or it is frozen.
    """
    locality = declared(fleet, cell).locality
    _refuse_frozen(fleet, cell)
    leaving = residents(fleet, tenants, [cell])
    return _plan(fleet, tenants, leaving, locality, limits, without=[cell], most=most)


def place(fleet: Fleet, tenants: Tenants, new: Sequence[NewTenant], locality: str, *, limits: Limits = DEFAULT) -> Plan:
    """Give new tenants a cell of a locality: the one that it names for them (`new_tenants`) while that has room, and
    then the others.

    Raises Failure where there is no such locality, or one of them is there already or is of no size.
    """
    if locality not in fleet.localities:
        raise undeclared("locality", locality, fleet.localities)
    known = named(fleet, tenants, {name for one in new for name in (one.id, one.slug)})
    for one in new:
        _refuse_size(one)
        for what, name in (("id", one.id), ("slug", one.slug)):
            if (there := known.get(name)) and (what == "slug") == (there.id != name):
                raise Failure(
                    f"There is a tenant of the {what} {name!r} already.",
                    "Give the new one its own; to another cell it goes with `cellfleet tenant move`.",
                    exit_code=2,
                )
    arriving = [
        Tenant(one.id, one.slug, None, one.group, one.requests_per_second, one.storage_gib, one.dedicated)
        for one in new
    ]
    first = fleet.localities[locality].new_tenants
    return _plan(fleet, tenants, arriving, locality, limits, first=first)


def move(
    fleet: Fleet, tenants: Tenants, names: Sequence[str], to: str | None = None, *, limits: Limits = DEFAULT
) -> Plan:
    """Give some tenants of one locality, by slug, alias or id, another cell: the one named, or the best for each that
    none of them lives in.

    Who lives in the named cell already does not move; who is named one of the other tenancy changes his own. Raises
    Failure where there is no such tenant or cell, they are of more than one locality, or a cell that one lives in is
    frozen.
    """
    found = named(fleet, tenants, names)
    if unknown := sorted({*names} - {*found}):
        raise no_tenant(unknown[0])
    moving = sorted({tenant for tenant in found.values() if tenant.cell != to})
    homes = sorted({tenant.cell for tenant in moving if tenant.cell})
    localities = sorted({fleet.cells[home].locality for home in homes})
    if len(localities) > 1:
        raise Failure(
            f"The tenants are of {listed(localities)}, and their data stays there.",
            "Move those of one locality at a time.",
            exit_code=2,
        )
    for home in homes:
        _refuse_frozen(fleet, home)
    if to is not None:
        declared(fleet, to)
    if not moving:
        return NOTHING
    return _plan(fleet, tenants, moving, localities[0], limits, without=homes, to=to)


def declared(fleet: Fleet, name: str) -> Cell:
    """The cell of a name. Raises Failure where there is none."""
    if name not in fleet.cells:
        raise undeclared("cell", name, fleet.cells)
    return fleet.cells[name]


def undeclared(kind: str, name: str, names: Collection[str]) -> Failure:
    """That nothing of a kind has a name."""
    remedy = similar(name, names).capitalize() or f"There are {listed(names) or 'none'}."
    return Failure(f"There is no {kind} {name!r}.", remedy, exit_code=2)


def no_tenant(name: str) -> Failure:
    """That nobody has a name. It is a customer's, or almost, so none that is like it is shown."""
    return Failure(
        f"There is no tenant {name!r}.",
        "Name one by its slug, an alias of it, or its id, as the tenant file has it.",
        exit_code=2,
    )


def _refuse_size(new: NewTenant) -> None:
    for amount in (new.requests_per_second, new.storage_gib):
        if not 0 <= amount < inf:
            raise Failure(f"{amount:g} is no load.", "Give a finite number, 0 or more.", exit_code=2)


def _refuse_frozen(fleet: Fleet, cell: str) -> None:
    if fleet.cells[cell].frozen:
        raise Failure(
            f"{cell} is frozen: no automation touches it.", f"Take `frozen` from cells.{cell} first.", exit_code=2
        )


def _plan(
    fleet: Fleet,
    tenants: Tenants,
    moving: Sequence[Tenant],
    locality: str,
    limits: Limits,
    *,
    without: Collection[str] = (),
    most: int | None = None,
    first: str = "",
    to: str | None = None,
) -> Plan:
    every = rooms(fleet, loads(tenants, list(fleet.cells)), limits)
    if to is not None:
        candidates = [room for room in every if room.name == to]
        filled = _into(fleet, candidates[0], moving, locality)
    else:
        candidates = [room for room in every if room.locality == locality and room.name not in without]
        groups = members(tenants, {tenant.group for tenant in moving})
        filled = fill(candidates, moving, groups, first=first)
    bound = len(filled.placed) if most is None else most
    placed = filled.placed[:bound]
    return Plan(
        moves=tuple(Move(tenant.id, tenant.slug, tenant.cell, cell) for tenant, cell in placed),
        unplaced=tuple(unplaced(fleet, filled, locality, asked_for=to is not None)),
        left=len(filled.placed) - len(placed),
        arrivals=tuple(arrivals(candidates, placed)),
        remedy="" if to else remedy(fleet, locality, filled.left, limits),
    )


def _into(fleet: Fleet, room: Room, moving: Sequence[Tenant], locality: str) -> Filled:
    """Put tenants into the one cell that was named for them."""
    room, cell = room.copy(), fleet.cells[room.name]
    placed: list[tuple[Tenant, str]] = []
    left: list[Tenant] = []
    for tenant in sorted(moving, key=lambda one: (-one.requests_per_second, -one.storage_gib, one.id)):
        if refusal(cell, room, tenant, locality, asked_for=True):
            left.append(tenant)
        else:
            room.add(tenant.takes)
            placed.append((tenant, room.name))
    return Filled(placed, left, {room.name: room})


def unplaced(fleet: Fleet, filled: Filled, locality: str, *, asked_for: bool = False) -> Iterator[Unplaced]:
    for number, tenant in enumerate(filled.left):
        yield Unplaced(
            tenant.id,
            tenant.slug,
            tenant.cell,
            tuple(refusals(fleet, filled, tenant, locality, asked_for=asked_for)) if number < EXPLAINED else (),
        )


def refusals(
    fleet: Fleet, filled: Filled, tenant: Tenant, locality: str, *, asked_for: bool = False
) -> Iterator[Refusal]:
    """Why each cell does not take a tenant that was left."""
    by_itself = alone(filled.rooms.values(), tenant)
    for name, room in sorted(filled.rooms.items()):
        if reason := refusal(fleet.cells[name], room, tenant, locality, alone=by_itself, asked_for=asked_for):
            yield Refusal(name, reason)


def arrivals(before: Sequence[Room], placed: Sequence[tuple[Tenant, str]]) -> Iterator[Arrival]:
    arriving: dict[str, list[Tenant]] = {}
    for tenant, cell in placed:
        arriving.setdefault(cell, []).append(tenant)
    for room in before:
        if some := arriving.get(room.name):
            after = room.copy()
            for tenant in some:
                after.add(tenant.takes)
            yield Arrival(room.name, len(some), room.fullness, after.fullness, RESOURCES[after.fullest])

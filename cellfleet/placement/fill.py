"""Put tenants into rooms.

The fill is balanced: largest tenants first, each goes to the cell whose fullest resource would be least full with it.
Where that leaves tenants without a place, which rooms kept equally full do sooner than others, two more ways are tried:
the fullest cell that still has room, and smallest tenants first. The way that places most is taken.

Members of a group are spread: one goes to a cell with as few of its group as any that has room. Tenants with a cell to
themselves, and those too large for every shared one (`room.alone`), get the empty dedicated cell that they fill best.

Where everything else is equal names and ids decide, so the same fleet and tenants give the same placement.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import inf, nextafter
from typing import Final, Literal

from cellfleet.placement.room import Room, alone
from cellfleet.placement.tenant import Members, Tenant

Way = Literal["balanced", "tight", "smallest first"]
_WAYS: Final[tuple[Way, ...]] = ("balanced", "tight", "smallest first")
_FULL: Final = nextafter(1.0, inf)
"""A fullness below this is within the limits."""
_SLACK: Final = 1 + 1e-9
"""For sums that are rounded otherwise than a fullness is."""


@dataclass(frozen=True, slots=True)
class Filled:
    """Where each tenant goes."""

    placed: Sequence[tuple[Tenant, str]]
    """With the cell, largest first."""
    left: Sequence[Tenant]
    """Those that there is no place for, largest first."""
    rooms: Mapping[str, Room]
    """As they are then."""


def fill(rooms: Sequence[Room], tenants: Sequence[Tenant], members: Members, *, first: str = "") -> Filled:
    """Put tenants of one locality into its rooms, which are left as they are.

    Rooms that take no tenants get none. `members` are those of the groups that have tenants elsewhere too; `first`
    is the cell that is filled before the others.
    """
    best: Filled | None = None
    by_themselves = _alone(rooms, tenants)
    for way in _WAYS:
        filled = _filled(rooms, tenants, by_themselves, members, first, way)
        if best is None or len(filled.left) < len(best.left):
            best = filled
        if not best.left:
            break
    assert best is not None
    return best


def _alone(rooms: Sequence[Room], tenants: Sequence[Tenant]) -> Collection[str]:
    """The ids of the tenants that are for a cell of their own."""
    shared = [room for room in rooms if not room.dedicated]
    requests, storage = (min((room.largest[resource] for room in shared), default=inf) for resource in (1, 2))
    return {
        one.id
        for one in tenants
        if one.dedicated or ((one.requests_per_second > requests or one.storage_gib > storage) and alone(shared, one))
    }


def _filled(
    rooms: Sequence[Room],
    tenants: Sequence[Tenant],
    by_themselves: Collection[str],
    members: Members,
    first: str,
    way: Way,
) -> Filled:
    copies = {room.name: room.copy() for room in rooms}
    open_ = [room for room in sorted(copies.values(), key=lambda room: room.name) if room.takes_tenants]
    shared = _Shared([room for room in open_ if not room.dedicated], members, first, tight=way == "tight")
    own = [room for room in open_ if room.dedicated and not room.load[0]]
    placed: list[tuple[Tenant, str]] = []
    left: list[Tenant] = []
    for tenant in _in_order(open_, tenants, reverse=way == "smallest first"):
        to = _own(own, tenant.takes) if tenant.id in by_themselves else shared.room_for(tenant)
        if to is None:
            left.append(tenant)
            continue
        placed.append((tenant, to.name))
        if to.dedicated:
            to.add(tenant.takes)
        else:
            shared.add(to, tenant)
    if way == "smallest first":
        placed.reverse()
        left.reverse()
    return Filled(placed, left, copies)


def _in_order(rooms: Sequence[Room], tenants: Sequence[Tenant], *, reverse: bool) -> list[Tenant]:
    """Largest first, each by the resource that it takes most of what all cells may hold of."""
    requests = sum(room.most[1] for room in rooms) or 1.0
    storage = sum(room.most[2] for room in rooms) or 1.0
    sign = -1.0 if not reverse else 1.0
    return sorted(
        tenants,
        key=lambda tenant: (sign * max(tenant.requests_per_second / requests, tenant.storage_gib / storage), tenant.id),
    )


def _own(rooms: list[Room], takes: tuple[float, float, float]) -> Room | None:
    """Take out the empty dedicated cell that a tenant fills best."""
    fitting = [room for room in rooms if not room.too_large(takes) and room.fullness_with(takes) < _FULL]
    if not fitting:
        return None
    best = min(fitting, key=lambda room: (-max(takes[1] / room.most[1], takes[2] / room.most[2]), room.name))
    rooms.remove(best)
    return best


class _Shared:
    """The shared cells of a locality, kept so that the best is found among the first few.

    Cells of one size that have least left of the same resource stand on one shelf, emptiest first. With a tenant each
    is fuller by what the tenant takes of that resource, or by more, so a shelf is done with once that comes to more
    than the best yet.
    """

    def __init__(self, rooms: Sequence[Room], members: Members, first: str, *, tight: bool) -> None:
        self._rooms = {room.name: room for room in rooms}
        self._first = self._rooms.get(first)
        self._tight = tight
        self._before = members
        self._members: dict[str, dict[str, int]] = {}
        self._shelves: dict[tuple[tuple[float, float, float], int], list[tuple[float, str, Room]]] = {}
        for room in rooms:
            self._shelve(room)
        self._free = [inf, inf, inf]

    def room_for(self, tenant: Tenant) -> Room | None:
        """The cell that a tenant goes to; None where none has room."""
        takes, free = tenant.takes, self._free
        if takes[0] > free[0] or takes[1] > free[1] or takes[2] > free[2]:
            return None
        if not tenant.group:
            found = self._among(takes, None, 0)
        else:
            counts = self._counts(tenant.group)
            levels = {*counts.values()} if len(counts) == len(self._rooms) else {0, *counts.values()}
            found = next(filter(None, (self._among(takes, counts, level) for level in sorted(levels))), None)
        if found is None:
            self._look_what_is_free()
        return found

    def _look_what_is_free(self) -> None:
        """The most that any cell has left of each resource: as cells only get fuller, who needs more need not look."""
        self._free = [
            max(
                (max(0.0, room.most[resource] - room.load[resource]) * _SLACK for room in self._rooms.values()),
                default=0.0,
            )
            for resource in range(3)
        ]

    def add(self, room: Room, tenant: Tenant) -> None:
        """Put a tenant into a cell."""
        self._unshelve(room)
        room.add(tenant.takes)
        self._shelve(room)
        if tenant.group:
            counts = self._counts(tenant.group)
            counts[room.name] = counts.get(room.name, 0) + 1

    def _counts(self, group: str) -> dict[str, int]:
        """How many members of a group each of these cells has."""
        if group not in self._members:
            before = self._before.get(group, {})
            self._members[group] = {name: count for name, count in before.items() if name in self._rooms}
        return self._members[group]

    def _shelve(self, room: Room) -> None:
        shares = room.shares
        fullness = max(shares)
        insort(self._shelves.setdefault((room.most, shares.index(fullness)), []), (fullness, room.name, room))

    def _unshelve(self, room: Room) -> None:
        shares = room.shares
        fullness = max(shares)
        shelf = self._shelves[room.most, shares.index(fullness)]
        del shelf[bisect_left(shelf, (fullness, room.name))]

    def _among(self, takes: tuple[float, float, float], counts: Mapping[str, int] | None, level: int) -> Room | None:
        """The best of the cells with at most `level` members of the tenant's group."""
        if (first := self._first) and (counts is None or counts.get(first.name, 0) <= level) and _fits(first, takes):
            return first
        if self._tight:
            return self._fullest(takes, counts, level)
        best, found = _FULL, None
        for (most, resource), shelf in self._shelves.items():
            more = takes[resource] / most[resource]
            for fullness, name, room in shelf:
                least = fullness + more
                if least > best or (least == best and found is not None and name > found.name):
                    break
                if counts is not None and counts.get(name, 0) > level:
                    continue
                fuller = room.fullness_with(takes)
                better = fuller < best or (fuller == best and found is not None and name < found.name)
                if better and not room.too_large(takes):
                    best, found = fuller, room
        return found

    def _fullest(self, takes: tuple[float, float, float], counts: Mapping[str, int] | None, level: int) -> Room | None:
        fitting: list[tuple[float, str, Room]] = []
        for shelf in self._shelves.values():
            for fullness, name, room in reversed(shelf):
                if (counts is None or counts.get(name, 0) <= level) and _fits(room, takes):
                    fitting.append((fullness, name, room))
                    break
        return max(fitting)[2] if fitting else None


def _fits(room: Room, takes: tuple[float, float, float]) -> bool:
    return room.fullness_with(takes) < _FULL and not room.too_large(takes)

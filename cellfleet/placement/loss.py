"""What becomes of tenants when something is lost: who is hit, who has a place elsewhere, who has none.

Lost tenants are placed anew as `fill` does it, in the cells of their locality that are left, up to all that those hold
(`Limits.when_lost`). A cell that lost one of its zones takes requests for the nodes
that it has left. Tenants of a dedicated cell come back in its standby, where that is not lost too; those of a shared
cell may, and are placed all the same.

Nothing is said of how long a restore takes, nor of data that no standby or backup has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.types import Tenancy
from cellfleet.placement.domain import Domain
from cellfleet.placement.fill import Filled, fill
from cellfleet.placement.limits import DEFAULT, Limits
from cellfleet.placement.plan import Arrival, Unplaced, arrivals, unplaced
from cellfleet.placement.remedy import remedy
from cellfleet.placement.room import Room, rooms
from cellfleet.placement.tenant import Members, Tenant, loads, members, residents

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants


@dataclass(frozen=True, slots=True)
class Sum:
    """What some tenants come to."""

    tenants: int
    requests_per_second: float
    storage_gib: float


@dataclass(frozen=True, slots=True)
class Weakened:
    """A cell that lost one of its zones, and serves on."""

    cell: str
    nodes_left: int
    """Where the fullest zone is the one that is lost."""
    nodes: int
    peak: float
    """Requests per second that its tenants come to."""
    carries: float
    """Those that its class is for, by the nodes that are left."""


@dataclass(frozen=True, slots=True)
class Standby:
    """A warm standby of a lost cell that is left."""

    cell: str
    region: str
    tenants: int
    rpo_minutes: int
    """Minutes of writes that may be lost."""
    rto_minutes: int
    """Minutes until it serves."""
    relied_on: bool
    """Whether its tenants have no other place: it is a dedicated cell's."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What the loss of one failure domain comes to; of more than one, where it comes to the same."""

    domains: tuple[Domain, ...]
    hit: Sum
    """The tenants of the cells that are lost."""
    of: Sum
    """All tenants of the fleet."""
    placed: int
    """Those that other cells take in."""
    arrivals: tuple[Arrival, ...]
    """Those cells."""
    standbys: tuple[Standby, ...]
    weakened: tuple[Weakened, ...]
    without: Sum
    """Those that have no place."""
    first: Unplaced | None
    """The largest of them, with why no cell takes it."""
    remedies: tuple[str, ...]
    """What gives them a place, each another way: `add 1 cell of class medium to us`, with all that each locality needs,
    or, for who has a cell to itself, `give us-big-1 a standby (`replication`)`."""

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells that are lost."""
        return self.domains[0].lost

    @property
    def shares(self) -> tuple[float, float, float]:
        """How much of the fleet's tenants, requests and storage is hit; 1 is all."""
        return (
            _share(self.hit.tenants, self.of.tenants),
            _share(self.hit.requests_per_second, self.of.requests_per_second),
            _share(self.hit.storage_gib, self.of.storage_gib),
        )


def what_if(fleet: Fleet, tenants: Tenants, lost: Sequence[Domain], *, limits: Limits = DEFAULT) -> tuple[Loss, ...]:
    """What each loss comes to, one at a time, worst first: by tenants without a place, and then by the share hit.

    What hits no tenant and weakens no cell is left out. Of `limits` only that of a loss counts, and that of one tenant.
    """
    by_cell = loads(tenants, list(fleet.cells))
    by_locality: dict[str, list[Room]] = {name: [] for name in fleet.localities}
    for room in rooms(fleet, by_cell, limits.after_a_loss):
        by_locality[room.locality].append(room)
    hit = {name for one in lost for name in one.lost if by_cell[name].tenants}
    homes: dict[str, list[Tenant]] = {name: [] for name in hit}
    for tenant in residents(fleet, tenants, hit):
        homes[tenant.cell or ""].append(tenant)
    groups = members(tenants, {tenant.group for some in homes.values() for tenant in some})
    total = _sum(Sum(one.tenants, one.requests_per_second, one.storage_gib) for one in by_cell.values())
    same: dict[object, list[Domain]] = {}
    for one in lost:
        if hit.intersection(one.lost) or any(by_cell[name].tenants for name in one.weakened):
            same.setdefault((one.lost, one.weakened, _standing(fleet, one)), []).append(one)
    losses = [_loss(fleet, some, by_locality, homes, groups, total, limits.after_a_loss) for some in same.values()]
    return tuple(sorted(losses, key=lambda loss: (-loss.without.tenants, -max(loss.shares), str(loss.domains[0]))))


def _loss(
    fleet: Fleet,
    same: Sequence[Domain],
    by_locality: Mapping[str, Sequence[Room]],
    homes: Mapping[str, Sequence[Tenant]],
    groups: Members,
    total: Sum,
    limits: Limits,
) -> Loss:
    one = same[0]
    standing = _standing(fleet, one)
    standbys = [_standby(fleet, name, len(homes.get(name, ()))) for name in standing if homes.get(name)]
    waiting = {standby.cell for standby in standbys if standby.relied_on}
    concerned = sorted({fleet.cells[name].locality for name in (*one.lost, *one.weakened)})
    every = [room for locality in concerned for room in by_locality[locality]]
    weakened = {room.name: _weakened(fleet, room) for room in every if room.name in one.weakened}
    left = [_after(room, weakened.get(room.name)) for room in every if room.name not in one.lost]
    filled: dict[str, Filled] = {}
    for locality in concerned:
        cells = [name for name in one.lost if name not in waiting and fleet.cells[name].locality == locality]
        if lost := [tenant for name in cells for tenant in homes.get(name, ())]:
            own = {tenant.group: groups[tenant.group] for tenant in lost if tenant.group}
            filled[locality] = fill([room for room in left if room.locality == locality], lost, own)
    without = [tenant for some in filled.values() for tenant in some.left]
    short = [(some.left[0].takes, name) for name, some in filled.items() if some.left]
    of_largest = max(short, key=lambda one: one[0], default=((), ""))[1]
    needed = [how for name, some in filled.items() if (how := remedy(fleet, name, some.left, limits))]
    return Loss(
        domains=tuple(same),
        hit=_sum_of(tenant for name in one.lost for tenant in homes.get(name, ())),
        of=total,
        placed=sum(len(some.placed) for some in filled.values()),
        arrivals=tuple(arrival for some in filled.values() for arrival in arrivals(left, some.placed)),
        standbys=tuple(standbys),
        weakened=tuple(weakened.values()),
        without=_sum_of(without),
        first=next(unplaced(fleet, filled[of_largest], of_largest)) if of_largest else None,
        remedies=(
            *([", and ".join(needed)] if needed else []),
            *(f"give {name} a standby (`replication`)" for name in _exposed(fleet, one, without)),
        ),
    )


def _standing(fleet: Fleet, domain: Domain) -> tuple[str, ...]:
    """The lost cells that have a standby which is not lost."""
    return tuple(
        name
        for name in domain.lost
        if isinstance(cell := fleet.cells[name], ManagedCell) and cell.replication and not domain.takes_standby_of(cell)
    )


def _exposed(fleet: Fleet, domain: Domain, without: Iterable[Tenant]) -> list[str]:
    """The dedicated cells that a standby would have saved the tenant of."""
    if domain.kind in ("provider", "account"):
        return []
    cells = sorted({tenant.cell for tenant in without if tenant.cell and tenant.dedicated})
    return [name for name in cells if isinstance(cell := fleet.cells[name], ManagedCell) and not cell.replication]


def _standby(fleet: Fleet, name: str, tenants: int) -> Standby:
    cell = fleet.cells[name]
    assert isinstance(cell, ManagedCell)
    assert cell.replication
    plan = cell.replication
    return Standby(
        name, plan.region, tenants, plan.rpo_minutes, plan.rto_minutes, relied_on=cell.tenancy is Tenancy.DEDICATED
    )


def _weakened(fleet: Fleet, room: Room) -> Weakened:
    cell = fleet.cells[room.name]
    assert isinstance(cell, ManagedCell)
    nodes = fleet.class_of(cell).nodes.count
    nodes_left = nodes - -(-nodes // len(cell.zones))
    return Weakened(room.name, nodes_left, nodes, room.load[1], room.holds[1] * nodes_left / nodes)


def _after(room: Room, weakened: Weakened | None) -> Room:
    """A room as the loss leaves it."""
    if weakened is None:
        return room
    room = room.copy()
    room.most = room.most[0], weakened.carries, room.most[2]
    return room


def _sum_of(tenants: Iterable[Tenant]) -> Sum:
    return _sum(Sum(1, tenant.requests_per_second, tenant.storage_gib) for tenant in tenants)


def _sum(sums: Iterable[Sum]) -> Sum:
    tenants, requests, storage = 0, 0.0, 0.0
    for one in sums:
        tenants += one.tenants
        requests += one.requests_per_second
        storage += one.storage_gib
    return Sum(tenants, requests, storage)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0

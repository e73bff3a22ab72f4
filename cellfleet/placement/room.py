"""What a cell holds and may hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cellfleet.inventory.model import Capacity, Cell, Fleet
from cellfleet.inventory.types import State, Tenancy
from cellfleet.placement.limits import Limits
from cellfleet.placement.tenant import Tenant

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Load

RESOURCES: Final = ("tenants", "requests per second", "GiB")
"""What capacity is measured in, in the order of every triple here."""


@dataclass(slots=True)
class Room:
    """One cell as it is filled."""

    name: str
    locality: str
    dedicated: bool
    takes_tenants: bool
    """Whether it is active, and neither frozen nor fenced."""
    holds: tuple[float, float, float]
    """Tenants, requests per second and GiB of its class."""
    most: tuple[float, float, float]
    """The same, up to the limits."""
    largest: tuple[float, float, float]
    """The same, of one tenant."""
    load: tuple[float, float, float]

    @property
    def shares(self) -> tuple[float, float, float]:
        """Of each resource, how much of what it may hold it does hold; 1 is full."""
        (tenants, requests, storage), most = self.load, self.most
        return tenants / most[0], requests / most[1], storage / most[2]

    @property
    def fullness(self) -> float:
        """The share of the resource of which it has least left; above 1 it is over a limit."""
        return max(self.shares)

    @property
    def fullest(self) -> int:
        """Which resource that is."""
        return self.shares.index(self.fullness)

    def fullness_with(self, takes: tuple[float, float, float]) -> float:
        """Its fullness once one more tenant is in it."""
        load, most = self.load, self.most
        return max((load[0] + 1.0) / most[0], (load[1] + takes[1]) / most[1], (load[2] + takes[2]) / most[2])

    def too_large(self, takes: tuple[float, float, float]) -> bool:
        """Whether one tenant is more than it may take of one."""
        return takes[1] > self.largest[1] or takes[2] > self.largest[2]

    def add(self, takes: tuple[float, float, float]) -> None:
        tenants, requests, storage = self.load
        self.load = tenants + 1.0, requests + takes[1], storage + takes[2]

    def copy(self) -> Room:
        return Room(
            self.name,
            self.locality,
            self.dedicated,
            self.takes_tenants,
            self.holds,
            self.most,
            self.largest,
            self.load,
        )


def room(name: str, cell: Cell, capacity: Capacity, load: Load, limits: Limits) -> Room:
    """The room of a declared cell."""
    takes_tenants = cell.state is State.ACTIVE and not cell.frozen and not cell.fenced
    made = empty(name, cell.locality, capacity, limits, dedicated=cell.tenancy is Tenancy.DEDICATED)
    made.takes_tenants = takes_tenants
    made.load = float(load.tenants), load.requests_per_second, load.storage_gib
    return made


def empty(name: str, locality: str, capacity: Capacity, limits: Limits, *, dedicated: bool = False) -> Room:
    """The room of a cell that nobody lives in."""
    holds = float(capacity.tenants), float(capacity.requests_per_second), float(capacity.storage_gib)
    shares = limits.tenants, limits.requests_per_second, limits.storage_gib
    tenants, requests, storage = (amount * share for amount, share in zip(holds, shares, strict=True))
    # A cell to oneself is there to be filled by one; and the share of a few tenants is no reason to let nobody in.
    of_one = 1.0 if dedicated else limits.one_tenant
    return Room(
        name,
        locality,
        dedicated,
        True,
        holds,
        (1.0 if dedicated else max(1.0, float(int(tenants + 1e-9))), requests, storage),
        (1.0, holds[1] * of_one, holds[2] * of_one),
        (0.0, 0.0, 0.0),
    )


def rooms(
    fleet: Fleet, loads: Mapping[str, Load], limits: Limits, localities: Sequence[str] | None = None
) -> list[Room]:
    """The room of every cell, or of those of some localities, by name."""
    return [
        room(name, cell, fleet.class_of(cell).capacity, loads[name], limits)
        for name, cell in sorted(fleet.cells.items())
        if localities is None or cell.locality in localities
    ]


def alone(rooms: Iterable[Room], tenant: Tenant) -> bool:
    """Whether a tenant is for a cell of its own: it has one, or is too large for every shared cell of its locality."""
    shared = [room for room in rooms if not room.dedicated]
    return tenant.dedicated or (bool(shared) and all(room.too_large(tenant.takes) for room in shared))

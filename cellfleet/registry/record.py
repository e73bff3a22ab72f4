"""The record of a cell: what the systems around a fleet have to know of it, and nothing that only a deploy knows.

Left out on purpose: the account, for who reads a record need not know where to attack, and everything that is the
class's alone (nodes, database). What a cell holds (`use`) is told in its own locality only: of a dedicated cell it is
one tenant's, and no locality's records change because a tenant of another one grows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from cellfleet.inventory import headers
from cellfleet.inventory.model import Cell, Fleet, ManagedCell
from cellfleet.registry.canonical import canonical, sha256

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants

PORT: Final = 443
"""Where cells take requests, over mutual TLS."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a cell can hold, or holds."""

    tenants: int = 0
    requests_per_second: float = 0.0
    """At the tenants' peaks."""
    storage_gib: float = 0.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where routers reach one service of a cell, and the headers that say it is meant."""

    address: str
    port: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Standby:
    """A cell's warm standby."""

    region: str
    rpo_minutes: int
    rto_minutes: int


@dataclass(frozen=True, slots=True)
class Record:
    """One cell. What only a managed cell has is None for others: cellfleet does not know it."""

    id: int
    name: str
    locality: str
    residency: tuple[str, ...]
    """The countries that its tenants' data may be in."""
    managed: bool
    provider: str | None
    region: str | None
    cidr: str | None
    release: str | None
    state: str
    ring: str
    class_: str
    """`class` in JSON."""
    tenancy: str
    frozen: bool
    fenced: bool
    capacity: Load
    use: Load | None
    """None in other localities."""
    endpoints: Mapping[str, Endpoint]
    """By service."""
    id_ranges: tuple[tuple[int, int], ...]
    """First and last of the object ids that it hands out."""
    replication: Standby | None
    fingerprint: str
    """The hash of what its inventory entry says, `defaults` among it; keys that are left out count as their defaults,
    so that a later version's new key does not change it."""

    def as_json(self) -> dict[str, Any]:
        """The record as JSON has it."""
        fields = asdict(self)
        return {"class": fields.pop("class_"), **fields}


def record(fleet: Fleet, cell: Cell, use: Load | None) -> Record:
    """The record of one cell that holds `use`, where that may be told."""
    managed = cell if isinstance(cell, ManagedCell) else None
    standby = managed.replication if managed else None
    capacity = fleet.class_of(cell).capacity
    return Record(
        id=cell.id,
        name=cell.name,
        locality=cell.locality,
        residency=fleet.locality_of(cell).residency,
        managed=cell.managed,
        provider=str(managed.provider) if managed else None,
        region=managed.region if managed else None,
        cidr=str(managed.cidr) if managed else None,
        release=fleet.release_of(managed) if managed else None,
        state=str(cell.state),
        ring=cell.ring,
        class_=cell.class_,
        tenancy=str(cell.tenancy),
        frozen=cell.frozen,
        fenced=cell.fenced,
        capacity=Load(capacity.tenants, float(capacity.requests_per_second), float(capacity.storage_gib)),
        use=use,
        endpoints={
            service: Endpoint(fleet.address_of(cell), PORT, {headers.SERVICE: service}) for service in fleet.services
        },
        id_ranges=cell.id_ranges,
        replication=Standby(standby.region, standby.rpo_minutes, standby.rto_minutes) if standby else None,
        fingerprint=sha256(canonical(cell.model_dump(mode="json", by_alias=True, exclude_defaults=True))),
    )


def uses(tenants: Tenants | None) -> Mapping[str, Load]:
    """What the tenants of each cell that has any come to, whatever order they are listed in."""
    if tenants is None:
        return {}
    sums = {column: _sums(tenants, column) for column in ("requests_per_second", "storage_gib")}
    return {
        cell: Load(load.tenants, sums["requests_per_second"][cell], sums["storage_gib"][cell])
        for cell, load in tenants.by_cell.items()
        if load.tenants
    }


def _sums(tenants: Tenants, column: str) -> Mapping[str, float]:
    # `by_cell` has sums in the file's order, whose last digit another order changes: added up in order of size, equal
    # tenants have equal sums.
    rows = tenants.rows.select(["cell", column]).sort_by(column)
    added = rows.group_by("cell", use_threads=False).aggregate([(column, "sum")])
    sums = (round(sum_, 3) for sum_ in added[f"{column}_sum"].to_pylist())
    return dict(zip(added["cell"].to_pylist(), sums, strict=True))

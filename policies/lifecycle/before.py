"""What a fleet was: the inventory at the merge base in review, or what stacks say of themselves in `up`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cellfleet.inventory.model import Capacity, Cell, Fleet, ManagedCell, Tombstone
from cellfleet.inventory.types import State, Tenancy

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants


@dataclass(frozen=True, slots=True)
class Was:
    """One cell, as far as a change of it is judged."""

    name: str
    id: int
    locality: str
    state: State
    tenancy: Tenancy
    class_: str
    capacity: Capacity
    """Of its class, then."""
    provider: str = ""
    """Empty where the cell was unmanaged, as are the next three."""
    account: str = ""
    region: str = ""
    cidr: str = ""
    release: str = ""


@dataclass(frozen=True)
class Before:
    """All cells of a fleet, as they were."""

    cells: Mapping[str, Was]
    fleet: Fleet | None = None
    """The whole inventory, where there is one to compare with."""
    tenants: Tenants | None = None
    tombstones: tuple[Tombstone, ...] = field(default=())


def of_fleet(fleet: Fleet, tenants: Tenants | None) -> Before:
    """What another inventory says."""
    cells = {name: _was(fleet, cell) for name, cell in fleet.cells.items()}
    return Before(cells, fleet, tenants, fleet.tombstones)


def _was(fleet: Fleet, cell: Cell) -> Was:
    capacity = fleet.class_of(cell).capacity
    every = (cell.name, cell.id, cell.locality, cell.state, cell.tenancy, cell.class_, capacity)
    if not isinstance(cell, ManagedCell):
        return Was(*every)
    place = (str(cell.provider), cell.account, cell.region, str(cell.cidr))
    return Was(*every, *place, fleet.release_of(cell))


def of_outputs(outputs: Mapping[str, Mapping[str, Any]]) -> Before:
    """What cells' stacks, by name, said of their cells when they were last deployed."""
    declared = (told["declared"] for told in outputs.values() if "declared" in told)
    return Before({cell["name"]: Was(**{**cell, "capacity": Capacity(**cell["capacity"])}) for cell in declared})

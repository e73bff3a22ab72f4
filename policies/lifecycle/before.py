"""What a fleet was: the inventory at the merge base in review, or what stacks say of themselves in `up`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from cellfleet.inventory.model import Capacity, Cell, Fleet, ManagedCell, Tombstone
from cellfleet.inventory.stack import Kind, Stack
from cellfleet.inventory.types import State, Tenancy
from policies.lifecycle.declared import OUTPUT, size_of

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
    """Empty where it is not known."""
    size: Mapping[str, float] = field(default_factory=dict)
    """Of its class, then, as `policies.lifecycle.declared.size_of` says it; empty where the cell was unmanaged."""


@dataclass(frozen=True)
class Before:
    """All cells of a fleet, as they were."""

    cells: Mapping[str, Was]
    fleet: Fleet | None = None
    """The whole inventory, where there is one to compare with."""
    tenants: Tenants | None = None
    tombstones: tuple[Tombstone, ...] = field(default=())
    day: date | None = None
    """The last on which it is known to have been so; None where nobody knows."""
    deployed: bool = False
    """Whether this is what is deployed, rather than what was declared: a cell that is not in it may have been declared
    long before."""


def of_fleet(fleet: Fleet, tenants: Tenants | None, day: date | None = None) -> Before:
    """What another inventory says, and until when it did."""
    sizes = {name: size_of(cell_class) for name, cell_class in fleet.classes.items()}
    cells = {name: _was(fleet, cell, sizes[cell.class_]) for name, cell in fleet.cells.items()}
    return Before(cells, fleet, tenants, fleet.tombstones, day)


def of_outputs(outputs: Mapping[str, Mapping[str, Any]]) -> Before:
    """What deployed stacks say, by their names; other stacks than cells' are passed over.

    So are those that were deployed before they said it, or whose saying cannot be read: not to know what was must not
    keep anybody from repairing what is.
    """
    cells: dict[str, Was] = {}
    for name, said in outputs.items():
        with suppress(AttributeError, KeyError, TypeError, ValueError):
            stack = Stack.parse(name)
            if stack.kind is Kind.CELL and OUTPUT in said:
                cells[stack.subject] = _said(stack.subject, said[OUTPUT])
    return Before(cells, deployed=True)


def _was(fleet: Fleet, cell: Cell, size: Mapping[str, float]) -> Was:
    capacity = fleet.class_of(cell).capacity
    every = (cell.name, cell.id, cell.locality, cell.state, cell.tenancy, cell.class_, capacity)
    if not isinstance(cell, ManagedCell):
        return Was(*every)
    place = (str(cell.provider), cell.account, cell.region, str(cell.cidr))
    return Was(*every, *place, fleet.release_of(cell), size)


def _said(name: str, said: Mapping[str, Any]) -> Was:
    size = {part: float(value) for part, value in said["size"].items()}
    return Was(
        name=name,
        id=int(said["id"]),
        locality=said["locality"],
        state=State(said["state"]),
        tenancy=Tenancy(said["tenancy"]),
        class_=said["class"],
        capacity=Capacity(
            tenants=int(size["capacity.tenants"]),
            requests_per_second=size["capacity.requests_per_second"],
            storage_gib=size["capacity.storage_gib"],
        ),
        provider=said["provider"],
        account=said["account"],
        region=said["region"],
        cidr=said["cidr"],
        size=size,
    )

"""Where a stack's resources may be, as the inventory declares it, and whose an account is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cellfleet.inventory.fault import Path
from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.stack import Kind, Stack
from cellfleet.inventory.types import Provider


@dataclass(frozen=True, slots=True)
class Place:
    """One region of one account."""

    account: str
    """AWS account, GCP project, Azure subscription or kubeconfig context."""
    region: str


def places_of(fleet: Fleet, stack: Stack) -> tuple[Place, ...]:
    """Every place that a stack's resources may be in, its own first; none of a stack that the fleet does not have."""
    match stack.kind:
        case Kind.CELL | Kind.WORKLOAD:
            cell = cell_of(fleet, stack)
            return () if cell is None else tuple(dict.fromkeys(_of_cell(cell)))
        case Kind.DNS:
            control = fleet.settings.control.get(Provider(fleet.settings.dns.provider))
            return () if control is None else (Place(control.account, control.region),)
        case Kind.REGISTRY | Kind.ROUTING:
            return tuple(_of_routers(fleet, stack.subject))


def cell_of(fleet: Fleet, stack: Stack) -> ManagedCell | None:
    """The cell that a stack is of; None for what cells share, and for a cell that the fleet does not have."""
    if stack.kind not in (Kind.CELL, Kind.WORKLOAD):
        return None
    cell = fleet.cells.get(stack.subject)
    return cell if isinstance(cell, ManagedCell) else None


def owner_of(fleet: Fleet, account: str) -> ManagedCell | None:
    """The cell whose account, or whose backups' account, that is; the first of the inventory."""
    return next((cell for cell in fleet.managed() if account in (cell.account, cell.backup.account)), None)


def path_of(stack: Stack) -> Path:
    """Where a person mends what is wrong with a stack's resources: its cell, its locality, or the fleet's zone."""
    match stack.kind:
        case Kind.CELL | Kind.WORKLOAD:
            return ("cells", stack.subject)
        case Kind.DNS:
            return ("fleet", "dns")
        case Kind.REGISTRY | Kind.ROUTING:
            return ("localities", stack.subject)


def _of_cell(cell: ManagedCell) -> Iterator[Place]:
    yield Place(cell.account, cell.region)
    yield Place(cell.backup.account or cell.account, cell.backup.region)
    if cell.backup.account:
        # The copy of the database is in the cell's own account where a cloud cannot send it out of it.
        yield Place(cell.account, cell.backup.region)
    if cell.replication:
        account = cell.account if cell.provider is not Provider.KUBERNETES else cell.contexts[-1]
        yield Place(account, cell.replication.region)


def _of_routers(fleet: Fleet, locality: str) -> Iterator[Place]:
    router = fleet.routers.get(locality)
    for place in router.places if router else ():
        control = fleet.settings.control.get(Provider(place.provider))
        if control is not None:
            yield Place(control.account, place.region)

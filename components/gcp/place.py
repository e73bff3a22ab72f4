"""Where a part of a cell is: a region of a project. Its backups and its standby are elsewhere than the cell."""

from __future__ import annotations

from dataclasses import dataclass

from cellfleet.inventory.model import ManagedCell


@dataclass(frozen=True, slots=True)
class Place:
    """One region of one project."""

    project: str
    region: str


def home(cell: ManagedCell) -> Place:
    """Where the cell itself is."""
    return Place(cell.account, cell.region)


def backups(cell: ManagedCell) -> Place:
    """Where copies of its backups and objects go."""
    return Place(cell.backup.account or cell.account, cell.backup.region)


def standby(cell: ManagedCell) -> Place | None:
    """Where its warm standby is; None where it has none."""
    return Place(cell.account, cell.replication.region) if cell.replication else None

"""Where a part of a cell is: a region of an account. Its backups and its standby are elsewhere than the cell."""

from __future__ import annotations

from dataclasses import dataclass

from cellfleet.inventory.model import ManagedCell


@dataclass(frozen=True, slots=True)
class Place:
    """One region of one account."""

    account: str
    region: str

    @property
    def root(self) -> str:
        """The account itself, as a principal: whoever its own IAM policies allow."""
        return f"arn:aws:iam::{self.account}:root"

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a regional resource here. Only the standard partition: no cell is in China or GovCloud."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


def home(cell: ManagedCell) -> Place:
    """Where the cell itself is."""
    return Place(cell.account, cell.region)


def backups(cell: ManagedCell) -> Place:
    """Where copies of its backups and objects go."""
    return Place(cell.backup.account or cell.account, cell.backup.region)


def standby(cell: ManagedCell) -> Place | None:
    """Where its warm standby is; None where it has none."""
    return Place(cell.account, cell.replication.region) if cell.replication else None

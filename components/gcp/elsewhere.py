"""Where a cell on GCP is a second time: keys and a bucket in the backup's region, and in the standby's.

Cloud SQL sends its backups to the backup's region by itself. They cannot leave the project: where a cell's backups go
to another account, the bucket's copy does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from cellfleet.inventory.model import ManagedCell
from components.gcp.keys import COPY, Keys
from components.gcp.place import Place
from components.gcp.project import Project
from components.gcp.provider import pinned
from components.gcp.storage import Bucket


@dataclass(frozen=True, slots=True)
class Copy:
    """One other place of a cell."""

    project: str
    region: str
    database: bool
    """Whether a standby of the database is there."""


def copies(cell: ManagedCell) -> tuple[Copy, ...]:
    """The other places of a cell: the backup's first. One that is both has both."""
    standby = cell.replication.region if cell.replication else None
    backup = Copy(
        cell.backup.account or cell.account,
        cell.backup.region,
        database=standby == cell.backup.region and cell.backup.account in (None, cell.account),
    )
    if standby is None or backup.database:
        return (backup,)
    return backup, Copy(cell.account, standby, database=True)


class Elsewhere(pulumi.ComponentResource):
    """The keys and the bucket of one other place."""

    def __init__(
        self,
        name: str,
        *,
        copy: Copy,
        home: Place,
        project: Project,
        labels: Mapping[str, str],
        retention_days: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`project` is the cell's own; another one's APIs and agents are seen to here."""
        super().__init__("cellfleet:gcp:Elsewhere", name, {"region": copy.region, "project": copy.project}, opts)
        self.copy = copy
        child = pulumi.ResourceOptions(parent=self)
        if copy.project != home.project:
            child.provider = pinned(f"{name}-gcp", copy.project, copy.region, opts=pulumi.ResourceOptions(parent=self))
            project = Project(name, copy.project, opts=child)
        self.place = Place(copy.project, copy.region, labels, home.guarded, project.ready)
        self.keys = Keys(name, place=self.place, project=project, users=COPY, opts=child)
        self.bucket = Bucket(name, place=self.place, keys=self.keys, retention_days=retention_days, opts=child)
        self.register_outputs({})

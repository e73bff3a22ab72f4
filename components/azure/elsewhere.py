"""What a cell has outside its own region: for its backups, and for the warm standby that it may have.

Azure sends geo-redundant backups to the paired region and nowhere else. A cell whose backups are declared to go there
uses that: it costs least, and a database can be restored there to any minute of the retention. Where they are to go
anywhere else, the copy is a live one: a reader of the database, and a storage account that each object is copied to;
the way back in time then is the home region's own, kept in all of its zones. In another account, where the residency
has one region only, there is the copy of the objects: Azure takes no backup of PostgreSQL out of the server's
subscription.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import storage

from cellfleet.inventory import regions
from cellfleet.inventory.azure_pairs import pair
from cellfleet.inventory.model import ManagedCell
from cellfleet.inventory.types import Provider
from components.azure.keys import Keys
from components.azure.place import Group
from components.azure.provider import pinned
from components.azure.storage import Bucket


@dataclass(frozen=True, slots=True)
class Copy:
    """What one other region, or another account, holds of a cell."""

    account: str
    region: str
    backups: bool = False
    """PostgreSQL's geo-redundant backups, which want a key there."""
    database: bool = False
    """A reader that can be promoted."""
    bucket: bool = False


def copies(cell: ManagedCell) -> tuple[Copy, ...]:
    """Where a cell has copies and of what, the backup's place first."""
    found: dict[tuple[str, str], Copy] = {}

    def add(account: str, region: str, *, backups: bool = False, database: bool = False, bucket: bool = False) -> None:
        place = (account, region)
        if (backups or database or bucket) and place != (cell.account, cell.region):
            held = found.get(place, Copy(account, region))
            found[place] = Copy(
                account, region, held.backups or backups, held.database or database, held.bucket or bucket
            )

    paired = geo_redundant(cell)
    backup_account = cell.backup.account or cell.account
    add(cell.account, cell.backup.region, backups=paired, database=not paired)
    add(backup_account, cell.backup.region, bucket=not paired or backup_account != cell.account)
    if cell.replication is not None:
        add(cell.account, cell.replication.region, database=True, bucket=True)
    return tuple(found.values())


def geo_redundant(cell: ManagedCell) -> bool:
    """Whether a cell's backups are declared to go where Azure's geo-redundant ones go."""
    return cell.backup.region == pair(cell.region)


def home_sku(cell: ManagedCell) -> storage.SkuName:
    """The redundancy of the cell's own bucket: over its zones, and in the paired region if that is its backup's."""
    match (geo_redundant(cell) and cell.backup.account in (None, cell.account), len(cell.zones) > 1):
        case True, True:
            return storage.SkuName.STANDARD_RAGZRS
        case True, False:
            return storage.SkuName.STANDARD_RAGRS
        case False, True:
            return storage.SkuName.STANDARD_ZRS
        case _:
            return storage.SkuName.STANDARD_LRS


class Elsewhere(pulumi.ComponentResource):
    """The group, keys and bucket of one copy, with a provider of their own."""

    def __init__(
        self,
        name: str,
        *,
        copy: Copy,
        tags: Mapping[str, str],
        guarded: bool,
        retention_days: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        self.provider = pinned(f"{name}-azure", copy.account, copy.region)
        super().__init__(
            "cellfleet:azure:Elsewhere",
            name,
            {"account": copy.account, "region": copy.region},
            pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(providers=[self.provider])),
        )
        child = pulumi.ResourceOptions(parent=self)
        self.name = name
        self.copy = copy
        self.group = Group(name, subscription=copy.account, region=copy.region, tags=tags, guarded=guarded, opts=child)
        self.place = self.group.place
        self.keys = Keys(name, place=self.place, classes=("data",), opts=child)
        self.bucket = (
            Bucket(
                name,
                place=self.place,
                keys=self.keys,
                sku=storage.SkuName.STANDARD_ZRS if has_zones(copy.region) else storage.SkuName.STANDARD_LRS,
                retention_days=retention_days,
                opts=child,
            )
            if copy.bucket
            else None
        )
        self.register_outputs({})


def has_zones(name: str) -> bool:
    """Whether a region has several zones."""
    known = regions.region(Provider.AZURE, name)
    return known is not None and len(known.zones) > 1

"""What a cell that is like another takes over from it, and what it has of its own.

Its own are name, id, account, range and state. Taken over is what tells its kind: locality, provider, region, zones,
class, ring, tenancy, isolation, where backups and the standby go, labels. Left behind is what was decided for the other
alone: the ids that it hands out, a pinned release, a freeze or a fence, what it restores.

In another region, zones are that region's first, as many as the other has. A backup or standby that would then be in
the cell's own region goes to the region of the other, which its locality's data may be in for certain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any, Final

from cellfleet.failure import Failure
from cellfleet.inventory import regions
from cellfleet.inventory.edit.scalar import Value
from cellfleet.inventory.fault import Path
from cellfleet.inventory.model import ManagedCell
from cellfleet.inventory.types import Provider, State

LEFT_BEHIND: Final = ("id_ranges", "release", "frozen", "fenced", "restores")
KEYS: Final = tuple(of.alias or name for name, of in ManagedCell.model_fields.items())
"""A cell's keys, in the order in which inventories have them."""
_BAD_INVOCATION: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the new cell is to have; what is None or empty is the other's."""

    name: str
    id: int
    cidr: IPv4Network
    account: str
    state: State = State.PLANNED
    region: str | None = None
    zones: tuple[str, ...] = ()
    country: str | None = None
    class_: str | None = None
    ring: str | None = None
    backup_account: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


def new_cell(like: ManagedCell, wish: Wish) -> ManagedCell:
    """The cell that is meant, not yet checked. Raises Failure where something has to be said that was not."""
    changes: dict[str, Any] = {
        **{name: getattr(wish, name) for name in ("name", "id", "cidr", "account", "state")},
        **{key: ManagedCell.model_fields[key].default for key in LEFT_BEHIND},
        "labels": {**like.labels, **wish.labels},
        "class_": wish.class_ or like.class_,
        "ring": wish.ring or like.ring,
        "country": wish.country or like.country,
    }
    if wish.backup_account:
        changes["backup"] = like.backup.model_copy(update={"account": wish.backup_account})
    if wish.zones:
        changes["zones"] = wish.zones
    if wish.region and wish.region != like.region:
        changes |= {"region": wish.region, "zones": wish.zones or _zones(like, wish.region)}
        for elsewhere in ("backup", "replication"):
            inner = changes.get(elsewhere, getattr(like, elsewhere))
            if inner and inner.region == wish.region:
                changes[elsewhere] = inner.model_copy(update={"region": like.region})
    return like.model_copy(update=changes)


def differences(like: ManagedCell, cell: ManagedCell) -> dict[Path, Value]:
    """What is to be changed in a copy of the other's lines, by the path within the cell."""
    changes: dict[Path, Value] = {
        ("id",): cell.id,
        ("account",): cell.account,
        ("cidr",): cell.cidr,
        ("state",): str(cell.state),
    }
    for key, name in (("region", "region"), ("country", "country"), ("class", "class_"), ("ring", "ring")):
        if getattr(cell, name) != getattr(like, name):
            changes[key,] = getattr(cell, name)
    if cell.zones != like.zones:
        changes["zones",] = cell.zones
    for key in ("backup", "replication"):
        before, after = getattr(like, key), getattr(cell, key)
        for inner in ("region", "account"):
            if getattr(before, inner, None) != getattr(after, inner, None):
                changes[key, inner] = getattr(after, inner)
    changes |= {("labels", key): value for key, value in cell.labels.items() if like.labels.get(key) != value}
    return changes


def _zones(like: ManagedCell, region: str) -> tuple[str, ...]:
    if like.provider is Provider.KUBERNETES:
        raise Failure(
            f"What the zones of {region} are called, nobody but its operators know.",
            "Name them: --zone rack-1 --zone rack-2.",
            exit_code=_BAD_INVOCATION,
        )
    known = regions.region(like.provider, region)
    return known.zones[: len(like.zones)] if known else like.zones

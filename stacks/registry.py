"""The `registry-<locality>` stack: what the locality's routers, and whoever else, know of cells and tenants, in a copy
in each place that the routers are in."""

from __future__ import annotations

import pulumi

from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet
from cellfleet.registry.bundle import bundle
from cellfleet.registry.snapshot import build
from components.shards import LARGEST
from stacks.claim import claim
from stacks.copies import copies
from stacks.order import refuse_routed
from stacks.tenants import deployment_key, tenants_of


def deploy(fleet: Fleet, locality: str) -> None:
    """Publish the locality's snapshot, and export as what; that is said whether or not each copy succeeds.

    Raises Failure for a locality without routers, and for tenants that cannot be read.
    """
    if locality not in fleet.routers:
        raise Failure(f"Locality {locality!r} has no routers.", f"Declare them under routers.{locality}.")
    published = bundle(build(fleet, locality, tenants_of(fleet), deployment_key(fleet)), LARGEST)
    routed = sorted(cell.name for cell in fleet.cells.values() if cell.locality == locality and cell.routed)
    allowed = refuse_routed(fleet, locality, routed)
    claimed = claim(fleet.settings.registry_epoch, published.digest, allowed)
    head = claimed.apply(lambda kept: published.head(kept.epoch, kept.generation).text())
    pulumi.export("epoch", claimed.apply(lambda kept: kept.epoch))
    pulumi.export("generation", claimed.apply(lambda kept: kept.generation))
    pulumi.export("digest", claimed.apply(lambda kept: kept.digest))
    pulumi.export("routed", routed)
    copies(fleet, locality, published, head, allowed)

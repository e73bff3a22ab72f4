"""The `routing-<locality>` stack: the routers of one locality, so that a bad change cannot reach two."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pulumi

from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet, Router, Target
from cellfleet.routing.table import RoutingTable, routing_table
from components.kubernetes import router
from components.kubernetes.provider import router_provider
from stacks.clusters import addresses
from stacks.order import once, refuse_unregistered
from stacks.tenants import deployment_key, tenants_of


def deploy(fleet: Fleet, locality: str) -> None:
    """Deploy the locality's table to each of its clusters, one after the other, and export what it is.

    Raises Failure for a locality without routers, for clusters that will not do, and for tenants that cannot be read.
    """
    if (declared := fleet.routers.get(locality)) is None:
        raise Failure(f"Locality {locality!r} has no routers.", f"Declare them under routers.{locality}.")
    clusters = addresses(fleet, locality)
    table = routing_table(fleet, locality, tenants_of(fleet), deployment_key(fleet))
    files = _files(declared, table)
    allowed = refuse_unregistered(fleet, locality, table.cells)
    before: list[pulumi.Resource] = []
    for cluster, address in clusters.items():
        provider = router_provider(locality, cluster, once(allowed, cluster))
        opts = pulumi.ResourceOptions(provider=provider, depends_on=before)
        before = [router.Router(fleet, table, cluster, address, files, opts)]
    texts = (f"{target}/{name}\0{text}\0" for target, some in files.items() for name, text in some.items())
    pulumi.export("cells", sorted(table.cells))
    pulumi.export("hosts", list(table.hosts))
    pulumi.export("digest", hashlib.sha256("".join(sorted(texts)).encode()).hexdigest())


def _files(declared: Router, table: RoutingTable) -> dict[Target, Mapping[str, str]]:
    """What each of the locality's targets is configured with."""
    files: dict[Target, Mapping[str, str]] = {}
    if "envoy" in declared.targets:
        from cellfleet.routing import envoy

        files["envoy"] = envoy.files(table, envoy.VOLUME)
    if "synapse" in declared.targets:
        from cellfleet.routing import synapse

        files["synapse"] = synapse.files(table)
    return files

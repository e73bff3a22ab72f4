"""The test fleet as Synapse in `de` is to serve it, and what its locator would have fetched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cellfleet.inventory.pattern import Names
from cellfleet.routing.synapse import files
from cellfleet.routing.synapse.match import Synapse
from cellfleet.routing.table import RoutingTable
from tests.routing.envoy.fleets import TENANTS, routes, table

BY_TENANT: Final = {
    "host": "{locality}.acme.io",
    "path": "/api/0/organizations/{tenant}/*",
    "service": "web",
    "elsewhere": "refuse",
}
BY_CELL: Final = {"host": "{locality}.acme.io", "path": "/api/0/cells/{cell}/*", "service": "web"}
BY_ID: Final = {
    "host": "ingest.{locality}.acme.io",
    "path": "/{tenant_id}/store",
    "service": "ingest",
    "elsewhere": "refuse",
}
ANYTHING: Final = {"host": "{locality}.acme.io", "service": "web"}
SYNAPSE: Final = {"routers.de.targets": ["envoy", "synapse"]}


def de(*some: Mapping[str, Any], **changes: Any) -> RoutingTable:
    """The table of `de`, with these routes, else one of each kind that Synapse can be told."""
    declared = routes(*(some or (BY_TENANT, BY_CELL, BY_ID, ANYTHING)))
    return table(SYNAPSE | declared | changes, "de")


def mapping(of: RoutingTable) -> dict[str, str]:
    """The cell of each id and slug of the locality's tenants."""
    ids = {number: cell for number, cell in TENANTS.values() if cell in of.cells}
    return {**of.placements.here.get(Names.TENANT, {}), **ids}


def synapse(of: RoutingTable) -> Synapse:
    return Synapse(files(of), mapping(of))

"""Synapse as a target: what a locality's table is in the terms of getsentry/synapse, which finds a cell by the path.

| file | holds |
|---|---|
| `proxy.yaml` | what the proxy is started with |
| `locator.yaml` | what a locator by itself is started with, for others who ask where a tenant is |
| `egress.json` | the bootstrap of the Envoy beside the proxy, which takes its requests on to the cells |
| `sds-*.json` | which certificates that Envoy uses |

Both find tenants by the mapping that the registry writes. All three read their file when they start, so for a new cell
the Envoy is started again before the proxy, and after it for one that leaves.

Routes that Synapse cannot be told (`express`) are in none of these.
"""

from __future__ import annotations

from collections.abc import Mapping

from cellfleet.routing.synapse import egress, proxy
from cellfleet.routing.synapse.exits import exits
from cellfleet.routing.synapse.express import said
from cellfleet.routing.table import RoutingTable


def files(table: RoutingTable) -> Mapping[str, str]:
    """Every file by its name; equal for equal tables."""
    routes = said(table)
    ways = exits(table, routes)
    return {
        "proxy.yaml": proxy.proxy(table, routes, ways),
        "locator.yaml": proxy.locator(table),
        **egress.files(table, ways),
    }

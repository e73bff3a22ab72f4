"""Envoy as a target: what a locality's table is in Envoy's own terms.

`files` is all that one Envoy needs in the folder that it is started in, but for its certificates and the tenants' key:

| file | holds | takes effect |
|---|---|---|
| `envoy.json` | the bootstrap: `envoy -c envoy.json` | at start |
| `lds.json`, `cds.json`, `rds.json` | listeners, cells, routes | when the folder changes, with no request dropped |
| `sds-*.json` | which certificates are used | likewise |
| `router-<digest>.lua` | the program that finds a tenant's cell | when `rds.json` names it |
| `map-<digest>.txt` | the tenants, in shards, for that program | when the program names it |

What is named by its digest never changes, so a changed map is a new program and changed routes, which Envoy takes up as
a whole or not at all: listeners, connections and all other state stay.

In a volume of Kubernetes' a file of a new name is at first only below `..data`, the link whose change tells Envoy to
look: there (`VOLUME`) it has to be asked for where it certainly is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cellfleet.routing.envoy import bootstrap, clusters, listeners, program, routes
from cellfleet.routing.envoy.text import lines, resources
from cellfleet.routing.table import RoutingTable

VOLUME: Final = "..data/"
"""`within` for files that Kubernetes puts into a pod."""


def files(table: RoutingTable, within: str = "") -> Mapping[str, str]:
    """Every file by its name; equal for equal tables.

    `within` is where, in Envoy's folder, it finds those that are named by their digest; empty, or ending in a slash.
    """
    mapped = program.map_files(table)
    name, text = program.program(table.locality, [f"{within}{file}" for file, _ in mapped])
    return {
        "envoy.json": bootstrap.bootstrap(table),
        "lds.json": resources(listeners.listeners(table)),
        "cds.json": lines(clusters.clusters(table)),
        "rds.json": resources([routes.route_configuration(table, f"{within}{name}")]),
        **{f"{name}.json": resources([secret]) for name, secret in bootstrap.secrets().items()},
        name: text,
        **dict(mapped),
    }

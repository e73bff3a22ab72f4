"""Prometheus' file service discovery: a target for each service of each cell of a locality that is deployed.

All services of a cell have one address, and the label `service` tells them apart: a scrape has to send it as the header
`x-cellfleet-service`, and prove itself with a client certificate, as a router does. Cells that cellfleet does not
manage have no labels `provider` and `region`.

Format: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#file_sd_config.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cellfleet.inventory.model import Cell, Fleet, ManagedCell
from cellfleet.registry.formats.running import running
from cellfleet.registry.record import PORT


def emit(fleet: Fleet, locality: str) -> Mapping[str, bytes]:
    """`cells.json`, one group of one target for each service of each cell, sorted."""
    groups = [
        {"targets": [f"{fleet.address_of(cell)}:{PORT}"], "labels": _labels(fleet, cell, service)}
        for cell in running(fleet, locality)
        for service in sorted(fleet.services)
    ]
    return {"cells.json": f"{json.dumps(groups, indent=2, sort_keys=True)}\n".encode()}


def _labels(fleet: Fleet, cell: Cell, service: str) -> dict[str, Any]:
    labels = {
        "fleet": fleet.project,
        "cell": cell.name,
        "locality": cell.locality,
        "ring": cell.ring,
        "class": cell.class_,
        "service": service,
    }
    return labels | ({"provider": str(cell.provider), "region": cell.region} if isinstance(cell, ManagedCell) else {})

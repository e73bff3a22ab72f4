"""What one Envoy needs for a table.

Measured with Envoy 1.40 on Linux x86_64, 2026-11 (`python -m benchmarks envoy`): each worker reads the map for itself.
"""

from __future__ import annotations

from typing import Final

from cellfleet.routing.table import RoutingTable

WORKERS: Final = 2
"""Threads that serve requests, `--concurrency`."""
_EMPTY_MIB: Final = 128
_BYTES_A_NAME: Final = 200
"""Of one worker, while it takes up a new map beside the one that it has."""
_KIB_A_CLUSTER: Final = 80


def memory_mib(table: RoutingTable) -> int:
    """Mebibytes that an Envoy with `WORKERS` workers needs, with a changed map read beside the current one."""
    names = len(table.placements) * _BYTES_A_NAME * WORKERS / 2**20
    clusters = len(table.cells) * len(table.services) * _KIB_A_CLUSTER / 2**10
    return round(_EMPTY_MIB + 2 * names + clusters)

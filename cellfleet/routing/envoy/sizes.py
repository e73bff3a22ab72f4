"""What one Envoy needs for a table.

Measured with Envoy 1.40 on Linux x86_64, 2026-11 (`python -m benchmarks envoy`), each with a quarter or more added:
69 MiB for one with the example's routes, 164 KiB a cluster, 22 KiB a connection. A map is text that each worker and the
main thread hold once, and 3.1 to 3.5 times while a changed one is read beside it.
"""

from __future__ import annotations

from typing import Final

from cellfleet.routing.envoy import program
from cellfleet.routing.table import RoutingTable

WORKERS: Final = 2
"""Threads that serve requests, `--concurrency`."""
CONNECTIONS: Final = 10_000
"""Of clients at a time; more are refused, for each takes memory."""
_EMPTY_MIB: Final = 88
_MAPS_A_THREAD: Final = 4.5
_KIB_A_CLUSTER: Final = 210
_KIB_A_CONNECTION: Final = 28


def memory_mib(table: RoutingTable) -> int:
    """Mebibytes that an Envoy with `WORKERS` workers needs, with a changed map read beside the current one."""
    maps = program.shard_bytes(table) * _MAPS_A_THREAD * (WORKERS + 1) / 2**20
    clusters = len(table.cells) * len(table.services) * _KIB_A_CLUSTER / 2**10
    return round(_EMPTY_MIB + maps + clusters + CONNECTIONS * _KIB_A_CONNECTION / 2**10)

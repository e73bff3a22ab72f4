"""Machine types: the smallest that gives what a class asks for.

Sources: Compute Engine's machine families (N2 standard) and Cloud SQL's machine types of the Enterprise Plus edition
(performance-optimized N), Google Cloud documentation, November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cellfleet.failure import Failure
from cellfleet.inventory.model import Database, Nodes

_NODE_VCPUS: Final[Sequence[int]] = (2, 4, 8, 16, 32, 48, 64, 80, 96, 128)
_NODE_GIB_PER_VCPU: Final = 4
_DATABASE_GIB: Final[Mapping[int, int]] = {
    2: 16, 4: 32, 8: 64, 16: 128, 32: 256, 48: 384, 64: 512, 80: 640, 96: 768, 128: 864,
}  # fmt: skip


def machine_type(nodes: Nodes) -> str:
    """The smallest machine type with at least the vCPUs and memory of one of the nodes.

    Raises Failure where there is none.
    """
    for vcpus in _NODE_VCPUS:
        if vcpus >= nodes.vcpus and vcpus * _NODE_GIB_PER_VCPU >= nodes.memory_gib:
            return f"n2-standard-{vcpus}"
    raise Failure(
        f"no machine type of Google Cloud's N2 family has {nodes.vcpus} vCPUs and {nodes.memory_gib} GiB; the largest, "
        "n2-standard-128, has 128 and 512",
        "give the class more and smaller nodes",
        exit_code=2,
    )


def database_tier(database: Database) -> str:
    """The smallest Cloud SQL tier with at least the database's vCPUs and memory.

    Raises Failure where there is none.
    """
    for vcpus, gib in _DATABASE_GIB.items():
        if vcpus >= database.vcpus and gib >= database.memory_gib:
            return f"db-perf-optimized-N-{vcpus}"
    raise Failure(
        f"no Cloud SQL tier has {database.vcpus} vCPUs and {database.memory_gib} GiB; the largest, "
        "db-perf-optimized-N-128, has 128 and 864",
        "give the class a smaller database, and fewer tenants",
        exit_code=2,
    )

"""Machine types: the cheapest that has what a class asks for.

Sizes are AWS's; the order within a size is that of the on-demand prices per vCPU in us-east-1: compute-optimised,
general, memory-optimised. The sizes were compared in 2026-11 with AWS's list of m7i's and with others' of r7i's and of
db.r7g's, the prices with r7i's alone. Which regions lack these families, as the newest may, was not checked.
"""

from __future__ import annotations

from typing import Final

from cellfleet.failure import Failure
from cellfleet.inventory.model import Database, Nodes

# vCPUs of each size. 7th generation Intel: x86, so that any image runs.
_NODE_SIZES: Final = {
    "large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32, "12xlarge": 48,
    "16xlarge": 64, "24xlarge": 96, "48xlarge": 192,
}  # fmt: skip
# Family: GiB a vCPU, US dollars an hour a vCPU.
_NODE_FAMILIES: Final = {"c7i": (2, 0.0446), "m7i": (4, 0.0504), "r7i": (8, 0.0662)}

_DATABASE_SIZES: Final = {
    "large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32, "12xlarge": 48, "16xlarge": 64,
}  # fmt: skip
_DATABASE_FAMILY: Final = "db.r7g"
_DATABASE_GIB_PER_VCPU: Final = 8


def node_type(nodes: Nodes) -> str:
    """The cheapest EC2 instance type with at least the vCPUs and memory of one node.

    Raises Failure where there is none.
    """
    fitting = [
        (vcpus * price, f"{family}.{size}")
        for family, (gib_per_vcpu, price) in _NODE_FAMILIES.items()
        for size, vcpus in _NODE_SIZES.items()
        if vcpus >= nodes.vcpus and vcpus * gib_per_vcpu >= nodes.memory_gib
    ]
    if not fitting:
        raise Failure(
            f"no EC2 instance type has {nodes.vcpus} vCPUs and {nodes.memory_gib} GiB; the largest, r7i.48xlarge, "
            "has 192 and 1536",
            "ask for more but smaller nodes in the class",
            exit_code=2,
        )
    return min(fitting)[1]


def database_class(database: Database) -> str:
    """The smallest Aurora instance class with at least the database's vCPUs and memory.

    Raises Failure where there is none.
    """
    for size, vcpus in _DATABASE_SIZES.items():
        if vcpus >= database.vcpus and vcpus * _DATABASE_GIB_PER_VCPU >= database.memory_gib:
            return f"{_DATABASE_FAMILY}.{size}"
    raise Failure(
        f"no Aurora instance class has {database.vcpus} vCPUs and {database.memory_gib} GiB; the largest, "
        "db.r7g.16xlarge, has 64 and 512",
        "give the class a smaller database, and fewer tenants",
        exit_code=2,
    )

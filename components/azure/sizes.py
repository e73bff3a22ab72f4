"""Azure's sizes: the smallest that gives what a class asks for."""

from __future__ import annotations

from typing import Final

from cellfleet.failure import Failure

# vCPUs and GiB of memory. https://learn.microsoft.com/azure/virtual-machines/sizes/general-purpose/dsv5-series;
# compared with others' tables of it in 2026-11.
_DS_V5: Final = {vcpus: vcpus * 4 for vcpus in (2, 4, 8, 16, 32, 48, 64, 96)}

# https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-compute, 2026-01: memory optimized, Edsv5.
_EDS_V5: Final = {2: 16, 4: 32, 8: 64, 16: 128, 20: 160, 32: 256, 48: 384, 64: 512, 96: 672}

# GiB of Premium SSD. https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-storage; compared with the
# sizes that azurerm takes (2026-11), which has 4095 too.
_STORAGE_GIB: Final = (32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32767)

SYSTEM_NODE: Final = "Standard_D4s_v5"
"""A machine for AKS's own add-ons; system pools take nothing under 4 vCPUs and 4 GiB.
https://learn.microsoft.com/azure/aks/use-system-pools, 2026-04."""

MOST_REPLICAS: Final = 5
"""Read replicas of one PostgreSQL server, a standby in another region among them.
https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-read-replicas, seen 2026-11."""


def node(vcpus: int, memory_gib: int) -> str:
    """The machine type of a cluster's nodes: `Standard_D4s_v5`.

    Raises Failure where Azure has none so large.
    """
    return f"Standard_D{_smallest(_DS_V5, vcpus, memory_gib, 'a node', 'Dsv5')}s_v5"


def database(vcpus: int, memory_gib: int) -> str:
    """The compute size of a PostgreSQL server: `Standard_E4ds_v5`.

    Raises Failure where Azure has none so large.
    """
    return f"Standard_E{_smallest(_EDS_V5, vcpus, memory_gib, 'a database', 'Edsv5')}ds_v5"


def storage(gib: int) -> int:
    """The GiB of a PostgreSQL server's disk, at least `gib`.

    Raises Failure where Azure has none so large.
    """
    for size in _STORAGE_GIB:
        if size >= gib:
            return size
    raise Failure(
        f"no disk of Azure Database for PostgreSQL holds {gib} GiB; the largest has {_STORAGE_GIB[-1]} GiB",
        "give the cell a smaller class, and spread its tenants over more cells",
    )


def _smallest(series: dict[int, int], vcpus: int, memory_gib: int, what: str, family: str) -> int:
    for has_vcpus, has_memory in series.items():
        if has_vcpus >= vcpus and has_memory >= memory_gib:
            return has_vcpus
    most = max(series)
    raise Failure(
        f"no size of Azure's {family} series gives {what} {vcpus} vCPUs and {memory_gib} GiB of memory; "
        f"the largest has {most} vCPUs and {series[most]} GiB",
        "give the cell a class with smaller machines, and more of them or more cells",
    )

"""GCP's sizes: the smallest that gives what a class asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cellfleet.failure import Failure

# vCPUs and GiB of memory. https://cloud.google.com/compute/docs/general-purpose-machines#n2_series. N2 takes the
# balanced disks that nodes have, and was in every zone that GCP had in 2023 by a listing of its API, as N2D was not; of
# the six regions that are younger (africa-south1, asia-southeast3, europe-north2, europe-west10, me-central2 and
# northamerica-south1) no listing was found.
_N2: Final = {vcpus: vcpus * 4 for vcpus in (2, 4, 8, 16, 32, 48, 64, 80, 96, 128)}

# https://cloud.google.com/sql/docs/postgres/machine-series-overview: Enterprise Plus, series N2, the sizes of Compute
# Engine's n2-highmem (seen 2026-11). Edition Enterprise has at most 6.5 GiB for a vCPU, and keeps logs to recover from
# for 7 days only. Enterprise Plus is not in every region: lists from 2025 lack europe-north2 and northamerica-south1.
_PERFORMANCE_OPTIMIZED: Final = {
    2: 16, 4: 32, 8: 64, 16: 128, 32: 256, 48: 384, 64: 512, 80: 640, 96: 768, 128: 864,
}  # fmt: skip

SQL_EDITION: Final = "ENTERPRISE_PLUS"
_LEAST_SQL_GIB: Final = 10
_MOST_SQL_GIB: Final = 65_536
"""https://cloud.google.com/sql/docs/quotas, seen 2026-11: up to 64 TB."""


def node(vcpus: int, memory_gib: int) -> str:
    """The machine type of a cluster's nodes: `n2-standard-4`.

    Raises Failure where GCP has none so large.
    """
    return f"n2-standard-{_smallest(_N2, vcpus, memory_gib, 'a node', 'n2-standard')}"


def database(vcpus: int, memory_gib: int) -> str:
    """The tier of a PostgreSQL instance: `db-perf-optimized-N-4`.

    Raises Failure where Cloud SQL has none so large.
    """
    found = _smallest(_PERFORMANCE_OPTIMIZED, vcpus, memory_gib, "a database", "db-perf-optimized-N")
    return f"db-perf-optimized-N-{found}"


def storage(gib: int) -> int:
    """The GiB of a PostgreSQL instance's disk, at least `gib`.

    Raises Failure where Cloud SQL has none so large.
    """
    if gib > _MOST_SQL_GIB:
        raise Failure(
            f"no disk of Cloud SQL holds {gib} GiB; the largest has {_MOST_SQL_GIB} GiB",
            "give the cell a smaller class, and spread its tenants over more cells",
        )
    return max(gib, _LEAST_SQL_GIB)


def _smallest(series: Mapping[int, int], vcpus: int, memory_gib: int, what: str, family: str) -> int:
    for has_vcpus, has_memory in series.items():
        if has_vcpus >= vcpus and has_memory >= memory_gib:
            return has_vcpus
    most = max(series)
    raise Failure(
        f"no size of GCP's {family} series gives {what} {vcpus} vCPUs and {memory_gib} GiB of memory; "
        f"the largest has {most} vCPUs and {series[most]} GiB",
        "give the cell a class with smaller machines, and more of them or more cells",
    )

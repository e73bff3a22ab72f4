"""How a cell's address ranges are divided: pure arithmetic, so that rules can ask for it too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

from cellfleet.failure import Failure

_BLOCKS: Final = 4
"""A cell's range is divided into 2**4 blocks; of a /20 each has 256 addresses, of which Azure keeps 5."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """A cell's ranges.

    Blocks 0 to 7 are for nodes, a zone each; 8 for the API server; 9 for private endpoints; 10 for databases; 11 is
    free. Blocks 12 to 15 are left out of the cell's own network: each is the network of one standby of the cell's in
    another region, which is peered with it, so the ranges must differ.
    """

    network: tuple[IPv4Network, ...]
    """What the cell's own network spans: blocks 0 to 11."""
    nodes: tuple[IPv4Network, ...]
    """One range a zone."""
    api_server: IPv4Network
    endpoints: IPv4Network
    databases: IPv4Network
    standbys: tuple[IPv4Network, ...]
    pods: IPv4Network
    """The lower half of the pod range: the overlay gives each node a /24 of it."""
    services: IPv4Network
    """The last /20 of the pod range: like pods, never routed outside the cluster."""


def divide(cidr: IPv4Network, pod_cidr: IPv4Network, zones: Sequence[str], machines: int) -> Addresses:
    """Divide the ranges of a cell with these zones and so many machines.

    Raises Failure where the pod range has no /24 for each of twice the machines: an upgrade brings up new ones before
    it takes down the old.
    """
    blocks = list(cidr.subnets(prefixlen_diff=_BLOCKS))
    lower, upper = pod_cidr.subnets(prefixlen_diff=1) if pod_cidr.prefixlen <= 18 else (pod_cidr, pod_cidr)
    if lower == upper or lower.num_addresses // 256 < 2 * machines:
        raise Failure(
            f"the pod range {pod_cidr} is too small for {machines} machines on Azure: half of it is for pods, in which "
            f"each machine takes 256 addresses, and in an upgrade there are twice as many machines",
            "give the cell a larger pod_cidr; pod ranges are not routed outside a cell, so cells may share one",
        )
    return Addresses(
        network=(next(cidr.subnets(prefixlen_diff=1)), list(cidr.subnets(prefixlen_diff=2))[2]),
        nodes=tuple(blocks[: len(zones)]),
        api_server=blocks[8],
        endpoints=blocks[9],
        databases=blocks[10],
        standbys=tuple(blocks[12:]),
        pods=lower,
        services=list(upper.subnets(new_prefix=20))[-1],
    )

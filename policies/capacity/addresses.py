"""Whether a cell fits into its ranges with room (CAP-09), by how each cloud's network is cut up.

Reckoned for the cell at its largest: all machines of its class and those that an upgrade adds. How many addresses
that takes is the cloud's to say:

| | a zone's nodes | pods, a machine | Services | database |
|---|---|---|---|---|
| AWS | half of the zone's block, less 5 | 144 (below), or 288 | EKS chooses | a quarter of the zone's block, less 5 |
| GCP | half of cidr for all zones, less 5 | 256: a /24 for up to 110 pods | a /20 | a /24 a region |
| Azure | a sixteenth of cidr, less 5 | 256: the overlay's /24 | a /20 | a sixteenth of cidr, less 5 |
| kubernetes | the cluster owner's | 256: the controller manager's default | the cluster owner's | among the pods |

EKS hands out pods' addresses in blocks of 16: 110 pods (250 on machines of 30 vCPUs or more) take 7 (16) of them, one
is kept warm and one is for the interfaces' own.

Sources, seen 2026-11: https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses.html (a /28 a
prefix; 110 pods, or 250 from 30 vCPUs on), https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html (5
kept), https://cloud.google.com/kubernetes-engine/docs/how-to/flexible-pod-cidr,
https://learn.microsoft.com/azure/aks/concepts-network-azure-cni-overlay. How a range is cut is `components`' own;
tests hold these figures to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from math import ceil
from typing import Final

from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.types import Provider
from policies.capacity.measures import above, percent
from policies.capacity.rules import ADDRESSES
from policies.rule import Facts, Violation

KEPT: Final = 5
"""Addresses of a subnet that the cloud keeps."""
BESIDE_NODES: Final = 24
"""In a zone's subnet of nodes on AWS: 8 endpoints, and the 16 addresses that EKS advises to leave to the cluster.
https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html, seen 2026-11."""
PODS_OF_A_MACHINE: Final = 256
SERVICES: Final = 64
"""Kubernetes Services of a cell beside the product's: the Gateway's, the operators' and the cluster's own."""
_A_BLOCK: Final = 16


@dataclass(frozen=True, slots=True)
class Fit:
    """One use of a range."""

    what: str
    field: str
    """`cidr` or `pod_cidr`."""
    has: int
    """Addresses."""
    needs: int


def cells_fit_their_ranges(facts: Facts) -> Iterator[Violation]:
    """CAP-09, as declared: of each use of a range by itself."""
    share = facts.number(ADDRESSES, "used")
    for cell in facts.fleet.managed():
        for fit in fits(facts.fleet, cell):
            if above(fit.needs, share * fit.has):
                yield Violation(
                    ADDRESSES,
                    ("cells", cell.name, fit.field),
                    f"{fit.what} of {cell.name} need {fit.needs:,} addresses at its largest, and have "
                    f"{max(0, fit.has):,}",
                    measured=f"{fit.needs:,} of {max(0, fit.has):,}"
                    + (f": {percent(fit.needs / fit.has)}" if fit.has > 0 else ""),
                    limit=percent(share),
                    remedy=f"give the cell a larger {fit.field}, or a class of fewer and larger machines",
                )


def fits(fleet: Fleet, cell: ManagedCell) -> Iterator[Fit]:
    """What of a cell needs addresses, by its provider."""
    cell_class, zones = fleet.class_of(cell), len(cell.zones)
    nodes, copies = cell_class.nodes, 1 + cell_class.database.replicas
    a_zone = ceil(nodes.count / zones)
    match cell.provider:
        case Provider.AWS:
            blocks = max(4, 2 ** (zones - 1).bit_length())
            block = cell.cidr.num_addresses // blocks
            pods = min(cell.pod_cidr.num_addresses // blocks, 2**16)
            yield Fit("the nodes in a zone", "cidr", block // 2 - KEPT, a_zone + 1 + BESIDE_NODES)
            yield Fit("the database in a zone", "cidr", block // 4 - KEPT, 2 * ceil(copies / zones))
            yield Fit("the pods in a zone", "pod_cidr", pods - KEPT, (a_zone + 1) * pods_of_a_node(nodes.vcpus))
        case Provider.GCP:
            machines = (a_zone + 1) * zones
            regions = 1 + (cell.replication is not None)
            yield Fit("the nodes", "cidr", cell.cidr.num_addresses // 2 - KEPT, machines)
            yield Fit("the databases' ranges", "cidr", cell.cidr.num_addresses // 4, 256 * regions)
            yield Fit("the pods", "pod_cidr", cell.pod_cidr.num_addresses // 2, machines * PODS_OF_A_MACHINE)
            yield _services(fleet, cell.pod_cidr)
        case Provider.AZURE:
            system = max(2, zones)
            block = cell.cidr.num_addresses // 16 - KEPT
            machines = 2 * (nodes.count + system)
            yield Fit("the nodes in a zone", "cidr", block, 2 * (a_zone + system))
            yield Fit("the database", "cidr", block, 2 * copies)
            yield Fit("the pods", "pod_cidr", cell.pod_cidr.num_addresses // 2, machines * PODS_OF_A_MACHINE)
            yield _services(fleet, cell.pod_cidr)
        case Provider.KUBERNETES:
            yield Fit("the pods", "pod_cidr", cell.pod_cidr.num_addresses, nodes.count * PODS_OF_A_MACHINE)


def pods_of_a_node(vcpus: int) -> int:
    """Addresses that the pods of one EKS node take."""
    most = 110 if vcpus < 30 else 250
    return (ceil(most / _A_BLOCK) + 2) * _A_BLOCK


def _services(fleet: Fleet, pod_cidr: IPv4Network) -> Fit:
    return Fit("the Services", "pod_cidr", min(2**12, pod_cidr.num_addresses // 2), len(fleet.services) + SERVICES)

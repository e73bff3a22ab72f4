"""How the ranges of a cell on GCP are divided.

Of the cell's own range (`cidr`): the first half is for nodes and the control plane's private endpoint; the third
quarter is leased to Google's managed services, which put the database there, a /24 for each region that it is in; the
last quarter is left free. Of the range that is not routed outside the cell (`pod_cidr`): the first half is for pods,
and the first /20 of the second half for Kubernetes Services.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

from cellfleet.failure import Failure

_SERVICES: Final = 20
_PODS_OF_A_NODE: Final = 24
"""GKE gives a node of up to 110 pods a /24 of the pods' range.
https://cloud.google.com/kubernetes-engine/docs/how-to/flexible-pod-cidr, seen 2026-11."""
_TAKEN_IN_A_SUBNET: Final = 4 + 1
"""By GCP itself, and by the control plane's private endpoint."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """The ranges of one cell."""

    nodes: IPv4Network
    managed_services: IPv4Network
    pods: IPv4Network
    services: IPv4Network


def divide(cidr: IPv4Network, pod_cidr: IPv4Network, nodes: int) -> Addresses:
    """The ranges of a cell that has `nodes` machines at the most, those among them that only an upgrade needs.

    Raises Failure where they do not fit.
    """
    if pod_cidr.prefixlen >= _SERVICES:
        raise Failure(
            f"pod_cidr {pod_cidr} is too small to divide: its halves are for pods and for a /{_SERVICES} of Services",
            f"give the cell a pod_cidr of /{_SERVICES - 1} or larger, such as 100.64.0.0/14",
        )
    for_nodes, rest = cidr.subnets(prefixlen_diff=1)
    pods, other = pod_cidr.subnets(prefixlen_diff=1)
    room = min(for_nodes.num_addresses - _TAKEN_IN_A_SUBNET, pods.num_addresses >> (32 - _PODS_OF_A_NODE))
    if room < nodes:
        raise Failure(
            f"{cidr} with pods in {pod_cidr} has room for {room} nodes; up to {nodes} are needed during an upgrade",
            "give the cell a larger cidr and pod_cidr, or a class with fewer nodes",
        )
    return Addresses(
        nodes=for_nodes,
        managed_services=next(rest.subnets(prefixlen_diff=1)),
        pods=pods,
        services=next(other.subnets(new_prefix=max(_SERVICES, other.prefixlen))),
    )

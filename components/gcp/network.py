"""A cell's network: one subnet over the first half of the cell's cidr, pods and services in ranges that are not routed.

| range | what is in it |
|---|---|
| first half of the cidr | nodes, and the private end of the control plane |
| third quarter of the cidr | the peered network that Google runs Cloud SQL in |
| first half of the pod cidr | pods |
| first /20 of its second half | Kubernetes services |

Nothing is peered but Google's own service network. What comes in is denied unless a rule below lets it in; what goes
out may go to the cell itself, and by HTTPS through the NAT.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

import pulumi
import pulumi_gcp as gcp

PODS: Final = "pods"
SERVICES: Final = "services"
POSTGRESQL: Final = 5432
_SERVICES_PREFIX: Final = 20
_ANYWHERE: Final = "0.0.0.0/0"
# Source ranges of health checks for passthrough load balancers (Cloud Load Balancing, "Firewall rules", November 2026).
_HEALTH_CHECKS: Final = ("35.191.0.0/16", "130.211.0.0/22", "209.85.152.0/22", "209.85.204.0/22")


@dataclass(frozen=True, slots=True)
class Ranges:
    """What each part of a cell's ranges is for."""

    nodes: IPv4Network
    database: IPv4Network
    pods: IPv4Network
    services: IPv4Network


def ranges(cidr: IPv4Network, pod_cidr: IPv4Network) -> Ranges:
    """Divide a cell's cidr, at least a /20, and its pods'."""
    nodes, rest = cidr.subnets(prefixlen_diff=1)
    pods, other = pod_cidr.subnets(prefixlen_diff=1)
    services = next(other.subnets(new_prefix=max(_SERVICES_PREFIX, other.prefixlen)))
    return Ranges(nodes, next(rest.subnets(prefixlen_diff=1)), pods, services)


class Network(pulumi.ComponentResource):
    """The network, its subnet, its way out, and the ranges that Google's services are given in it."""

    network: gcp.compute.Network
    subnetwork: gcp.compute.Subnetwork
    address: gcp.compute.Address
    """The static address that the Gateway's load balancer takes."""
    services: gcp.servicenetworking.Connection
    """The peering through which Cloud SQL is reached; an instance is made after it."""

    def __init__(
        self,
        cell: str,
        *,
        cidr: IPv4Network,
        pod_cidr: IPv4Network,
        zones: Sequence[str],
        single_nat: bool,
        labels: Mapping[str, str],
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:gcp:Network", f"{cell}-network", {"cidr": str(cidr)}, opts)
        parts = ranges(cidr, pod_cidr)
        child = pulumi.ResourceOptions(parent=self)
        self.network = gcp.compute.Network(
            f"{cell}-network",
            auto_create_subnetworks=False,
            routing_mode="REGIONAL",
            description=f"Cell {cell}",
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )
        self.subnetwork = gcp.compute.Subnetwork(
            f"{cell}-nodes",
            network=self.network.id,
            ip_cidr_range=str(parts.nodes),
            secondary_ip_ranges=[
                {"range_name": PODS, "ip_cidr_range": str(parts.pods)},
                {"range_name": SERVICES, "ip_cidr_range": str(parts.services)},
            ],
            private_ip_google_access=True,
            log_config={
                "aggregation_interval": "INTERVAL_5_MIN",
                "flow_sampling": 0.5,
                "metadata": "INCLUDE_ALL_METADATA",
            },
            opts=child,
        )
        self.address = gcp.compute.Address(
            f"{cell}-ingress", address_type="EXTERNAL", network_tier="PREMIUM", labels=labels, opts=child
        )
        self._nat(cell, 1 if single_nat else len(zones), labels)
        self._firewall(cell, parts)
        self.services = self._google_services(cell, parts.database, labels)
        self.register_outputs({})

    def _nat(self, cell: str, addresses: int, labels: Mapping[str, str]) -> None:
        """A NAT is regional here and outlives a zone; what a bigger cell has more of is addresses, and so ports."""
        child = pulumi.ResourceOptions(parent=self)
        router = gcp.compute.Router(f"{cell}-router", network=self.network.id, opts=child)
        gcp.compute.RouterNat(
            f"{cell}-nat",
            router=router.name,
            nat_ip_allocate_option="MANUAL_ONLY",
            nat_ips=[
                gcp.compute.Address(
                    f"{cell}-nat-{number}", address_type="EXTERNAL", network_tier="PREMIUM", labels=labels, opts=child
                ).self_link
                for number in range(1, addresses + 1)
            ],
            source_subnetwork_ip_ranges_to_nat="LIST_OF_SUBNETWORKS",
            subnetworks=[{"name": self.subnetwork.self_link, "source_ip_ranges_to_nats": ["ALL_IP_RANGES"]}],
            log_config={"enable": True, "filter": "ERRORS_ONLY"},
            opts=child,
        )

    def _firewall(self, cell: str, parts: Ranges) -> None:
        within = [str(parts.nodes), str(parts.pods), str(parts.services)]
        every = [{"protocol": "all"}]
        self._rule(f"{cell}-in-none", "INGRESS", [_ANYWHERE], denies=every, priority=65000)
        self._rule(f"{cell}-in-own", "INGRESS", within, allows=every)
        self._rule(f"{cell}-in-checks", "INGRESS", _HEALTH_CHECKS, allows=[{"protocol": "tcp"}])
        self._rule(f"{cell}-in-https", "INGRESS", [_ANYWHERE], allows=[{"protocol": "tcp", "ports": ["443"]}])
        self._rule(f"{cell}-out-none", "EGRESS", [_ANYWHERE], denies=every, priority=65000)
        self._rule(f"{cell}-out-own", "EGRESS", within, allows=every)
        self._rule(f"{cell}-out-https", "EGRESS", [_ANYWHERE], allows=[{"protocol": "tcp", "ports": ["443"]}])
        self._rule(
            f"{cell}-out-data",
            "EGRESS",
            [str(parts.database)],
            allows=[{"protocol": "tcp", "ports": [str(POSTGRESQL)]}],
        )

    def _rule(
        self,
        name: str,
        direction: str,
        peers: Sequence[str],
        *,
        allows: Sequence[Mapping[str, object]] | None = None,
        denies: Sequence[Mapping[str, object]] | None = None,
        priority: int = 1000,
    ) -> None:
        gcp.compute.Firewall(
            name,
            network=self.network.id,
            direction=direction,
            priority=priority,
            source_ranges=list(peers) if direction == "INGRESS" else None,
            destination_ranges=list(peers) if direction == "EGRESS" else None,
            allows=[gcp.compute.FirewallAllowArgs(**rule) for rule in allows] if allows else None,  # type: ignore[arg-type]
            denies=[gcp.compute.FirewallDenyArgs(**rule) for rule in denies] if denies else None,  # type: ignore[arg-type]
            log_config={"metadata": "INCLUDE_ALL_METADATA"} if denies else None,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _google_services(
        self, cell: str, reserved: IPv4Network, labels: Mapping[str, str]
    ) -> gcp.servicenetworking.Connection:
        child = pulumi.ResourceOptions(parent=self)
        data = gcp.compute.GlobalAddress(
            f"{cell}-data",
            purpose="VPC_PEERING",
            address_type="INTERNAL",
            address=str(reserved.network_address),
            prefix_length=reserved.prefixlen,
            network=self.network.id,
            labels=labels,
            opts=child,
        )
        return gcp.servicenetworking.Connection(
            f"{cell}-google-services",
            network=self.network.id,
            service="servicenetworking.googleapis.com",
            reserved_peering_ranges=[data.name],
            # Google keeps its end for days after the last instance is gone and refuses a deletion until then; the
            # peering goes with the network.
            deletion_policy="ABANDON",
            opts=child,
        )

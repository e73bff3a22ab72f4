"""What may talk to what: every namespace of a cell denies all traffic, and then allows what is listed here.

Nothing in the inventory says that one service calls another, so services of a cell cannot reach each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.types import Provider
from components.kubernetes import names

POSTGRESQL: Final = 5432
HTTPS: Final = 443
_EVERYWHERE: Final = "0.0.0.0/0"

Peer = k8s.networking.v1.NetworkPolicyPeerArgs
"""One end of a connection: a range, or pods."""


@dataclass(frozen=True, slots=True)
class Allow:
    """Connections that one namespace accepts or makes."""

    name: str
    direction: Literal["Ingress", "Egress"]
    ports: Sequence[int]
    peers: Sequence[Peer] = ()
    """None: anybody."""
    protocols: Sequence[str] = ("TCP",)
    pods: Mapping[str, str] = field(default_factory=dict)
    """Labels of the pods concerned; empty: all of the namespace."""


def deny_all(
    name: str, namespace: str, labels: Mapping[str, str], opts: pulumi.ResourceOptions
) -> k8s.networking.v1.NetworkPolicy:
    """Let nothing in or out of a namespace."""
    return k8s.networking.v1.NetworkPolicy(
        f"{name}-default-deny",
        metadata=k8s.meta.v1.ObjectMetaArgs(name="default-deny", namespace=namespace, labels=labels),
        spec=k8s.networking.v1.NetworkPolicySpecArgs(
            pod_selector=k8s.meta.v1.LabelSelectorArgs(), policy_types=["Ingress", "Egress"]
        ),
        opts=opts,
    )


def allow(
    name: str, namespace: str, what: Allow, labels: Mapping[str, str], opts: pulumi.ResourceOptions
) -> k8s.networking.v1.NetworkPolicy:
    """Let some traffic in or out of a namespace."""
    net = k8s.networking.v1
    ports = [net.NetworkPolicyPortArgs(protocol=each, port=port) for port in what.ports for each in what.protocols]
    inward, outward = what.direction == "Ingress", what.direction == "Egress"
    return k8s.networking.v1.NetworkPolicy(
        f"{name}-{what.name}",
        metadata=k8s.meta.v1.ObjectMetaArgs(name=what.name, namespace=namespace, labels=labels),
        spec=k8s.networking.v1.NetworkPolicySpecArgs(
            pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=what.pods),
            policy_types=[what.direction],
            ingress=[net.NetworkPolicyIngressRuleArgs(from_=what.peers, ports=ports)] if inward else None,
            egress=[net.NetworkPolicyEgressRuleArgs(to=what.peers, ports=ports)] if outward else None,
        ),
        opts=opts,
    )


def network(cidr: str, *but: str) -> Peer:
    """The addresses of a range, less those of others that lie in it."""
    return Peer(ip_block=k8s.networking.v1.IPBlockArgs(cidr=cidr, except_=list(but) or None))


def pods(namespace: str, labels: Mapping[str, str] | None = None) -> Peer:
    """The pods of a namespace that have the labels."""
    selector = k8s.meta.v1.LabelSelectorArgs
    return Peer(
        namespace_selector=selector(match_labels={"kubernetes.io/metadata.name": namespace}),
        pod_selector=selector(match_labels=labels) if labels else None,
    )


def everything_of(cell: ManagedCell) -> Peer:
    """The pods of all of the cell's namespaces."""
    return Peer(namespace_selector=k8s.meta.v1.LabelSelectorArgs(match_labels={"cell": cell.name}))


def dns() -> Allow:
    """Names are looked up at the cluster's DNS, or at a node's cache of it.

    169.254.20.10 is NodeLocal DNSCache's customary address, 169.254.169.254 Cloud DNS for GKE's.
    """
    servers = (pods("kube-system"), network("169.254.20.10/32"), network("169.254.169.254/32"))
    return Allow("dns", "Egress", (53,), servers, ("UDP", "TCP"))


def https(fleet: Fleet, cell: ManagedCell) -> Allow:
    """HTTPS to the cell's own network (the cloud's private endpoints) and to the outside, but to no other cell.

    Clouds' APIs and the fleet's shared services have no fixed addresses that a policy could name.
    """
    return Allow("https", "Egress", (HTTPS,), outside(fleet, cell))


def outside(fleet: Fleet, cell: ManagedCell) -> tuple[Peer, ...]:
    """The cell's own network, and every address that is no cell's."""
    supernets = (str(supernet) for supernet in fleet.settings.supernets)
    return network(str(cell.cidr)), network(_EVERYWHERE, *supernets)


def database(cell: ManagedCell) -> Allow:
    """PostgreSQL, in the cell's own network, or in its data namespace where the cluster itself runs it."""
    if cell.provider is Provider.KUBERNETES:
        return Allow("database", "Egress", (POSTGRESQL,), (pods(names.data_namespace(cell), DATABASE_PODS),))
    return Allow("database", "Egress", (POSTGRESQL,), (network(str(cell.cidr)),))


def from_gateway(cell: ManagedCell, port: int) -> Allow:
    """Requests come from the Gateway's proxies and from nowhere else."""
    return Allow("gateway", "Ingress", (port,), (pods(names.gateway_namespace(cell), GATEWAY_PODS),))


def identity(cell: ManagedCell) -> Sequence[Allow]:
    """Where a node answers pods that ask for their cloud identity.

    GKE: network policy with Workload Identity Federation, with and without Dataplane V2. EKS: the Pod Identity agent.
    Both as documented in November 2026; Entra ID and STS are reached by HTTPS.
    """
    match cell.provider:
        case Provider.GCP:
            return (
                Allow("metadata", "Egress", (988,), (network("169.254.169.252/32"),)),
                Allow("metadata-v2", "Egress", (80,), (network("169.254.169.254/32"),)),
            )
        case Provider.AWS:
            return (Allow("pod-identity", "Egress", (80,), (network("169.254.170.23/32"),)),)
        case _:
            return ()


GATEWAY_PODS: Final[Mapping[str, str]] = {"gateway.envoyproxy.io/owning-gateway-name": names.GATEWAY}
"""Labels that Envoy Gateway gives the proxies of the cell's Gateway."""
DATABASE_PODS: Final[Mapping[str, str]] = {"cnpg.io/cluster": names.DATABASE}
"""Labels that CloudNativePG gives the instances of the cell's database."""

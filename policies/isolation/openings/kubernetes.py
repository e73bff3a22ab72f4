"""NetworkPolicies and load balancers on Kubernetes. The edge is a cell's Gateway, or a locality's routers.

A policy for pods of another namespace lets in no range; whose pods those are on a shared cluster is for ISO-12.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cellfleet.inventory.stack import Kind
from policies.isolation.argument import mapping
from policies.isolation.openings.opening import WORLD, Opening, Ports
from policies.isolation.values import known_at, text_at
from policies.resource import UNKNOWN, Resource, Resources

_GATEWAY: Final = "gateway.envoyproxy.io/owning-gateway-name"
_APPLICATION: Final = "app.kubernetes.io/name"
_ROUTER: Final = "router"


def openings(resources: Resources) -> Iterator[Opening]:
    for policy in resources.of("kubernetes:networking.k8s.io/v1:NetworkPolicy"):
        edge = _edge(next(known_at(policy.inputs, "spec.podSelector.matchLabels"), None), resources)
        for rule in known_at(policy.inputs, "spec.ingress"):
            peers = rule.get("from") if isinstance(rule, Mapping) else UNKNOWN
            if peers is not UNKNOWN:
                ranges = tuple(known_at(peers, "ipBlock.cidr")) if peers else (WORLD,)
                yield Opening(policy, ranges, _ports(list(known_at(rule, "ports"))), edge)
        for range_ in known_at(policy.inputs, "spec.egress.to.ipBlock.cidr"):
            yield Opening(policy, (range_,), inward=False)
    for service in resources.of("kubernetes:core/v1:Service"):
        if text_at(service.inputs, "spec.type") == "LoadBalancer" and not _internal(service):
            edge = _edge(next(known_at(service.inputs, "spec.selector"), None), resources)
            ranges = tuple(known_at(service.inputs, "spec.loadBalancerSourceRanges")) or (WORLD,)
            yield Opening(service, ranges, _ports(list(known_at(service.inputs, "spec.ports"))), edge)


def _edge(labels: Any, resources: Resources) -> bool:
    if not isinstance(labels, Mapping):
        return False
    return labels.get(_APPLICATION) == _ROUTER if resources.stack.kind is Kind.ROUTING else _GATEWAY in labels


def _internal(service: Resource) -> bool:
    """Whether the load balancer has an address of the cell's own network, by the annotations of the three clouds."""
    annotations: Any = next(known_at(service.inputs, "metadata.annotations"), {})
    if not isinstance(annotations, Mapping):
        return False
    return (
        annotations.get("service.beta.kubernetes.io/azure-load-balancer-internal") == "true"
        or annotations.get("service.beta.kubernetes.io/aws-load-balancer-scheme") == "internal"
        or annotations.get("service.beta.kubernetes.io/aws-load-balancer-internal") == "true"
        or str(annotations.get("networking.gke.io/load-balancer-type")).lower() == "internal"
    )


def _ports(ports: Sequence[Any]) -> Ports:
    found: list[tuple[int, int]] = []
    for port in map(mapping, ports):
        first = port.get("port")
        if port.get("protocol", "TCP") != "TCP" or not isinstance(first, int | float):
            return None
        found.append((int(first), int(port.get("endPort") or first)))
    return tuple(found) or None

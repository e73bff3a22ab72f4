"""Network security groups on Azure. The edge is that of the nodes' subnets: the load balancer passes clients'
addresses on to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from policies.isolation.openings.opening import Opening, port_range
from policies.isolation.values import known_at, text_at
from policies.resource import Resource, Resources

_NODES: Final = {
    "azure-native:containerservice:AgentPool": "vnetSubnetID",
    "azure-native:containerservice:ManagedCluster": "agentPoolProfiles",
}


def openings(resources: Resources) -> Iterator[Opening]:
    edge = _edge(resources)
    for group in resources.of("azure-native:network:NetworkSecurityGroup"):
        for rule in known_at(group.inputs, "securityRules"):
            yield from _rule(group, rule, group.urn in edge)
    for rule in resources.of("azure-native:network:SecurityRule"):
        groups = resources.sources(rule, "networkSecurityGroupName")
        yield from _rule(rule, rule.inputs, any(group.urn in edge for group in groups))


def _edge(resources: Resources) -> set[str]:
    subnets = [
        subnet
        for kind, argument in _NODES.items()
        for nodes in resources.of(kind)
        for subnet in resources.sources(nodes, argument)
        if subnet.type == "azure-native:network:Subnet"
    ]
    return {group.urn for subnet in subnets for group in resources.sources(subnet, "networkSecurityGroup")}


def _rule(resource: Resource, rule: Mapping[str, Any], edge: bool) -> Iterator[Opening]:
    if text_at(rule, "access").lower() != "allow":
        return
    inward = text_at(rule, "direction").lower() == "inbound"
    end = "source" if inward else "destination"
    peers = (*known_at(rule, f"{end}AddressPrefix"), *known_at(rule, f"{end}AddressPrefixes"))
    written = (*known_at(rule, "destinationPortRange"), *known_at(rule, "destinationPortRanges"))
    ports = [str(port) for port in written if port]
    every = str(rule.get("protocol")).lower() != "tcp" or not ports
    yield Opening(resource, tuple(filter(None, peers)), None if every else tuple(map(port_range, ports)), edge, inward)

"""A cell's network on Azure: subnets a zone, one way out a zone (or one in all), and no way in but TCP 443.

The shape does not depend on the class's NATs: nodes always have a subnet a zone, and a NAT gateway, which is zonal, is
shared or not. So a cell that moves between classes gets or loses gateways and keeps its subnets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
from pulumi_azure_native import network

from cellfleet.inventory import regions
from cellfleet.inventory.types import Provider
from components.azure.addresses import Addresses
from components.azure.place import Place

POSTGRESQL_PORTS = ("5432", "6432")
"""The server and its built-in connection pooler."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """Who may open connections into a subnet, and to which ports."""

    name: str
    sources: tuple[str, ...]
    """Ranges, or one of Azure's service tags."""
    ports: tuple[str, ...]
    protocol: network.SecurityRuleProtocol = network.SecurityRuleProtocol.TCP


LOAD_BALANCER = Inbound("load-balancer", ("AzureLoadBalancer",), ("*",), network.SecurityRuleProtocol.ASTERISK)
"""Azure's health probes, which come from the host and from no network."""


class Network(pulumi.ComponentResource):
    """The network, its subnets and the address that requests come in by."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        zones: Sequence[str],
        addresses: Addresses,
        single_nat: bool,
        deploy_from: Sequence[IPv4Network],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:azure:Network", name, {}, opts)
        self._place = place
        self._name = name
        nodes = tuple(map(str, addresses.nodes))
        self.network = network.VirtualNetwork(
            f"{name}-network",
            resource_group_name=place.group,
            location=place.region,
            address_space=network.AddressSpaceArgs(address_prefixes=list(map(str, addresses.network))),
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.id = self.network.id
        gateways = self._gateways(zones[:1] if single_nat else zones)
        inside = (*nodes, str(addresses.pods))
        node_guard = self.guard(
            "nodes",
            [
                LOAD_BALANCER,
                Inbound("requests", ("Internet",), ("443",)),
                Inbound("cluster", inside, ("*",), network.SecurityRuleProtocol.ASTERISK),
                Inbound("api-server", (str(addresses.api_server),), ("*",)),
            ],
        )
        # Subnets of one network are made one after another: Azure refuses two changes of a network at a time.
        self.nodes: dict[str, network.Subnet] = {}
        last: pulumi.Resource = self.network
        for zone, cidr in zip(zones, addresses.nodes, strict=True):
            last = self.nodes[zone] = self.subnet(
                f"nodes-{zone}", cidr, node_guard, after=last, nat=gateways.get(zone, gateways[zones[0]])
            )
        self.api_server = self.subnet(
            "api-server",
            addresses.api_server,
            self.guard(
                "api-server",
                [
                    LOAD_BALANCER,
                    Inbound("nodes", nodes, ("443", "4443")),
                    *([Inbound("deploy-from", tuple(map(str, deploy_from)), ("443",))] if deploy_from else []),
                ],
            ),
            after=last,
            delegated_to="Microsoft.ContainerService/managedClusters",
        )
        self.endpoints = self.subnet(
            "endpoints",
            addresses.endpoints,
            self.guard("endpoints", [Inbound("cluster", (*nodes, str(addresses.api_server)), ("443",))]),
            after=self.api_server,
        )
        standbys = tuple(map(str, addresses.standbys))
        self.databases = self.subnet(
            "databases",
            addresses.databases,
            self.guard(
                "databases",
                [
                    LOAD_BALANCER,
                    Inbound("nodes", nodes, POSTGRESQL_PORTS),
                    Inbound("databases", (str(addresses.databases), *standbys), POSTGRESQL_PORTS),
                ],
            ),
            after=self.endpoints,
            delegated_to="Microsoft.DBforPostgreSQL/flexibleServers",
        )
        self.ingress = _address(f"{name}-ingress", place, _redundant(place.region, zones), parent=self)
        self.register_outputs({})

    def guard(self, name: str, inbound: Sequence[Inbound]) -> network.NetworkSecurityGroup:
        """A security group that lets in what is listed and nothing else, not even from the same network."""
        return security_group(f"{self._name}-{name}", self._place, inbound, parent=self)

    def subnet(
        self,
        name: str,
        cidr: IPv4Network,
        guard: network.NetworkSecurityGroup,
        *,
        after: pulumi.Resource,
        nat: network.NatGateway | None = None,
        delegated_to: str | None = None,
    ) -> network.Subnet:
        """A subnet that has no way out but `nat`."""
        return subnet(
            f"{self._name}-{name}", self._place, self.network, cidr, guard,
            after=after, nat=nat, delegated_to=delegated_to, parent=self,
        )  # fmt: skip

    def _gateways(self, zones: Sequence[str]) -> Mapping[str, network.NatGateway]:
        made = {}
        for zone in zones:
            address = _address(f"{self._name}-nat-{zone}", self._place, [zone], parent=self)
            made[zone] = network.NatGateway(
                f"{self._name}-nat-{zone}",
                resource_group_name=self._place.group,
                location=self._place.region,
                zones=[zone],
                sku=network.NatGatewaySkuArgs(name=network.NatGatewaySkuName.STANDARD),
                public_ip_addresses=[network.SubResourceArgs(id=address.id)],
                idle_timeout_in_minutes=4,
                tags=self._place.tags,
                opts=pulumi.ResourceOptions(parent=self),
            )
        return made


def security_group(
    name: str, place: Place, inbound: Sequence[Inbound], *, parent: pulumi.Resource
) -> network.NetworkSecurityGroup:
    """A security group whose last rule refuses what no rule before it has let in."""
    return network.NetworkSecurityGroup(
        name,
        resource_group_name=place.group,
        location=place.region,
        security_rules=[
            *(_rule(number, rule) for number, rule in enumerate(inbound)),
            network.SecurityRuleArgs(
                name="deny-all",
                description="Also what Azure's default rules would let in: the rest of the network.",
                priority=4096,
                direction=network.SecurityRuleDirection.INBOUND,
                access=network.SecurityRuleAccess.DENY,
                protocol=network.SecurityRuleProtocol.ASTERISK,
                source_address_prefix="*",
                source_port_range="*",
                destination_address_prefix="*",
                destination_port_range="*",
            ),
        ],
        tags=place.tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def subnet(
    name: str,
    place: Place,
    virtual_network: network.VirtualNetwork,
    cidr: IPv4Network,
    guard: network.NetworkSecurityGroup,
    *,
    after: pulumi.Resource,
    parent: pulumi.Resource,
    nat: network.NatGateway | None = None,
    delegated_to: str | None = None,
) -> network.Subnet:
    """A subnet, made once `after` is: the one before it in the same network."""
    return network.Subnet(
        name,
        resource_group_name=place.group,
        virtual_network_name=virtual_network.name,
        address_prefix=str(cidr),
        network_security_group=network.NetworkSecurityGroupArgs(id=guard.id),
        nat_gateway=network.SubResourceArgs(id=nat.id) if nat else None,
        default_outbound_access=False,
        private_endpoint_network_policies=network.VirtualNetworkPrivateEndpointNetworkPolicies.NETWORK_SECURITY_GROUP_ENABLED,
        delegations=[network.DelegationArgs(name=delegated_to.rsplit("/", 1)[1], service_name=delegated_to)]
        if delegated_to
        else None,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[after]),
    )


def _rule(number: int, inbound: Inbound) -> network.SecurityRuleArgs:
    one_source, one_port = len(inbound.sources) == 1, len(inbound.ports) == 1
    return network.SecurityRuleArgs(
        name=inbound.name,
        priority=100 + 10 * number,
        direction=network.SecurityRuleDirection.INBOUND,
        access=network.SecurityRuleAccess.ALLOW,
        protocol=inbound.protocol,
        source_address_prefix=inbound.sources[0] if one_source else None,
        source_address_prefixes=None if one_source else list(inbound.sources),
        source_port_range="*",
        destination_address_prefix="*",
        destination_port_range=inbound.ports[0] if one_port else None,
        destination_port_ranges=None if one_port else list(inbound.ports),
    )


def _address(name: str, place: Place, zones: Sequence[str], *, parent: pulumi.Resource) -> network.PublicIPAddress:
    return network.PublicIPAddress(
        name,
        resource_group_name=place.group,
        location=place.region,
        zones=zones,
        sku=network.PublicIPAddressSkuArgs(
            name=network.PublicIPAddressSkuName.STANDARD, tier=network.PublicIPAddressSkuTier.REGIONAL
        ),
        public_ip_address_version=network.IPVersion.I_PV4,
        public_ip_allocation_method=network.IPAllocationMethod.STATIC,
        tags=place.tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _redundant(region: str, zones: Sequence[str]) -> Sequence[str]:
    """The zones of an address that survives the loss of one: Azure takes one zone or three, never two."""
    known = regions.region(Provider.AZURE, region)
    return zones if len(zones) == 1 or known is None else known.zones[:3] or zones

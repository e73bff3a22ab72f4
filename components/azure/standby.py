"""A reader of the cell's database in another region, with a network of its own that is joined to the cell's.

The two networks are one cell's and nobody else's: PostgreSQL's replication has no way but a peering of the two.
"""

from __future__ import annotations

from ipaddress import IPv4Network

import pulumi
from pulumi_azure_native import network

from components.azure.database import PORT, Database, replica
from components.azure.elsewhere import Elsewhere
from components.azure.endpoints import PrivateZone, postgresql
from components.azure.network import LOAD_BALANCER, POSTGRESQL_PORTS, Inbound, Network, security_group, subnet
from components.azure.place import Place


class Standby(pulumi.ComponentResource):
    """The network, the names and the server of one standby."""

    def __init__(
        self,
        name: str,
        *,
        home: Place,
        home_network: Network,
        home_databases: IPv4Network,
        elsewhere: Elsewhere,
        block: IPv4Network,
        database: Database,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`block` is the range of the standby's network; its halves are for the server and for private endpoints."""
        super().__init__(
            "cellfleet:azure:Standby",
            name,
            {"region": elsewhere.copy.region},
            pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(providers=[elsewhere.provider])),
        )
        place = elsewhere.place
        child = pulumi.ResourceOptions(parent=self)
        for_databases, for_endpoints = block.subnets(prefixlen_diff=1)
        self.network = network.VirtualNetwork(
            f"{name}-network",
            resource_group_name=place.group,
            location=place.region,
            address_space=network.AddressSpaceArgs(address_prefixes=[str(block)]),
            tags=place.tags,
            opts=child,
        )
        guard = security_group(
            f"{name}-databases",
            place,
            [LOAD_BALANCER, Inbound("databases", (str(for_databases), str(home_databases)), POSTGRESQL_PORTS)],
            parent=self,
        )
        databases = subnet(
            f"{name}-databases",
            place,
            self.network,
            for_databases,
            guard,
            after=self.network,
            parent=self,
            delegated_to="Microsoft.DBforPostgreSQL/flexibleServers",
        )
        self.endpoints = subnet(
            f"{name}-endpoints",
            place,
            self.network,
            for_endpoints,
            security_group(f"{name}-endpoints", place, [Inbound("standby", (str(block),), ("443",))], parent=self),
            after=databases,
            parent=self,
        )
        there = _peering(f"{name}-to-cell", place, self.network, home_network.network, self.endpoints, self)
        back = _peering(f"{name}-from-cell", home, home_network.network, self.network, home_network.databases, self)
        zone = PrivateZone(
            f"{name}-databases",
            place=place,
            zone=postgresql(name),
            networks={"cell": home_network.id, "standby": self.network.id},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[there, back]),
        )
        server = replica(
            f"{name}-database",
            place=place,
            of=database,
            zone=None,
            subnet_id=databases.id,
            private_zone=zone,
            keys=elsewhere.keys,
            parent=self,
            protect=place.guarded,
        )
        self.server = server
        self.endpoint = pulumi.Output.concat(server.fully_qualified_domain_name, f":{PORT}")
        self.register_outputs({})


def _peering(
    name: str,
    place: Place,
    of: network.VirtualNetwork,
    remote: network.VirtualNetwork,
    after: pulumi.Resource,
    parent: pulumi.Resource,
) -> network.VirtualNetworkPeering:
    return network.VirtualNetworkPeering(
        name,
        resource_group_name=place.group,
        virtual_network_name=of.name,
        remote_virtual_network=network.SubResourceArgs(id=remote.id),
        allow_virtual_network_access=True,
        allow_forwarded_traffic=False,
        allow_gateway_transit=False,
        use_remote_gateways=False,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[after]),
    )

"""Private ways to Azure's own services: zones that resolve their names in the cell, and addresses in its network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pulumi
from pulumi_azure_native import network, privatedns

from components.azure.place import Place

VAULT: Final = "privatelink.vaultcore.azure.net"
BLOB: Final = "privatelink.blob.core.windows.net"


def postgresql(name: str) -> str:
    """The zone of the servers of one network. Azure asks for this ending, and for another name than a server's own."""
    return f"{name}.private.postgres.database.azure.com"


class PrivateZone(pulumi.ComponentResource):
    """A DNS zone that only the linked networks see."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        zone: str,
        networks: Mapping[str, pulumi.Input[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`networks` has a short name for the id of each network that resolves the zone."""
        super().__init__("cellfleet:azure:PrivateZone", name, {"zone": zone}, opts)
        made = privatedns.PrivateZone(
            name,
            resource_group_name=place.group,
            private_zone_name=zone,
            location="global",
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.id = made.id
        self.links = [
            privatedns.VirtualNetworkLink(
                f"{name}-{short}",
                resource_group_name=place.group,
                private_zone_name=made.name,
                location="global",
                virtual_network=privatedns.SubResourceArgs(id=network_id),
                registration_enabled=False,
                tags=place.tags,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for short, network_id in networks.items()
        ]
        self.register_outputs({})


def endpoint(
    name: str,
    service_id: pulumi.Input[str],
    group: str,
    *,
    place: Place,
    subnet_id: pulumi.Input[str],
    zone: PrivateZone,
    parent: pulumi.Resource,
) -> pulumi.Resource:
    """An address in the subnet for one part (`vault`, `blob`) of a service's, with its name in the private zone."""
    made = network.PrivateEndpoint(
        name,
        resource_group_name=place.group,
        location=place.region,
        subnet=network.SubnetArgs(id=subnet_id),
        private_link_service_connections=[
            network.PrivateLinkServiceConnectionArgs(name=group, private_link_service_id=service_id, group_ids=[group])
        ],
        tags=place.tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return network.PrivateDnsZoneGroup(
        name,
        resource_group_name=place.group,
        private_endpoint_name=made.name,
        private_dns_zone_group_name="default",
        private_dns_zone_configs=[network.PrivateDnsZoneConfigArgs(name=group, private_dns_zone_id=zone.id)],
        opts=pulumi.ResourceOptions(parent=parent),
    )

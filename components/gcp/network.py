"""A cell's network on GCP: one VPC, one subnet in the cell's region, one way out, and nobody's peer but Google's.

What differs from other clouds: subnets and Cloud NAT span all zones of a region, so a zone's loss takes neither; a
class with one NAT a zone has as many addresses, each of which gives 64,512 ports to a destination.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
from pulumi_gcp import compute, servicenetworking

from components.gcp.addresses import Addresses
from components.gcp.firewall import Firewall
from components.gcp.place import Place

PODS: Final = "pods"
SERVICES: Final = "services"
"""Names of the subnet's secondary ranges."""


class Network(pulumi.ComponentResource):
    """The VPC, its subnet, its firewall and its ways to the internet and to Google's managed services."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        zones: Sequence[str],
        addresses: Addresses,
        single_nat: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:gcp:Network", name, {"cidr": str(addresses.nodes.supernet())}, opts)
        self.network = compute.Network(
            f"{name}-network",
            project=place.project,
            auto_create_subnetworks=False,
            # The one route that it needs is declared below.
            delete_default_routes_on_create=True,
            routing_mode="REGIONAL",
            opts=place.under(self),
        )
        self.subnet = compute.Subnetwork(
            f"{name}-nodes",
            project=place.project,
            region=place.region,
            network=self.network.id,
            ip_cidr_range=str(addresses.nodes),
            secondary_ip_ranges=[
                compute.SubnetworkSecondaryIpRangeArgs(range_name=PODS, ip_cidr_range=str(addresses.pods)),
                compute.SubnetworkSecondaryIpRangeArgs(range_name=SERVICES, ip_cidr_range=str(addresses.services)),
            ],
            private_ip_google_access=True,
            log_config=compute.SubnetworkLogConfigArgs(
                aggregation_interval="INTERVAL_1_MIN", flow_sampling=0.5, metadata="INCLUDE_ALL_METADATA"
            ),
            opts=place.under(self),
        )
        self.ingress = compute.Address(
            f"{name}-ingress",
            project=place.project,
            region=place.region,
            address_type="EXTERNAL",
            network_tier="PREMIUM",
            labels=dict(place.labels),
            opts=place.under(self),
        )
        firewall = Firewall(
            name,
            place=place,
            network_id=self.network.id,
            addresses=addresses,
            ingress_address=self.ingress.address,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.ready = (*self._way_out(name, place, 1 if single_nat else len(zones)), *firewall.rules)
        """What nodes need to start."""
        leased = compute.GlobalAddress(
            f"{name}-managed-services",
            project=place.project,
            network=self.network.id,
            purpose="VPC_PEERING",
            address_type="INTERNAL",
            address=str(addresses.managed_services.network_address),
            prefix_length=addresses.managed_services.prefixlen,
            labels=dict(place.labels),
            opts=place.under(self),
        )
        self.managed_services = servicenetworking.Connection(
            f"{name}-managed-services",
            network=self.network.id,
            service="servicenetworking.googleapis.com",
            reserved_peering_ranges=[leased.name],
            # Cloud SQL keeps a deleted instance's side of the connection for days, and the VPC could not go before it.
            deletion_policy="REMOVE_PEERING",
            opts=place.under(self),
        )
        self.leased_range = leased.name
        self.register_outputs({})

    def _way_out(self, name: str, place: Place, count: int) -> tuple[pulumi.Resource, ...]:
        route = compute.Route(
            f"{name}-out",
            project=place.project,
            network=self.network.id,
            dest_range="0.0.0.0/0",
            next_hop_gateway="default-internet-gateway",
            priority=1000,
            opts=place.under(self),
        )
        router = compute.Router(
            f"{name}-router",
            project=place.project,
            region=place.region,
            network=self.network.id,
            opts=place.under(self),
        )
        nat_addresses = [
            compute.Address(
                f"{name}-nat-{number}",
                project=place.project,
                region=place.region,
                address_type="EXTERNAL",
                network_tier="PREMIUM",
                labels=dict(place.labels),
                opts=place.under(self),
            )
            for number in range(1, count + 1)
        ]
        nat = compute.RouterNat(
            f"{name}-nat",
            project=place.project,
            region=place.region,
            router=router.name,
            nat_ip_allocate_option="MANUAL_ONLY",
            nat_ips=[address.self_link for address in nat_addresses],
            source_subnetwork_ip_ranges_to_nat="LIST_OF_SUBNETWORKS",
            subnetworks=[
                compute.RouterNatSubnetworkArgs(name=self.subnet.self_link, source_ip_ranges_to_nats=["ALL_IP_RANGES"])
            ],
            # A node gets ports as it needs them, 64 to begin with; that rules out the mapping that is independent of
            # the endpoint.
            enable_dynamic_port_allocation=True,
            enable_endpoint_independent_mapping=False,
            min_ports_per_vm=64,
            max_ports_per_vm=16384,
            log_config=compute.RouterNatLogConfigArgs(enable=True, filter="ERRORS_ONLY"),
            opts=place.under(self),
        )
        return route, nat

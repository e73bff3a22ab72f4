"""What joins a network to another one, on each cloud: the types that do nothing else, and those that may.

A type of the first kind is a violation wherever it stands. One of the second kind is looked into: whom does it let in,
or whose is what it leads to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ALWAYS: Final[Mapping[str, str]] = {
    "aws:directconnect/*": "a Direct Connect",
    "aws:ec2/customerGateway:CustomerGateway": "a VPN",
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": "a peering",
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": "a peering",
    "aws:ec2/vpnConnection:VpnConnection": "a VPN",
    "aws:ec2/vpnConcentrator:VpnConcentrator": "a VPN",
    "aws:ec2/vpnGateway:VpnGateway": "a VPN",
    "aws:ec2/vpnGatewayAttachment:VpnGatewayAttachment": "a VPN",
    "aws:ec2clientvpn/*": "a VPN",
    "aws:ec2transitgateway/[!i]*": "a transit gateway",
    "aws:networkmanager/*": "a core network",
    "aws:ram/*": "a share with other accounts",
    "aws:vpc/securityGroupVpcAssociation:SecurityGroupVpcAssociation": "a security group in two networks",
    "aws:vpclattice/serviceNetwork*": "a service network",
    "aws:vpclattice/resourceGateway:*": "a gateway for other networks",
    "azure-native:network:ConnectivityConfiguration": "a network manager",
    "azure-native:network:ExpressRoute*": "an ExpressRoute",
    "azure-native:network:HubVirtualNetworkConnection": "a virtual hub",
    "azure-native:network:LocalNetworkGateway": "a VPN",
    "azure-native:network:NetworkManager*": "a network manager",
    "azure-native:network:NetworkSecurityPerimeterLink": "a link of two perimeters",
    "azure-native:network:P2sVpn*": "a VPN",
    "azure-native:network:VirtualHub*": "a virtual hub",
    "azure-native:network:VirtualNetworkGateway*": "a VPN",
    "azure-native:network:VirtualRouter*": "a virtual router",
    "azure-native:network:VirtualWan": "a virtual WAN",
    "azure-native:network:Vpn*": "a VPN",
    "gcp:compute/externalVpnGateway:ExternalVpnGateway": "a VPN",
    "gcp:compute/haVpnGateway:HaVpnGateway": "a VPN",
    "gcp:compute/interconnect*": "an interconnect",
    "gcp:compute/sharedVPCHostProject:SharedVPCHostProject": "a shared VPC",
    "gcp:compute/sharedVPCServiceProject:SharedVPCServiceProject": "a shared VPC",
    "gcp:compute/vPNGateway:VPNGateway": "a VPN",
    "gcp:compute/vPNTunnel:VPNTunnel": "a VPN",
    "gcp:networkconnectivity/gatewayAdvertisedRoute:GatewayAdvertisedRoute": "a network connectivity hub",
    "gcp:networkconnectivity/group:Group": "a network connectivity hub",
    "gcp:networkconnectivity/hub*": "a network connectivity hub",
    "gcp:networkconnectivity/spoke:Spoke": "a network connectivity hub",
    "gcp:networkconnectivity/transport:Transport": "an interconnect",
    "kubernetes:multicluster.x-k8s.io/*": "a service of several clusters",
    "kubernetes:multicluster.linkerd.io/*": "a service of several clusters",
    "kubernetes:net.gke.io/*": "a service of several clusters",
    "kubernetes:networking.gke.io/*:MultiCluster*": "a service of several clusters",
    "kubernetes:submariner.io/*": "a tunnel between clusters",
}
"""Globs of types, and what a person calls them. What of `ec2transitgateway` begins with an i (`instanceState`, and the
endpoint by which people connect to a cell's own machines) has that module in the SDK only."""


@dataclass(frozen=True, slots=True)
class Lets:
    """An argument that lists whom a resource lets into the network."""

    type: str
    path: str
    anybody: tuple[str, ...] = ()
    """Values that mean everybody."""


LETS_IN: Final = (
    Lets("aws:ec2/vpcEndpointService:VpcEndpointService", "allowedPrincipals", ("*",)),
    Lets("aws:ec2/vpcEndpointServiceAllowedPrinciple:VpcEndpointServiceAllowedPrinciple", "principalArn", ("*",)),
    Lets("azure-native:network:PrivateLinkService", "visibility.subscriptions", ("*",)),
    Lets("azure-native:network:PrivateLinkService", "autoApproval.subscriptions", ("*",)),
    Lets("gcp:compute/networkAttachment:NetworkAttachment", "connectionPreference", ("ACCEPT_AUTOMATIC",)),
    Lets("gcp:compute/networkAttachment:NetworkAttachment", "producerAcceptLists"),
    Lets("gcp:compute/serviceAttachment:ServiceAttachment", "connectionPreference", ("ACCEPT_AUTOMATIC",)),
    Lets("gcp:compute/serviceAttachment:ServiceAttachment", "consumerAcceptLists.projectIdOrNum"),
    Lets("gcp:compute/serviceAttachment:ServiceAttachment", "consumerAcceptLists.networkUrl"),
    Lets("gcp:sql/databaseInstance:DatabaseInstance", "settings.ipConfiguration.pscConfigs.allowedConsumerProjects"),
)

REMOTE: Final[Mapping[str, str]] = {
    "aws:route53/vpcAssociationAuthorization:VpcAssociationAuthorization": "vpcId",
    "aws:route53/zoneAssociation:ZoneAssociation": "vpcId",
    "azure-native:network:VirtualNetwork": "virtualNetworkPeerings.remoteVirtualNetwork.id",
    "azure-native:network:VirtualNetworkPeering": "remoteVirtualNetwork.id",
    "azure-native:privatedns:VirtualNetworkLink": "virtualNetwork.id",
    "gcp:compute/networkPeering:NetworkPeering": "peerNetwork",
}
"""Arguments that name the network at the other end. It has to be one that the same stack makes: a cell's standby."""

LINKS: Final[Mapping[str, tuple[str, ...]]] = {
    "azure-native:network:": (
        "manualPrivateLinkServiceConnections",
        "natGateway",
        "networkSecurityGroup",
        "privateLinkServiceConnections",
        "publicIPAddress",
        "publicIpAddresses",
        "remoteVirtualNetwork",
        "routeTable",
        "serviceEndpointPolicies",
        "subnet",
        "virtualNetworkPeerings",
    ),
    "gcp:compute/forwardingRule:": ("target",),
    "gcp:compute/globalForwardingRule:": ("target",),
}
"""Arguments by which resources whose type begins so lead to something, which may be in another account. What the cloud
says of them beside that names its own."""

ROUTES: Final = ("vpcPeeringConnectionId", "transitGatewayId", "coreNetworkArn", "localGatewayId", "odbNetworkArn")
"""Arguments of a route on AWS that lead into another network."""

NETWORKS: Final[Mapping[str, str]] = {
    "aws:ec2/vpc:Vpc": "VPC",
    "aws:ec2/defaultVpc:DefaultVpc": "VPC",
    "azure-native:network:VirtualNetwork": "virtual network",
    "gcp:compute/network:Network": "network",
}
"""A cell has one in each region that it is in; on GCP one in all, for there it spans regions."""

"""Which arguments lead where, by type: the data of the witness's edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Leads:
    """What one argument of the resources of some types makes an edge of."""

    types: str
    """Tokens, with a space between."""
    path: str
    kind: str
    """Of the edge."""
    to: str
    """What kind of thing the argument names, where that is no cell's."""
    says: str
    """What stands between the resource and what it names: `joins its network with`."""
    way: str = "both"
    """`out`: to what is named; `in`: from it; `both`."""
    own: str = ""
    """In a shared stack: the argument that names the other end, where that is not the resource itself."""


def _joins(types: str, path: str, own: str = "") -> Leads:
    return Leads(types, path, "peering", "network", "joins its network with", own=own)


def _leads_to(types: str, path: str) -> Leads:
    return Leads(types, path, "endpoint", "service", "leads to", "out")


def _lets_in(types: str, path: str, to: str = "principal", says: str = "lets in") -> Leads:
    return Leads(types, path, "grant", to, says, "in")


def _believes(types: str, path: str) -> Leads:
    return Leads(types, path, "trust", "issuer", "believes", "in")


def _shares(types: str, path: str, to: str, says: str) -> Leads:
    return Leads(types, path, "data", to, says)


def _points_at(types: str, path: str, own: str = "") -> Leads:
    return Leads(types, path, "dns", "address", "points at", "out", own)


def _sends(types: str, path: str) -> Leads:
    return Leads(types, path, "route", "range", "sends traffic to", "out")


_CONNECTION: Final = "azure-native:network:VirtualNetworkGatewayConnection"
NETWORKS: Final = (
    _joins("aws:ec2/vpcPeeringConnection:VpcPeeringConnection", "peerVpcId", "vpcId"),
    _joins("aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter", "vpcPeeringConnectionId"),
    _joins("aws:ec2transitgateway/vpcAttachment:VpcAttachment", "transitGatewayId", "vpcId"),
    _joins("aws:ec2transitgateway/peeringAttachment:PeeringAttachment", "peerTransitGatewayId", "transitGatewayId"),
    _joins("aws:networkmanager/vpcAttachment:VpcAttachment", "coreNetworkId", "vpcArn"),
    _joins("aws:directconnect/gatewayAssociation:GatewayAssociation", "dxGatewayId", "associatedGatewayId"),
    _joins("aws:ec2/vpnConnection:VpnConnection", "customerGatewayId"),
    _joins("aws:ec2/vpnConnection:VpnConnection", "transitGatewayId"),
    _joins("aws:vpclattice/serviceNetworkVpcAssociation:ServiceNetworkVpcAssociation", "serviceNetworkIdentifier"),
    _joins("gcp:compute/networkPeering:NetworkPeering", "peerNetwork", "network"),
    _joins("gcp:compute/vPNTunnel:VPNTunnel", "peerGcpGateway", "vpnGateway"),
    _joins("gcp:compute/vPNTunnel:VPNTunnel", "peerIp", "vpnGateway"),
    _joins("gcp:compute/sharedVPCServiceProject:SharedVPCServiceProject", "hostProject", "serviceProject"),
    _joins("gcp:networkconnectivity/spoke:Spoke", "hub"),
    _joins("azure-native:network:VirtualNetworkPeering", "remoteVirtualNetwork.id", "virtualNetworkName"),
    _joins("azure-native:network:HubVirtualNetworkConnection", "virtualHubName", "remoteVirtualNetwork"),
    _joins(_CONNECTION, "peer.id"),
    _joins(_CONNECTION, "virtualNetworkGateway2.id"),
    _joins("azure-native:privatedns:VirtualNetworkLink", "virtualNetwork.id", "privateZoneName"),
    _joins("aws:route53/zoneAssociation:ZoneAssociation", "vpcId", "zoneId"),
    _leads_to("aws:ec2/vpcEndpoint:VpcEndpoint", "serviceName"),
    _leads_to("azure-native:network:PrivateEndpoint", "privateLinkServiceConnections[?].privateLinkServiceId"),
    _leads_to("gcp:compute/forwardingRule:ForwardingRule", "target"),
)
GRANTS: Final = (
    _lets_in("aws:ec2/vpcEndpointService:VpcEndpointService", "allowedPrincipals[?]"),
    _lets_in("aws:ec2/vpcEndpointServiceAllowedPrinciple:VpcEndpointServiceAllowedPrinciple", "principalArn"),
    _lets_in("gcp:compute/serviceAttachment:ServiceAttachment", "consumerAcceptLists[?].projectIdOrNum", "account"),
    _lets_in("azure-native:network:PrivateLinkService", "visibility.subscriptions[?]", "account"),
    _lets_in("aws:kms/grant:Grant", "granteePrincipal"),
    _lets_in("aws:lambda/permission:Permission", "principal"),
    _lets_in("aws:lambda/permission:Permission", "sourceAccount", "account"),
    _lets_in("aws:ram/principalAssociation:PrincipalAssociation", "principal"),
    _lets_in("aws:rds/clusterSnapshot:ClusterSnapshot", "sharedAccounts[?]", "account", "gives a copy of data to"),
    _lets_in("aws:rds/snapshot:Snapshot", "sharedAccounts[?]", "account", "gives a copy of data to"),
    _lets_in("aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission", "accountId", "account"),
    _lets_in("aws:eks/accessEntry:AccessEntry", "principalArn"),
    _lets_in("azure-native:authorization:RoleAssignment", "principalId"),
    Leads("azure-native:authorization:RoleAssignment", "scope", "grant", "account", "may use", "out"),
    _believes("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "url"),
    _believes("azure-native:managedidentity:FederatedIdentityCredential", "issuer"),
    _believes("gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider", "oidc.issuerUri"),
)
_COPIES: Final = "copies data to"
_JOB: Final = "gcp:storage/transferJob:TransferJob"
DATA: Final = (
    _shares("aws:s3/bucketReplicationConfig:BucketReplicationConfig", "rules[?].destination.bucket", "bucket", _COPIES),
    _shares("aws:backup/plan:Plan", "rules[?].copyActions[?].destinationVaultArn", "store", _COPIES),
    _shares(_JOB, "replicationSpec.gcsDataSink.bucketName", "bucket", _COPIES),
    _shares(_JOB, "replicationSpec.gcsDataSource.bucketName", "bucket", "reads"),
    _shares("gcp:storage/bucketIAMMember:BucketIAMMember", "bucket", "bucket", "may use"),
    _shares("azure-native:storage:ObjectReplicationPolicy", "destinationAccount", "bucket", _COPIES),
    _shares("aws:rds/cluster:Cluster", "globalClusterIdentifier", "database", "shares data with"),
    _shares("aws:rds/cluster:Cluster", "replicationSourceIdentifier", "database", "reads"),
    _shares("aws:rds/instance:Instance", "replicateSourceDb", "database", "reads"),
    _shares("gcp:sql/databaseInstance:DatabaseInstance", "masterInstanceName", "database", "reads"),
    _shares("azure-native:dbforpostgresql:Server", "sourceServerResourceId", "database", "reads"),
)
_SETS: Final = "azure-native:dns:RecordSet azure-native:privatedns:PrivateRecordSet"
DNS: Final = (
    _points_at("aws:route53/record:Record", "records[?]", "name"),
    _points_at("aws:route53/record:Record", "aliases[?].name", "name"),
    _points_at("gcp:dns/recordSet:RecordSet", "rrdatas[?]", "name"),
    _points_at(_SETS, "aRecords[?].ipv4Address", "relativeRecordSetName"),
    _points_at(_SETS, "cnameRecord.cname", "relativeRecordSetName"),
    _points_at("aws:route53/resolverRule:ResolverRule", "targetIps[?].ip"),
    _points_at("gcp:dns/managedZone:ManagedZone", "forwardingConfig.targetNameServers[?].ipv4Address"),
    _points_at("azure-native:dnsresolver:ForwardingRule", "targetDnsServers[?].ipAddress"),
    _points_at("kubernetes:core/v1:Endpoints", "subsets[?].addresses[?].ip"),
    _points_at("kubernetes:discovery.k8s.io/v1:EndpointSlice", "endpoints[?].addresses[?]"),
    _leads_to("aws:lb/targetGroupAttachment:TargetGroupAttachment", "targetId"),
    _points_at("kubernetes:externaldns.k8s.io/v1alpha1:DNSEndpoint", "spec.endpoints[?].targets[?]"),
)
RANGES: Final = (
    _sends("aws:ec2/route:Route", "destinationCidrBlock"),
    _sends("aws:ec2/routeTable:RouteTable", "routes[?].cidrBlock"),
    _sends("gcp:compute/route:Route", "destRange"),
    _sends("azure-native:network:Route", "addressPrefix"),
    _sends("azure-native:network:RouteTable", "routes[?].addressPrefix"),
)
"""Where routes lead; what firewalls let pass is told by `openings`."""
TABLE: Final = (*NETWORKS, *GRANTS, *DATA, *DNS, *RANGES)

"""A cell's network on AWS: one VPC that is joined to no other.

In each zone there are four subnets. Of a /20, with up to four zones:

    public   /25   the load balancer and the NAT; the only one that the internet reaches
    data     /24   the database; no way out at all
    private  /23   nodes, the cluster's own interfaces and the endpoints of AWS's services; out by NAT
    pods     /16   of the pod range, a secondary range of the VPC: not routed, so that cells may share it

A larger range is cut in the same proportions. A zone's block stays where it is when a zone is added, up to four.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from cellfleet.failure import Failure

_LARGEST_PREFIX = 16  # a VPC's range and each secondary one is a /16 to a /28 (VPC user guide, a copy of 2023)
_SMALLEST_PREFIX = 28
# Without these a private node cannot join, pull an image, attach a volume or get a pod's credentials.
_INTERFACE_ENDPOINTS = ("ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "logs", "secretsmanager", "sts")


@dataclass(frozen=True, slots=True)
class ZoneRanges:
    """The subnets of one zone."""

    public: IPv4Network
    data: IPv4Network
    private: IPv4Network
    pods: IPv4Network


def ranges(cidr: IPv4Network, pod_cidr: IPv4Network, zones: Sequence[str]) -> dict[str, ZoneRanges]:
    """Cut a cell's range and its pod range into the subnets of each zone.

    Raises Failure where AWS would refuse one of them.
    """
    if len(zones) < 2:
        raise Failure(
            "a cell on AWS has one zone; EKS and Aurora run in two or more",
            "give the cell a second zone of its region",
            exit_code=2,
        )
    blocks = max(4, 2 ** math.ceil(math.log2(len(zones))))
    bits = blocks.bit_length() - 1
    pod_prefix = max(_LARGEST_PREFIX, pod_cidr.prefixlen + bits)
    if (
        cidr.prefixlen < _LARGEST_PREFIX
        or cidr.prefixlen + bits + 3 > _SMALLEST_PREFIX
        or pod_prefix > _SMALLEST_PREFIX
    ):
        raise Failure(
            f"{cidr} with pods in {pod_cidr} cannot be cut into subnets for {len(zones)} zones on AWS",
            "give the cell a cidr from /16 to /20 and a pod_cidr of /24 or larger",
            exit_code=2,
        )
    cut: dict[str, ZoneRanges] = {}
    pod_blocks = pod_cidr.subnets(new_prefix=pod_prefix)
    for zone, block, pods in zip(zones, cidr.subnets(prefixlen_diff=bits), pod_blocks, strict=False):
        private, upper = block.subnets(prefixlen_diff=1)
        data, rest = upper.subnets(prefixlen_diff=1)
        public, _spare = rest.subnets(prefixlen_diff=1)
        cut[zone] = ZoneRanges(public, data, private, pods)
    return cut


class Network(pulumi.ComponentResource):
    """The VPC of a cell, its subnets by zone, and its ways in and out."""

    vpc_id: pulumi.Output[str]
    public: Mapping[str, aws.ec2.Subnet]
    private: Mapping[str, aws.ec2.Subnet]
    data: Mapping[str, aws.ec2.Subnet]
    pods: Mapping[str, aws.ec2.Subnet]

    def __init__(
        self,
        name: str,
        *,
        region: str,
        cidr: IPv4Network,
        pod_cidr: IPv4Network,
        zones: Sequence[str],
        single_nat: bool,
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:aws:Network", f"{name}-network", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._name, self._tags, self._child = name, tags, child
        cut = ranges(cidr, pod_cidr, zones)

        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=str(cidr),
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self._named("vpc"),
            opts=child,
        )
        self.vpc_id = vpc.id
        # The VPC's own group lets its members reach one another; nothing is to use it.
        aws.ec2.DefaultSecurityGroup(
            f"{name}-closed", vpc_id=vpc.id, ingress=[], egress=[], tags=self._named("closed"), opts=child
        )

        self.public = {zone: self._subnet("public", zone, blocks.public) for zone, blocks in cut.items()}
        self.private = {zone: self._subnet("private", zone, blocks.private) for zone, blocks in cut.items()}
        self.data = {zone: self._subnet("data", zone, blocks.data) for zone, blocks in cut.items()}
        self.pods = {zone: self._pod_subnet(zone, blocks.pods) for zone, blocks in cut.items()}

        internet = aws.ec2.InternetGateway(f"{name}-internet", vpc_id=vpc.id, tags=self._named("internet"), opts=child)
        public_table = self._table("public", self.public)
        self._route("public", public_table, gateway_id=internet.id)

        nats = {zone: self._nat(zone, internet) for zone in (zones[:1] if single_nat else zones)}
        private_tables = []
        for zone in zones:
            table = self._table(f"private-{zone}", {zone: self.private[zone]}, pods={zone: self.pods[zone]})
            self._route(f"private-{zone}", table, nat_gateway_id=nats.get(zone, nats[zones[0]]).id)
            private_tables.append(table)
        self._table("data", self.data)

        aws.ec2.VpcEndpoint(
            f"{name}-endpoint-s3",
            vpc_id=vpc.id,
            vpc_endpoint_type="Gateway",
            service_name=f"com.amazonaws.{region}.s3",
            route_table_ids=[table.id for table in private_tables],
            tags=self._named("endpoint-s3"),
            opts=child,
        )
        self._interface_endpoints(region, [cidr, *(blocks.pods for blocks in cut.values())])
        self.register_outputs({})

    def _subnet(
        self, tier: str, zone: str, block: IPv4Network, depends_on: Sequence[pulumi.Resource] = ()
    ) -> aws.ec2.Subnet:
        return aws.ec2.Subnet(
            f"{self._name}-{tier}-{zone}",
            vpc_id=self.vpc_id,
            availability_zone=zone,
            cidr_block=str(block),
            map_public_ip_on_launch=False,
            tags=self._named(f"{tier}-{zone}"),
            opts=pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=list(depends_on))),
        )

    def _pod_subnet(self, zone: str, block: IPv4Network) -> aws.ec2.Subnet:
        """A zone's pods have a secondary range of the VPC to themselves; a VPC has four unless its quota is raised."""
        association = aws.ec2.VpcIpv4CidrBlockAssociation(
            f"{self._name}-pods-{zone}", vpc_id=self.vpc_id, cidr_block=str(block), opts=self._child
        )
        return self._subnet("pods", zone, block, [association])

    def _nat(self, zone: str, internet: aws.ec2.InternetGateway) -> aws.ec2.NatGateway:
        after_internet = pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=[internet]))
        address = aws.ec2.Eip(
            f"{self._name}-nat-{zone}", domain="vpc", tags=self._named(f"nat-{zone}"), opts=after_internet
        )
        return aws.ec2.NatGateway(
            f"{self._name}-nat-{zone}",
            subnet_id=self.public[zone].id,
            allocation_id=address.allocation_id,
            tags=self._named(f"nat-{zone}"),
            opts=after_internet,
        )

    def _table(
        self, part: str, subnets: Mapping[str, aws.ec2.Subnet], pods: Mapping[str, aws.ec2.Subnet] | None = None
    ) -> aws.ec2.RouteTable:
        table = aws.ec2.RouteTable(f"{self._name}-{part}", vpc_id=self.vpc_id, tags=self._named(part), opts=self._child)
        tier = part.split("-")[0]
        for kind, members in ((tier, subnets), ("pods", pods or {})):
            for zone, subnet in members.items():
                aws.ec2.RouteTableAssociation(
                    f"{self._name}-{kind}-{zone}", route_table_id=table.id, subnet_id=subnet.id, opts=self._child
                )
        return table

    def _route(
        self,
        part: str,
        table: aws.ec2.RouteTable,
        *,
        gateway_id: pulumi.Input[str] | None = None,
        nat_gateway_id: pulumi.Input[str] | None = None,
    ) -> None:
        aws.ec2.Route(
            f"{self._name}-{part}-out",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway_id,
            nat_gateway_id=nat_gateway_id,
            opts=self._child,
        )

    def _interface_endpoints(self, region: str, sources: Sequence[IPv4Network]) -> None:
        group = aws.ec2.SecurityGroup(
            f"{self._name}-endpoints",
            description="AWS services, for the nodes and pods of the cell",
            vpc_id=self.vpc_id,
            tags=self._named("endpoints"),
            opts=self._child,
        )
        for source in sources:
            aws.vpc.SecurityGroupIngressRule(
                f"{self._name}-endpoints-{source.network_address}",
                security_group_id=group.id,
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                cidr_ipv4=str(source),
                tags=self._named("endpoints"),
                opts=self._child,
            )
        for service in _INTERFACE_ENDPOINTS:
            aws.ec2.VpcEndpoint(
                f"{self._name}-endpoint-{service.replace('.', '-')}",
                vpc_id=self.vpc_id,
                vpc_endpoint_type="Interface",
                service_name=f"com.amazonaws.{region}.{service}",
                subnet_ids=[subnet.id for subnet in self.private.values()],
                security_group_ids=[group.id],
                private_dns_enabled=True,
                tags=self._named(f"endpoint-{service}"),
                opts=self._child,
            )

    def _named(self, part: str) -> dict[str, str]:
        return {**self._tags, "Name": f"{self._name}-{part}"}

"""A cell's warm standby in another region: a second Aurora cluster that follows the first, in a network of its own.

A promotion detaches it from the global database; what that needs is among the cell's outputs. The bucket's copy is
in components/aws/storage.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from cellfleet.inventory.model import Database as DatabaseSize
from cellfleet.inventory.regions import region as known_region
from cellfleet.inventory.types import Provider
from components.aws.database import ENGINE, Database, instances, parameters, security_group, subnet_group
from components.aws.network import ranges


class Standby(pulumi.ComponentResource):
    """The second cluster of the global database, with one reader, which a promotion makes the writer."""

    cluster: aws.rds.Cluster

    def __init__(
        self,
        cell: str,
        *,
        source: Database,
        source_region: str,
        region: str,
        size: DatabaseSize,
        cidr: IPv4Network,
        pod_cidr: IPv4Network,
        retention_days: int,
        guarded: bool,
        data_key_arn: pulumi.Input[str],
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:aws:Standby", f"{cell}-standby", None, opts)
        name = f"{cell}-standby"
        named = {**tags, "Name": name}
        child = pulumi.ResourceOptions(parent=self)

        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=str(cidr),
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=named,
            opts=child,
        )
        aws.ec2.DefaultSecurityGroup(f"{name}-closed", vpc_id=vpc.id, ingress=[], egress=[], tags=named, opts=child)
        subnets = _data_subnets(name, vpc, region, cidr, pod_cidr, named, child)
        self.cluster = aws.rds.Cluster(
            f"{name}-database",
            cluster_identifier=f"{name}-database",
            engine=ENGINE,
            engine_mode="provisioned",
            engine_version=source.cluster.engine_version_actual,
            global_cluster_identifier=source.global_cluster_id,
            source_region=source_region,
            db_subnet_group_name=subnet_group(name, subnets, named, child).name,
            db_cluster_parameter_group_name=parameters(name, named, child).name,
            vpc_security_group_ids=[security_group(name, vpc.id, [], named, child).id],
            storage_encrypted=True,
            kms_key_id=data_key_arn,
            backup_retention_period=retention_days,
            copy_tags_to_snapshot=True,
            deletion_protection=guarded,
            skip_final_snapshot=not guarded,
            final_snapshot_identifier=f"{name}-final" if guarded else None,
            tags=named,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=guarded,
                delete_before_replace=True,
                # A member's version follows the global database's, and its source is Aurora's to say.
                ignore_changes=["engineVersion", "replicationSourceIdentifier"],
            ),
        )
        warm = size.model_copy(update={"replicas": 0})
        instances(f"{name}-database", self.cluster, warm, list(subnets), data_key_arn, tags, guarded, child)
        self.register_outputs({})


def _data_subnets(
    name: str,
    vpc: aws.ec2.Vpc,
    region: str,
    cidr: IPv4Network,
    pod_cidr: IPv4Network,
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> dict[str, pulumi.Output[str]]:
    """Subnets in two zones, with no way in or out, where the cell's own plan has its first two data subnets."""
    known = known_region(Provider.AWS, region)
    assert known is not None, region  # the inventory takes no other
    zones = known.zones[:2]
    cut = ranges(cidr, pod_cidr, zones)
    return {
        zone: aws.ec2.Subnet(
            f"{name}-data-{zone}",
            vpc_id=vpc.id,
            availability_zone=zone,
            cidr_block=str(cut[zone].data),
            map_public_ip_on_launch=False,
            tags={**tags, "Name": f"{name}-data-{zone}"},
            opts=opts,
        ).id
        for zone in zones
    }

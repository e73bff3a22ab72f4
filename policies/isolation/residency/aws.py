"""AWS: the regions that resources are in and copy to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from policies.isolation.residency.whereabouts import Whereabouts, of_stack
from policies.isolation.values import account_in, at, region_in
from policies.resource import UNKNOWN, Resource, Resources

_REGIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:docdb/globalCluster:GlobalCluster": (),
    "aws:dlm/lifecyclePolicy:LifecyclePolicy": (
        "policyDetails.schedules.crossRegionCopyRules.target",
        "policyDetails.schedules.crossRegionCopyRules.targetRegion",
        "policyDetails.action.crossRegionCopies.target",
    ),
    "aws:dynamodb/globalTable:GlobalTable": ("replicas.regionName",),
    "aws:dynamodb/table:Table": ("replicas.regionName", "globalTableWitness.regionName"),
    "aws:ebs/snapshotCopy:SnapshotCopy": ("sourceRegion",),
    "aws:ec2/amiCopy:AmiCopy": ("sourceAmiRegion",),
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": (
        "replicationConfiguration.rules.destinations.region",
    ),
    "aws:efs/replicationConfiguration:ReplicationConfiguration": ("destination.region",),
    "aws:rds/cluster:Cluster": ("sourceRegion",),
    "aws:s3control/multiRegionAccessPoint:MultiRegionAccessPoint": ("details.regions.region",),
    "aws:secretsmanager/secret:Secret": ("replicas.region",),
}
"""By type, where the regions stand that its data is copied to or from; every type's `region`, which is its own, and
`destinationRegion`, which a copy of it is in, count besides."""
_ARNS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:backup/plan:Plan": ("rules.copyActions.destinationVaultArn",),
    "aws:docdb/globalCluster:GlobalCluster": ("sourceDbClusterIdentifier",),
    "aws:dynamodb/tableReplica:TableReplica": ("globalTableArn",),
    "aws:kms/replicaKey:ReplicaKey": ("primaryKeyArn",),
    "aws:neptune/globalCluster:GlobalCluster": ("sourceDbClusterIdentifier",),
    "aws:rds/cluster:Cluster": ("replicationSourceIdentifier",),
    "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy": ("sourceDbClusterSnapshotIdentifier",),
    "aws:rds/globalCluster:GlobalCluster": ("sourceDbClusterIdentifier",),
    "aws:rds/instance:Instance": ("replicateSourceDb",),
    "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": ("sourceDbInstanceArn",),
    "aws:rds/snapshotCopy:SnapshotCopy": ("sourceDbSnapshotIdentifier",),
}
"""By type, the ARNs of what its data is copied to or from."""
_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]$")
_BUCKETS: Final = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
_EVERYWHERE: Final = frozenset({"aws:cloudfront/distribution:Distribution"})


def whereabouts(resource: Resource, resources: Resources) -> Iterator[Whereabouts]:
    """Where a resource of AWS, or a provider of it, puts data."""
    if resource.type in _EVERYWHERE:
        yield Whereabouts("caches at AWS's edges everywhere")
    if resource.type == "pulumi:providers:aws":
        yield from _of_provider(resource.inputs)
        return
    for path in ("region", "destinationRegion", *_REGIONS.get(resource.type, ())):
        for region in at(resource.inputs, path):
            if isinstance(region, str) and _REGION.match(region):
                yield Whereabouts(f"{path}: {region}", region)
    for path in _ARNS.get(resource.type, ()):
        for arn in at(resource.inputs, path):
            if isinstance(arn, str) and (region := region_in(arn)):
                yield Whereabouts(f"{path}: {arn}", region, account_in(arn) or "")
    if resource.type.startswith("aws:s3/"):
        yield from _of_replication(resource, resources)
    if resource.type == "aws:kms/key:Key" and resource.inputs.get("multiRegion") is True:
        yield Whereabouts("multiRegion: true, so that it can be replicated to any region")


def _of_provider(inputs: Mapping[str, Any]) -> Iterator[Whereabouts]:
    region = inputs.get("region")
    if region is None:
        yield Whereabouts("no region, so that the environment chooses")
    elif isinstance(region, str):
        yield Whereabouts(f"region: {region}", region, _only(inputs.get("allowedAccountIds")))


def _only(accounts: Any) -> str:
    """The one account that a provider works in; empty where there is not one."""
    try:
        listed = json.loads(accounts) if isinstance(accounts, str) else accounts
    except ValueError:
        return ""
    return str(listed[0]) if isinstance(listed, list) and len(listed) == 1 and listed[0] is not UNKNOWN else ""


def _of_replication(resource: Resource, resources: Resources) -> Iterator[Whereabouts]:
    for path in ("rules.destination.bucket", "replicationConfiguration.rules.destination.bucket"):
        for arn in at(resource.inputs, path):
            name = arn.rpartition(":")[2] if isinstance(arn, str) else ""
            if name and of_stack(resources, _BUCKETS, name) is None:
                yield Whereabouts(f"{path}: {arn}, which is no bucket of this stack")

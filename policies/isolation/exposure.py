"""ISO-14, exposure: no store that the world can reach, no copy of one that the world can have, no node with a public
address.

Only of cells: what shared stacks hold (registries, which routers on other clouds read) is meant to be reached, by those
whom its own policies name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cellfleet.inventory.stack import Kind
from policies.isolation import rules
from policies.isolation.argument import GIVEN, Expected, shown, values, violation, violations
from policies.resource import Resources
from policies.rule import Facts, Violation

_REMEDY: Final = "close it: a cell's data is reached from the cell's own network"
_PUBLIC: Final = "can be reached from the internet"
_COPIES: Final = "gives copies of data to everybody"
_READ: Final = "can be read by everybody"


def not_public(facts: Facts, resources: Resources) -> Iterator[Violation]:  # noqa: ARG001 (a check takes both)
    """Stores, copies and machines of a cell that are open to the world."""
    if resources.stack.kind not in (Kind.CELL, Kind.WORKLOAD):
        return
    yield from violations(rules.ENCRYPTION, resources, TABLE, _REMEDY)
    for types, path, everybody, fault in GIVEN_TO:
        for resource in resources.of(*types.split()):
            for value in values(resource, path):
                if value in everybody:
                    limit = f"{path}: not {' or '.join(everybody)}"
                    measured = shown(resource, path, value)
                    yield violation(rules.ENCRYPTION, resources, resource, fault, measured, limit, _REMEDY)
    for kind, reason in NEVER.items():
        for resource in resources.of(kind):
            yield violation(rules.ENCRYPTION, resources, resource, reason, "it is there", "none in a cell", _REMEDY)


def _closed(types: str, path: str, *, absent: bool = False, fault: str = _PUBLIC) -> Expected:
    return Expected(types, path, (False,), fault, absent)


def _disabled(types: str, path: str = "publicNetworkAccess") -> Expected:
    return Expected(types, path, ("Disabled", "SecuredByPerimeter"), _PUBLIC, "Enabled")


_SQL: Final = "gcp:sql/databaseInstance:DatabaseInstance"
_ACCOUNT: Final = "azure-native:storage:StorageAccount"
TABLE: Final = (
    _closed(
        "aws:rds/clusterInstance:ClusterInstance aws:rds/instance:Instance aws:rds/cluster:Cluster"
        " aws:neptune/clusterInstance:ClusterInstance aws:mq/broker:Broker"
        " aws:timestreaminfluxdb/dbInstance:DbInstance",
        "publiclyAccessible",
    ),
    _closed(
        "aws:redshift/cluster:Cluster aws:dms/replicationInstance:ReplicationInstance",
        "publiclyAccessible",
        absent=True,
    ),
    Expected(
        "aws:msk/cluster:Cluster",
        "brokerNodeGroupInfo.connectivityInfo.publicAccess.type",
        ("DISABLED",),
        _PUBLIC,
        "DISABLED",
    ),
    Expected("aws:opensearch/domain:Domain", "vpcOptions.subnetIds", GIVEN, _PUBLIC),
    _closed("aws:ec2/subnet:Subnet", "mapPublicIpOnLaunch", fault="gives whatever is put in it a public address"),
    _closed("aws:ec2/instance:Instance", "associatePublicIpAddress"),
    Expected("aws:lambda/functionUrl:FunctionUrl", "authorizationType", ("AWS_IAM",), _PUBLIC),
    _closed(_SQL, "settings.ipConfiguration.ipv4Enabled", absent=True),
    Expected("gcp:storage/bucket:Bucket", "publicAccessPrevention", ("enforced",), "may be made public", "inherited"),
    Expected("gcp:storage/bucket:Bucket", "uniformBucketLevelAccess", (True,), "may have public objects", absent=False),
    Expected(
        "gcp:container/cluster:Cluster", "privateClusterConfig.enablePrivateNodes", (True,), _PUBLIC, absent=False
    ),
    Expected("gcp:container/nodePool:NodePool", "networkConfig.enablePrivateNodes", (True,), _PUBLIC, absent=True),
    _disabled(
        f"{_ACCOUNT} azure-native:redis:Redis azure-native:redisenterprise:RedisEnterprise azure-native:sql:Server"
        " azure-native:cosmosdb:DatabaseAccount azure-native:servicebus:Namespace azure-native:eventhub:Namespace"
        " azure-native:containerregistry:Registry azure-native:search:Service"
        " azure-native:appconfiguration:ConfigurationStore azure-native:compute:Disk azure-native:compute:Snapshot"
    ),
    _disabled("azure-native:dbforpostgresql:Server azure-native:dbformysql:Server", "network.publicNetworkAccess"),
    _disabled("azure-native:keyvault:Vault", "properties.publicNetworkAccess"),
    Expected(_ACCOUNT, "networkRuleSet.defaultAction", ("Deny",), _PUBLIC, "Allow"),
    _closed(_ACCOUNT, "allowBlobPublicAccess", fault="may have public containers"),
    Expected("azure-native:storage:BlobContainer", "publicAccess", ("None",), _READ, "None"),
    _closed("azure-native:containerservice:AgentPool", "enableNodePublicIP"),
    _closed("azure-native:containerservice:ManagedCluster", "agentPoolProfiles[?].enableNodePublicIP"),
)

_ACLS: Final = ("public-read", "public-read-write", "authenticated-read", "publicRead", "publicReadWrite")
_ANYBODY: Final = ("allUsers", "allAuthenticatedUsers")
GIVEN_TO: Final = (
    ("aws:s3/bucketAcl:BucketAcl aws:s3/bucket:Bucket", "acl", _ACLS, _READ),
    ("aws:rds/clusterSnapshot:ClusterSnapshot aws:rds/snapshot:Snapshot", "sharedAccounts[?]", ("all",), _COPIES),
    ("aws:ec2/amiLaunchPermission:AmiLaunchPermission", "group", ("all",), _COPIES),
    ("gcp:storage/bucketACL:BucketACL", "predefinedAcl", _ACLS, _READ),
    ("gcp:storage/bucketAccessControl:BucketAccessControl", "entity", _ANYBODY, _READ),
    ("gcp:storage/defaultObjectAccessControl:DefaultObjectAccessControl", "entity", _ANYBODY, _READ),
    ("gcp:storage/objectAccessControl:ObjectAccessControl", "entity", _ANYBODY, _READ),
    ("gcp:bigquery/datasetAccess:DatasetAccess", "specialGroup", _ANYBODY, _READ),
)
"""Arguments that must not have some values: types, path, the values, what is said."""

NEVER: Final = {
    "aws:ecrpublic/repository:Repository": _READ,
    "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration": "serves a bucket as a web site, without TLS",
    "azure-native:dbforpostgresql:FirewallRule": "opens the database to public addresses",
    "azure-native:dbformysql:FirewallRule": "opens the database to public addresses",
    "azure-native:sql:FirewallRule": "opens the database to public addresses",
}
"""Resources that a cell has no use for but to open something to the world."""

"""ISO-14, at rest: whatever keeps data is encrypted, with a key that is somebody's own to revoke.

That the clouds encrypt everything anyway, with keys of theirs, keeps out who steals a disk from them; a key of the
cell's own keeps out whoever gets at the store itself. Which key it is, is ISO-10's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cellfleet.inventory.types import Provider
from policies.isolation import rules
from policies.isolation.argument import GIVEN, Expected, violations
from policies.resource import Resources
from policies.rule import Facts, Violation

_REMEDY: Final = "encrypt it with the cell's key for its class of data"
_OFF: Final = "is not encrypted"
_KEY: Final = "is encrypted with no key of its own"


def encrypted_at_rest(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """Stores, disks, queues and logs that anybody who gets at them can read; of every stack."""
    yield from violations(rules.ENCRYPTION, resources, (*AWS, *GCP, *AZURE), _REMEDY)
    cell = facts.fleet.cells.get(resources.stack.subject)
    if getattr(cell, "provider", None) is Provider.KUBERNETES:
        yield from violations(rules.ENCRYPTION, resources, KUBERNETES, _REMEDY)


def _on(types: str, path: str, *, absent: bool = False, unless: str = "") -> Expected:
    return Expected(types, path, (True,), _OFF, absent, unless)


def _key(types: str, path: str, *, unless: str = "") -> Expected:
    return Expected(types, path, GIVEN, _KEY, unless=unless)


AWS: Final = (
    _on("aws:rds/cluster:Cluster aws:docdb/cluster:Cluster aws:neptune/cluster:Cluster", "storageEncrypted"),
    _key("aws:rds/cluster:Cluster aws:docdb/cluster:Cluster", "kmsKeyId"),
    _key("aws:neptune/cluster:Cluster", "kmsKeyArn"),
    _on("aws:rds/instance:Instance", "storageEncrypted", unless="replicateSourceDb"),
    _key("aws:rds/instance:Instance", "kmsKeyId", unless="replicateSourceDb"),
    _on("aws:redshift/cluster:Cluster aws:efs/fileSystem:FileSystem aws:ebs/volume:Volume", "encrypted"),
    _key("aws:redshift/cluster:Cluster aws:efs/fileSystem:FileSystem aws:ebs/volume:Volume", "kmsKeyId"),
    _on("aws:ebs/snapshotCopy:SnapshotCopy", "encrypted"),
    _on("aws:ec2/launchTemplate:LaunchTemplate", "blockDeviceMappings[].ebs.encrypted"),
    _key("aws:ec2/launchTemplate:LaunchTemplate", "blockDeviceMappings[].ebs.kmsKeyId"),
    _on("aws:ec2/instance:Instance", "rootBlockDevice.encrypted", unless="launchTemplate"),
    _on("aws:ec2/instance:Instance", "ebsBlockDevices[?].encrypted"),
    _on("aws:ec2/launchConfiguration:LaunchConfiguration", "rootBlockDevice.encrypted"),
    Expected("aws:eks/nodeGroup:NodeGroup", "launchTemplate", GIVEN, "has machines whose disks are not encrypted"),
    Expected("aws:eks/cluster:Cluster", "encryptionConfig.resources[]", ("secrets",), "does not encrypt its Secrets"),
    _key("aws:eks/cluster:Cluster", "encryptionConfig.provider.keyArn"),
    _key("aws:cloudwatch/logGroup:LogGroup aws:secretsmanager/secret:Secret", "kmsKeyId"),
    _key("aws:backup/vault:Vault aws:memorydb/cluster:Cluster", "kmsKeyArn"),
    _key("aws:sqs/queue:Queue aws:sns/topic:Topic", "kmsMasterKeyId"),
    _on("aws:dynamodb/table:Table", "serverSideEncryption.enabled"),
    _key("aws:dynamodb/table:Table", "serverSideEncryption.kmsKeyArn"),
    _on("aws:elasticache/replicationGroup:ReplicationGroup", "atRestEncryptionEnabled"),
    _key(
        "aws:elasticache/replicationGroup:ReplicationGroup aws:elasticache/serverlessCache:ServerlessCache", "kmsKeyId"
    ),
    _on("aws:opensearch/domain:Domain", "encryptAtRest.enabled"),
    Expected("aws:kinesis/stream:Stream", "encryptionType", ("KMS",), _OFF, "NONE"),
    _key("aws:msk/cluster:Cluster", "encryptionInfo.encryptionAtRestKmsKeyArn"),
    Expected("aws:ecr/repository:Repository", "encryptionConfigurations[].encryptionType", ("KMS", "KMS_DSSE"), _KEY),
)
GCP: Final = (
    _key("gcp:sql/databaseInstance:DatabaseInstance", "encryptionKeyName"),
    _key("gcp:storage/bucket:Bucket", "encryption.defaultKmsKeyName"),
    Expected(
        "gcp:container/cluster:Cluster", "databaseEncryption.state", ("ENCRYPTED",), "does not encrypt its Secrets"
    ),
    _key("gcp:container/cluster:Cluster", "databaseEncryption.keyName"),
    _key("gcp:container/nodePool:NodePool", "nodeConfig.bootDiskKmsKey"),
    _key("gcp:compute/disk:Disk", "diskEncryptionKey.kmsKeySelfLink"),
    _key("gcp:compute/regionDisk:RegionDisk", "diskEncryptionKey.kmsKeyName"),
    _key("gcp:compute/instance:Instance", "bootDisk.kmsKeySelfLink"),
    _key("gcp:compute/instanceTemplate:InstanceTemplate", "disks[].diskEncryptionKey.kmsKeySelfLink"),
    _key("gcp:redis/instance:Instance", "customerManagedKey"),
    _key("gcp:redis/cluster:Cluster gcp:memorystore/instance:Instance", "kmsKey"),
    _key("gcp:pubsub/topic:Topic gcp:filestore/instance:Instance", "kmsKeyName"),
    _key("gcp:artifactregistry/repository:Repository", "kmsKeyName"),
    _key("gcp:bigquery/dataset:Dataset", "defaultEncryptionConfiguration.kmsKeyName"),
    _key("gcp:spanner/database:Database gcp:alloydb/cluster:Cluster", "encryptionConfig.kmsKeyName"),
    _key("gcp:bigtable/instance:Instance", "clusters[].kmsKeyName"),
    _key("gcp:logging/projectBucketConfig:ProjectBucketConfig", "cmekSettings.kmsKeyName"),
    _key("gcp:firestore/database:Database", "cmekConfig.kmsKeyName"),
)
_VAULT: Final = ("Microsoft.Keyvault", "Microsoft.KeyVault")
AZURE: Final = (
    Expected("azure-native:storage:StorageAccount", "encryption.keySource", _VAULT, _KEY, "Microsoft.Storage"),
    Expected("azure-native:storage:EncryptionScope", "source", _VAULT, _KEY, "Microsoft.Storage"),
    Expected(
        "azure-native:dbforpostgresql:Server azure-native:dbformysql:Server",
        "dataEncryption.type",
        ("AzureKeyVault",),
        _KEY,
        "SystemManaged",
    ),
    _on("azure-native:containerservice:ManagedCluster", "securityProfile.azureKeyVaultKms.enabled"),
    _key("azure-native:containerservice:ManagedCluster", "diskEncryptionSetID"),
    _on("azure-native:containerservice:ManagedCluster", "agentPoolProfiles[?].enableEncryptionAtHost"),
    _on("azure-native:containerservice:AgentPool", "enableEncryptionAtHost"),
    _key("azure-native:compute:Disk azure-native:compute:Snapshot", "encryption.diskEncryptionSetId"),
    _key("azure-native:cosmosdb:DatabaseAccount", "keyVaultKeyUri"),
    _key("azure-native:sql:Server", "keyId"),
    _key("azure-native:servicebus:Namespace azure-native:eventhub:Namespace", "encryption.keyVaultProperties"),
    _key("azure-native:recoveryservices:Vault", "properties.encryption.keyVaultProperties"),
    _key("azure-native:appconfiguration:ConfigurationStore", "encryption.keyVaultProperties"),
    _key("azure-native:redisenterprise:RedisEnterprise", "encryption.customerManagedKeyEncryption"),
)
_VOLUMES: Final = ("cellfleet-encrypted",)
"""The StorageClass that docs/kubernetes-cells.md asks a cluster for: each volume encrypted, with a key of its own."""
_CNPG: Final = "kubernetes:postgresql.cnpg.io/v1:Cluster"
KUBERNETES: Final = (
    Expected(_CNPG, "spec.storage.storageClass", _VOLUMES, _OFF),
    Expected(_CNPG, "spec.walStorage.storageClass", _VOLUMES, _OFF),
    Expected("kubernetes:core/v1:PersistentVolumeClaim", "spec.storageClassName", _VOLUMES, _OFF),
    Expected("kubernetes:apps/v1:StatefulSet", "spec.volumeClaimTemplates[?].spec.storageClassName", _VOLUMES, _OFF),
)

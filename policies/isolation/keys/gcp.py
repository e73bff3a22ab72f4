"""GCP: where keys are named, and whether Cloud KMS rotates them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policies.isolation.keys.use import DATA, LOGS, SECRETS, Use
from policies.resource import Resource

KEYS: Final = ("gcp:kms/cryptoKey:CryptoKey",)
USES: Final[Mapping[str, tuple[Use, ...]]] = {
    "gcp:alloydb/cluster:Cluster": (Use("encryptionConfig.kmsKeyName", DATA),),
    "gcp:artifactregistry/repository:Repository": (Use("kmsKeyName", DATA),),
    "gcp:bigquery/dataset:Dataset": (Use("defaultEncryptionConfiguration.kmsKeyName", DATA),),
    "gcp:bigtable/instance:Instance": (Use("kmsKeyName", DATA, "clusters"),),
    "gcp:compute/disk:Disk": (Use("diskEncryptionKey.kmsKeySelfLink", DATA),),
    "gcp:compute/instance:Instance": (Use("kmsKeySelfLink", DATA, "bootDisk"),),
    "gcp:compute/instanceTemplate:InstanceTemplate": (Use("diskEncryptionKey.kmsKeySelfLink", DATA, "disks"),),
    "gcp:compute/regionDisk:RegionDisk": (Use("diskEncryptionKey.kmsKeyName", DATA),),
    "gcp:container/cluster:Cluster": (
        Use("databaseEncryption.keyName", SECRETS),
        Use("bootDiskKmsKey", DATA, "nodeConfig"),
    ),
    "gcp:container/nodePool:NodePool": (Use("bootDiskKmsKey", DATA, "nodeConfig"),),
    "gcp:filestore/instance:Instance": (Use("kmsKeyName", DATA),),
    "gcp:firestore/database:Database": (Use("cmekConfig.kmsKeyName", DATA),),
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": (Use("cmekSettings.kmsKeyName", LOGS),),
    "gcp:pubsub/topic:Topic": (Use("kmsKeyName", DATA),),
    "gcp:redis/cluster:Cluster": (Use("kmsKey", DATA),),
    "gcp:redis/instance:Instance": (Use("customerManagedKey", DATA),),
    "gcp:secretmanager/secret:Secret": (
        Use("customerManagedEncryption.kmsKeyName", SECRETS, "replication.auto"),
        Use("customerManagedEncryption.kmsKeyName", SECRETS, "replication.userManaged.replicas"),
    ),
    "gcp:spanner/database:Database": (Use("encryptionConfig.kmsKeyName", DATA),),
    "gcp:sql/databaseInstance:DatabaseInstance": (Use("encryptionKeyName", DATA),),
    "gcp:storage/bucket:Bucket": (Use("encryption.defaultKmsKeyName", DATA),),
}


def unrotated(resource: Resource) -> bool:
    """Whether it is a key that stays the same for ever, though Cloud KMS could rotate it."""
    if resource.type not in KEYS or resource.inputs.get("importOnly") is True:
        return False
    encrypts = resource.inputs.get("purpose", "ENCRYPT_DECRYPT") == "ENCRYPT_DECRYPT"
    return encrypts and resource.inputs.get("rotationPeriod") is None

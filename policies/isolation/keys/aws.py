"""AWS: where keys are named, and whether KMS rotates them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from policies.isolation.keys.use import DATA, LOGS, SECRETS, Use
from policies.isolation.values import at
from policies.resource import UNKNOWN, Resource, Resources

KEYS: Final = ("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey", "aws:kms/externalKey:ExternalKey")
_BY_DEFAULT: Final = "applyServerSideEncryptionByDefault"
USES: Final[Mapping[str, tuple[Use, ...]]] = {
    "aws:backup/vault:Vault": (Use("kmsKeyArn", DATA),),
    "aws:cloudwatch/logGroup:LogGroup": (Use("kmsKeyId", LOGS),),
    "aws:docdb/cluster:Cluster": (Use("kmsKeyId", DATA),),
    "aws:dynamodb/table:Table": (Use("serverSideEncryption.kmsKeyArn", DATA),),
    "aws:ebs/volume:Volume": (Use("kmsKeyId", DATA),),
    "aws:ec2/instance:Instance": (
        Use("kmsKeyId", DATA, "rootBlockDevice"),
        Use("kmsKeyId", DATA, "ebsBlockDevices"),
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": (Use("kmsKeyId", DATA, "blockDeviceMappings.ebs"),),
    "aws:efs/fileSystem:FileSystem": (Use("kmsKeyId", DATA),),
    "aws:eks/cluster:Cluster": (Use("encryptionConfig.provider.keyArn", SECRETS),),
    "aws:elasticache/replicationGroup:ReplicationGroup": (Use("kmsKeyId", DATA),),
    "aws:elasticache/serverlessCache:ServerlessCache": (Use("kmsKeyId", DATA),),
    "aws:fsx/ontapFileSystem:OntapFileSystem": (Use("kmsKeyId", DATA),),
    "aws:kinesis/stream:Stream": (Use("kmsKeyId", DATA),),
    "aws:msk/cluster:Cluster": (Use("encryptionInfo.encryptionAtRestKmsKeyArn", DATA),),
    "aws:neptune/cluster:Cluster": (Use("kmsKeyArn", DATA),),
    "aws:opensearch/domain:Domain": (Use("encryptAtRest.kmsKeyId", DATA),),
    "aws:rds/cluster:Cluster": (
        Use("kmsKeyId", DATA),
        Use("masterUserSecretKmsKeyId", SECRETS, when="manageMasterUserPassword"),
    ),
    "aws:rds/clusterInstance:ClusterInstance": (
        Use("performanceInsightsKmsKeyId", DATA, when="performanceInsightsEnabled"),
    ),
    "aws:rds/instance:Instance": (
        Use("kmsKeyId", DATA),
        Use("masterUserSecretKmsKeyId", SECRETS, when="manageMasterUserPassword"),
        Use("performanceInsightsKmsKeyId", DATA, when="performanceInsightsEnabled"),
    ),
    "aws:redshift/cluster:Cluster": (Use("kmsKeyId", DATA),),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": (
        Use("encryptionConfiguration.replicaKmsKeyId", DATA, "rules.destination"),
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        Use(f"{_BY_DEFAULT}.kmsMasterKeyId", DATA, "rules"),
    ),
    "aws:secretsmanager/secret:Secret": (Use("kmsKeyId", SECRETS),),
    "aws:sns/topic:Topic": (Use("kmsMasterKeyId", DATA),),
    "aws:sqs/queue:Queue": (Use("kmsMasterKeyId", DATA),),
}
_CANNOT_ROTATE: Final = ("ECC_", "HMAC_", "ML_DSA_", "RSA_", "SM2")
"""How the specs of keys begin that KMS rotates none of: pairs, and those of message codes
(https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html, not rechecked)."""
_BUCKET: Final = "aws:s3/bucket:Bucket"
_ENCRYPTION: Final = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"


def unrotated(resource: Resource) -> bool:
    """Whether it is a key that stays the same for ever, though KMS could rotate it."""
    if resource.type != KEYS[0]:
        return False
    fixed = str(resource.inputs.get("customerMasterKeySpec", "")).startswith(_CANNOT_ROTATE)
    return not fixed and resource.inputs.get("enableKeyRotation") not in (True, UNKNOWN)


def keyless(resources: Resources) -> Iterator[Resource]:
    """The buckets of which nothing in their stack says by which key they are encrypted: S3 takes one of its own."""
    said = {source.urn for one in resources.of(_ENCRYPTION) for source in resources.sources(one, "bucket")}
    for bucket in resources.of(_BUCKET):
        if bucket.urn not in said and not list(at(bucket.inputs, "serverSideEncryptionConfiguration.rule")):
            yield bucket

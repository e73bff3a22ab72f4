"""A cell's bucket, and its copies in other places, which S3 keeps up to date by itself.

Every bucket is private, encrypted with a key of the cell's, versioned, and answers over TLS only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi_aws import s3

from components.aws.keys import key
from components.aws.place import Place
from components.aws.policy import Statement, document, service_trust

_WRITE_COPIES = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags", "s3:ObjectOwnerOverrideToBucketOwner"]
_COPY_MINUTES = 15  # the one deadline that S3 Replication Time Control has (S3 API reference, ReplicationTimeValue)


class Storage(pulumi.ComponentResource):
    """One bucket."""

    bucket: aws.s3.Bucket
    versioning: aws.s3.BucketVersioning
    """Replication, at either end, needs it to be on."""

    def __init__(
        self,
        name: str,
        *,
        key_arn: pulumi.Input[str],
        noncurrent_days: int,
        guarded: bool,
        tags: Mapping[str, str],
        written_by: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`written_by`: another account's principal that may put copies into it."""
        super().__init__("cellfleet:aws:Storage", f"{name}-storage", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.bucket = aws.s3.Bucket(
            f"{name}-bucket",
            force_destroy=not guarded,
            tags={**tags, "Name": f"{name}-bucket"},
            opts=pulumi.ResourceOptions(parent=self, protect=guarded),
        )
        bucket = self.bucket.id
        aws.s3.BucketOwnershipControls(
            f"{name}-bucket", bucket=bucket, rule={"object_ownership": "BucketOwnerEnforced"}, opts=child
        )
        closed = aws.s3.BucketPublicAccessBlock(
            f"{name}-bucket",
            bucket=bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-bucket",
            bucket=bucket,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {
                        "sse_algorithm": "aws:kms",
                        "kms_master_key_id": key_arn,
                    },
                    "bucket_key_enabled": True,
                }
            ],
            opts=child,
        )
        self.versioning = aws.s3.BucketVersioning(
            f"{name}-bucket", bucket=bucket, versioning_configuration={"status": "Enabled"}, opts=child
        )
        aws.s3.BucketPolicy(
            f"{name}-bucket",
            bucket=bucket,
            policy=document(*_policy(self.bucket.arn, written_by)),
            # S3 takes one change of a bucket's access at a time.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[closed]),
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-bucket",
            bucket=bucket,
            rules=[
                {
                    "id": "old-versions",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "noncurrent_version_expiration": {"noncurrent_days": noncurrent_days},
                    "expiration": {"expired_object_delete_marker": True},
                    "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
                }
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.versioning]),
        )
        self.register_outputs({})


class Copy(pulumi.ComponentResource):
    """Another place's own key, and the bucket's copy under it."""

    place: Place
    key: aws.kms.Key
    storage: Storage

    def __init__(
        self,
        name: str,
        *,
        source: Place,
        place: Place,
        noncurrent_days: int,
        guarded: bool,
        tags: dict[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:aws:Copy", f"{name}-copy", None, opts)
        stranger = source.account != place.account
        self.place = place
        self.key = key(
            f"{name}-data",
            place,
            [_copied_by(source)] if stranger else [],
            guarded,
            tags,
            pulumi.ResourceOptions(parent=self, protect=guarded),
        )
        self.storage = Storage(
            name,
            key_arn=self.key.arn,
            noncurrent_days=noncurrent_days,
            guarded=guarded,
            tags=tags,
            written_by=source.root if stranger else None,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


@dataclass(frozen=True, slots=True)
class Target:
    """A copy, and how faithful it is."""

    copy: Copy
    standby: bool
    """True: within a deadline, and deletions too. False: a backup, which keeps what the bucket has deleted."""


class Replication(pulumi.ComponentResource):
    """Keeps the copies of a bucket up to date."""

    def __init__(
        self,
        cell: str,
        *,
        place: Place,
        source: Storage,
        source_key_arn: pulumi.Input[str],
        targets: Sequence[Target],
        boundary: pulumi.Input[str],
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:aws:Replication", f"{cell}-replication", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{cell}-replication",
            assume_role_policy=service_trust("s3.amazonaws.com", place.account),
            permissions_boundary=boundary,
            tags={**tags, "Name": f"{cell}-replication"},
            opts=child,
        )
        bucket_arn = source.bucket.arn
        allowed = aws.iam.RolePolicy(
            f"{cell}-replication",
            role=role.name,
            policy=document(
                {
                    "Effect": "Allow",
                    "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"],
                    "Resource": bucket_arn,
                },
                {
                    "Effect": "Allow",
                    "Action": [
                        "s3:GetObjectVersionForReplication",
                        "s3:GetObjectVersionAcl",
                        "s3:GetObjectVersionTagging",
                    ],
                    "Resource": pulumi.Output.concat(bucket_arn, "/*"),
                },
                {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": source_key_arn},
                {
                    "Effect": "Allow",
                    "Action": _WRITE_COPIES,
                    "Resource": [pulumi.Output.concat(to.copy.storage.bucket.arn, "/*") for to in targets],
                },
                {
                    "Effect": "Allow",
                    "Action": ["kms:Encrypt", "kms:GenerateDataKey"],
                    "Resource": [to.copy.key.arn for to in targets],
                },
            ),
            opts=child,
        )
        aws.s3.BucketReplicationConfig(
            f"{cell}-replication",
            bucket=source.bucket.id,
            role=role.arn,
            rules=[_rule(priority, to, place) for priority, to in enumerate(targets, start=1)],
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[allowed, source.versioning, *(to.copy.storage.versioning for to in targets)],
            ),
        )
        self.register_outputs({})


def _rule(priority: int, to: Target, source: Place) -> s3.BucketReplicationConfigRuleArgs:
    place, storage = to.copy.place, to.copy.storage
    stranger = place.account != source.account
    destination = s3.BucketReplicationConfigRuleDestinationArgs(
        bucket=storage.bucket.arn,
        encryption_configuration=s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
            replica_kms_key_id=to.copy.key.arn
        ),
    )
    if stranger:
        destination.account = place.account
        destination.access_control_translation = s3.BucketReplicationConfigRuleDestinationAccessControlTranslationArgs(
            owner="Destination"
        )
    if to.standby:
        destination.metrics = s3.BucketReplicationConfigRuleDestinationMetricsArgs(
            status="Enabled",
            event_threshold=s3.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs(minutes=_COPY_MINUTES),
        )
        destination.replication_time = s3.BucketReplicationConfigRuleDestinationReplicationTimeArgs(
            status="Enabled",
            time=s3.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs(minutes=_COPY_MINUTES),
        )
    return s3.BucketReplicationConfigRuleArgs(
        id=f"{place.account}-{place.region}",
        priority=priority,
        status="Enabled",
        filter=s3.BucketReplicationConfigRuleFilterArgs(prefix=""),
        delete_marker_replication=s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(
            status="Enabled" if to.standby else "Disabled"
        ),
        source_selection_criteria=s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
            sse_kms_encrypted_objects=s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(
                status="Enabled"
            )
        ),
        destination=destination,
    )


def _policy(bucket_arn: pulumi.Output[str], written_by: str | None) -> list[Statement]:
    everything = [bucket_arn, pulumi.Output.concat(bucket_arn, "/*")]
    statements: list[Statement] = [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": everything,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Sid": "Tls12OrLater",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": everything,
            "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        },
    ]
    if written_by is not None:
        statements.append(
            {
                "Sid": "Copies",
                "Effect": "Allow",
                "Principal": {"AWS": written_by},
                "Action": _WRITE_COPIES,
                "Resource": everything[1],
            }
        )
    return statements


def _copied_by(source: Place) -> Statement:
    """Let the cell's account encrypt what it copies here."""
    return {
        "Sid": "CopiesOfTheCell",
        "Effect": "Allow",
        "Principal": {"AWS": source.root},
        "Action": ["kms:Encrypt", "kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": "*",
    }

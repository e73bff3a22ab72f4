"""A cell's bucket on GCP, and its copies elsewhere.

A copy is a bucket of its own that Storage Transfer Service keeps up to date (cross-bucket replication, minutes behind),
not a dual-region bucket: those are pairs within US, EU or ASIA, with a key that is spread as wide, which says less than
a residency of one country has to.
"""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_gcp import storage

from components.gcp.identity import COPY_ROLES, grant
from components.gcp.keys import Keys
from components.gcp.place import Place
from components.gcp.project import Project

_SOFT_DELETED_SECONDS: Final = 7 * 24 * 3600
_UPLOAD_DAYS: Final = 7
_READS_SOURCE: Final = ("roles/storage.legacyBucketOwner", "roles/storage.objectViewer")
_WRITES_COPY: Final = ("roles/storage.legacyBucketWriter", "roles/storage.objectViewer")
"""https://cloud.google.com/storage/docs/using-cross-bucket-replication, seen 2026-11: owner of the source, for it
subscribes to the bucket's changes."""


class Bucket(pulumi.ComponentResource):
    """A private bucket that keeps what was overwritten and deleted as long as backups are kept."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        keys: Keys,
        retention_days: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:gcp:Bucket", name, {"region": place.region}, opts)
        self._name, self._place = name, place
        self.bucket = storage.Bucket(
            f"{name}-bucket",
            project=place.project,
            location=place.region,
            storage_class="STANDARD",
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            encryption=storage.BucketEncryptionArgs(default_kms_key_name=keys.keys["data"].id),
            versioning=storage.BucketVersioningArgs(enabled=True),
            soft_delete_policy=storage.BucketSoftDeletePolicyArgs(
                retention_duration_seconds=_SOFT_DELETED_SECONDS if place.guarded else 0
            ),
            lifecycle_rules=[
                storage.BucketLifecycleRuleArgs(
                    action=storage.BucketLifecycleRuleActionArgs(type="Delete"),
                    condition=storage.BucketLifecycleRuleConditionArgs(
                        days_since_noncurrent_time=retention_days, with_state="ARCHIVED"
                    ),
                ),
                storage.BucketLifecycleRuleArgs(
                    action=storage.BucketLifecycleRuleActionArgs(type="AbortIncompleteMultipartUpload"),
                    condition=storage.BucketLifecycleRuleConditionArgs(age=_UPLOAD_DAYS),
                ),
            ],
            force_destroy=not place.guarded,
            labels=dict(place.labels),
            opts=place.under(self, *keys.grants, holds_state=True),
        )
        self.name = self.bucket.name
        self.register_outputs({})

    def give(self, short: str, role: str, member: pulumi.Input[str]) -> storage.BucketIAMMember:
        """Let a member do in this bucket what a role says."""
        return storage.BucketIAMMember(
            f"{self._name}-bucket-{short}",
            bucket=self.bucket.name,
            role=role,
            member=member,
            opts=self._place.under(self),
        )


class Copies(pulumi.ComponentResource):
    """What keeps the copies of a cell's bucket up to date, run by the cell's own project."""

    def __init__(
        self, name: str, *, place: Place, project: Project, source: Bucket, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("cellfleet:gcp:Copies", name, {}, opts)
        self._name, self._place, self._source = name, place, source
        self._agent = project.agent("storagetransfer")
        self._before: list[pulumi.Resource] = [
            grant(f"{name}-{api}-agent", role, project.agent(api), place, self) for api, role in COPY_ROLES.items()
        ]
        self._before += [source.give(f"read-{number}", role, self._agent) for number, role in enumerate(_READS_SOURCE)]
        self.register_outputs({})

    def to(self, where: str, copy: Bucket) -> None:
        """Copy what is written to the cell's bucket from now on; deletions are not copied.

        Nor is what is in the bucket already, where a cell gets a copy later: that takes one transfer by hand. Google
        promises no time within which a copy is made
        (https://cloud.google.com/storage-transfer/docs/cross-bucket-replication, seen 2026-11).
        """
        granted = [copy.give(f"write-{number}", role, self._agent) for number, role in enumerate(_WRITES_COPY)]
        storage.TransferJob(
            f"{self._name}-to-{where}",
            # Not Pulumi's auto-name: the API wants transferJobs/ before a name, and takes none for a replication.
            name="",
            project=self._place.project,
            description=f"Copies of the bucket of {self._name} in {where}",
            replication_spec=storage.TransferJobReplicationSpecArgs(
                gcs_data_source=storage.TransferJobReplicationSpecGcsDataSourceArgs(bucket_name=self._source.name),
                gcs_data_sink=storage.TransferJobReplicationSpecGcsDataSinkArgs(bucket_name=copy.name),
            ),
            opts=self._place.under(self, *self._before, *granted),
        )

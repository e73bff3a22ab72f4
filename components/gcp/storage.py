"""A cell's objects: its bucket, and a copy of it elsewhere that Storage Transfer keeps up with every write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
import pulumi_gcp as gcp

_DAY_SECONDS: Final = 24 * 3600
_SOFT_DELETE_DAYS: Final = 7
_UNFINISHED_UPLOAD_DAYS: Final = 7


def bucket(
    name: str,
    *,
    region: str,
    key: pulumi.Input[str],
    noncurrent_days: int,
    guarded: bool,
    labels: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> gcp.storage.Bucket:
    """A bucket that nobody outside IAM reads, encrypted with `key`, whose overwritten objects stay for a while."""
    return gcp.storage.Bucket(
        name,
        location=region.upper(),
        storage_class="STANDARD",
        uniform_bucket_level_access=True,
        public_access_prevention="enforced",
        encryption={"default_kms_key_name": key},
        versioning={"enabled": True},
        soft_delete_policy={"retention_duration_seconds": _SOFT_DELETE_DAYS * _DAY_SECONDS if guarded else 0},
        lifecycle_rules=[
            {"action": {"type": "Delete"}, "condition": {"days_since_noncurrent_time": noncurrent_days}},
            {"action": {"type": "AbortIncompleteMultipartUpload"}, "condition": {"age": _UNFINISHED_UPLOAD_DAYS}},
        ],
        force_destroy=not guarded,
        labels=labels,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=guarded)),
    )


class Storage(pulumi.ComponentResource):
    """The cell's bucket."""

    bucket: gcp.storage.Bucket

    def __init__(
        self,
        cell: str,
        *,
        region: str,
        key: pulumi.Input[str],
        noncurrent_days: int,
        reader_writer: pulumi.Input[str],
        guarded: bool,
        labels: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`reader_writer` is the IAM member that the cell's services are."""
        super().__init__("cellfleet:gcp:Storage", f"{cell}-storage", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.bucket = bucket(
            f"{cell}-objects",
            region=region,
            key=key,
            noncurrent_days=noncurrent_days,
            guarded=guarded,
            labels=labels,
            opts=child,
        )
        gcp.storage.BucketIAMMember(
            f"{cell}-objects-services",
            bucket=self.bucket.name,
            role="roles/storage.objectUser",
            member=reader_writer,
            opts=child,
        )
        self.register_outputs({})


class Copies(pulumi.ComponentResource):
    """Keeps copies of the bucket up to date.

    Storage Transfer hears of each write by Pub/Sub, which Cloud Storage publishes to, and copies it. Source: Google
    Cloud, "Use cross-bucket replication", required roles, November 2026.
    """

    def __init__(
        self,
        cell: str,
        *,
        project: str,
        source: gcp.storage.Bucket,
        copies: Mapping[str, gcp.storage.Bucket],
        storage_agent: pulumi.Input[str],
        transfer_agent: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:gcp:Copies", f"{cell}-copies", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        granted: list[pulumi.Resource] = [
            gcp.projects.IAMMember(
                f"{cell}-copies-{what}", project=project, role=f"roles/pubsub.{what}", member=member, opts=child
            )
            for what, member in (("editor", transfer_agent), ("publisher", storage_agent))
        ]
        for name, held in {"source": source, **copies}.items():
            granted += self._grants(f"{cell}-{name}", held, transfer_agent)
        for name, copy in copies.items():
            gcp.storage.TransferJob(
                f"{cell}-{name}",
                description=f"Cell {cell}: every write to {name}",
                project=project,
                replication_spec={
                    "gcs_data_source": {"bucket_name": source.name},
                    "gcs_data_sink": {"bucket_name": copy.name},
                    "transfer_options": {"overwrite_objects_already_existing_in_sink": True},
                },
                opts=pulumi.ResourceOptions(parent=self, depends_on=granted),
            )
        self.register_outputs({})

    def _grants(
        self, name: str, held: gcp.storage.Bucket, agent: pulumi.Input[str]
    ) -> Sequence[gcp.storage.BucketIAMMember]:
        return [
            gcp.storage.BucketIAMMember(
                f"{name}-transfer-{role.rpartition('.')[2].lower()}",
                bucket=held.name,
                role=role,
                member=agent,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for role in ("roles/storage.legacyBucketOwner", "roles/storage.objectUser")
        ]

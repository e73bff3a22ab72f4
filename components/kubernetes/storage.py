"""The buckets of a cell on a cluster that one already has: claims, which the cluster's object store fulfils.

Each claim leaves a Secret of its own name, with the key that opens its bucket. Versions, lifecycle and encryption are
the store's, by the class of the region. The standby's bucket has the name of the one that it stands by for: stores of
one zone group (Ceph's multisite, say) replicate buckets by their names.
"""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.inventory.model import Fleet, ManagedCell
from components.kubernetes import names, requirements
from components.tags import tags

API = "objectbucket.io/v1alpha1"
BACKUPS = "backups"
DATA = "data"


class Storage(pulumi.ComponentResource):
    """The cell's bucket, and the one of its database's backups in the backup region."""

    bucket: str
    backups: str

    def __init__(
        self, fleet: Fleet, cell: ManagedCell, namespace: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("cellfleet:kubernetes:Storage", f"{cell.name}-storage", {"cell": cell.name}, opts)
        self.bucket = names.bucket(fleet, cell, DATA)
        self.backups = names.bucket(fleet, cell, BACKUPS)
        here = pulumi.ResourceOptions(parent=self, protect=cell.guarded)
        self.claims = [
            claim(fleet, cell, namespace, DATA, cell.region, here),
            claim(fleet, cell, namespace, BACKUPS, cell.backup.region, here),
        ]
        self.register_outputs({"bucket": self.bucket, "backups": self.backups})


def claim(
    fleet: Fleet, cell: ManagedCell, namespace: str, holds: str, region: str, opts: pulumi.ResourceOptions
) -> k8s.apiextensions.CustomResource:
    """Claim the bucket for what it holds, in a region's object store; as large as the class lets the cell's data be."""
    return k8s.apiextensions.CustomResource(
        f"{namespace}-{holds}-bucket",
        api_version=API,
        kind="ObjectBucketClaim",
        metadata=k8s.meta.v1.ObjectMetaArgs(name=holds, namespace=namespace, labels=tags(fleet, cell)),
        spec={
            "bucketName": names.bucket(fleet, cell, holds),
            "storageClassName": f"{requirements.BUCKET_CLASS}{region}",
            **(
                {"additionalConfig": {"maxSize": f"{fleet.class_of(cell).capacity.storage_gib:.0f}Gi"}}
                if holds == DATA
                else {}
            ),
        },
        opts=opts,
    )

"""What a cluster that one already has must have before a cell is put on it; docs/kubernetes-cells.md tells how.

A cell of provider `kubernetes` brings no operators: they and their CRDs belong to a whole cluster, and cells may
share one. These are the names under which it finds what it needs.
"""

from __future__ import annotations

from typing import Final

from cellfleet.inventory.model import Fleet

KUBERNETES: Final = ">=1.34"
"""Pods stop with a `sleep` handler, generally available since 1.34."""
CLUSTER_ISSUER: Final = "cellfleet"
"""cert-manager's ClusterIssuer; it proves names of `cells.<domain>` by DNS-01."""
STORAGE_CLASS: Final = "cellfleet-encrypted"
"""Volumes in the node's zone, each encrypted with a key of its own."""
BUCKET_CLASS: Final = "cellfleet-bucket-"
"""With a region's name after it: the StorageClass of buckets, encrypted, in that region's object store."""
CLOUDNATIVE_PG_NAMESPACE: Final = "cnpg-system"
"""CloudNativePG and its Barman Cloud plugin."""
MONITORING_NAMESPACE: Final = "monitoring"
"""A Prometheus that takes every PodMonitor."""
BARMAN: Final = "barman-cloud.cloudnative-pg.io"
"""The plugin's name."""


def object_store(fleet: Fleet, region: str) -> str:
    """The S3 endpoint of a region's object store."""
    return f"https://objects.{region}.{fleet.settings.domain}"

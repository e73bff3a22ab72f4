"""Kubernetes alone: each volume has a key of its own, which the storage class promises that cells require."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from policies.isolation.values import at
from policies.resource import UNKNOWN, Resource

ENCRYPTED: Final = "cellfleet-encrypted"
"""The class of volumes that are each encrypted with a key of their own (docs/kubernetes-cells.md)."""
_CLAIMS: Final[Mapping[str, tuple[str, str]]] = {
    "PersistentVolumeClaim": ("spec", "storageClassName"),
    "StatefulSet": ("spec.volumeClaimTemplates.spec", "storageClassName"),
}
_POSTGRESQL: Final = "kubernetes:postgresql.cnpg.io/v1:Cluster"


def unencrypted(resource: Resource) -> Iterator[str]:
    """The class, or `the cluster's default`, of each volume of another class."""
    kind = resource.type.rpartition(":")[2]
    places = [_CLAIMS[kind]] if kind in _CLAIMS else []
    if resource.type == _POSTGRESQL:
        places = [("spec.storage", "storageClass"), ("spec.walStorage", "storageClass")]
    for within, name in places:
        for claim in at(resource.inputs, within):
            if isinstance(claim, Mapping) and claim.get(name) not in (ENCRYPTED, UNKNOWN):
                yield str(claim.get(name) or "the cluster's default")

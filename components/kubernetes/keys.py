"""What encrypts the data of a cell on a cluster that one already has.

- In transit: the cell's own certificate authority, which cert-manager keeps and renews; it signs the database's
  certificate, and its key never leaves the cell's data namespace.
- At rest: the cluster's own doing. Volumes have a key each by the StorageClass, buckets by the object store's, and
  Secrets are encrypted by the API server's KMS provider: requirements.py and docs/kubernetes-cells.md ask for all
  three.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.inventory.model import Fleet, ManagedCell
from components.kubernetes import names, requirements
from components.tags import tags

AUTHORITY = "cell-ca"
"""The Issuer that signs for the cell, and the Secret of its key."""


class Keys(pulumi.ComponentResource):
    """The cell's certificate authority, and the names of what encrypts the rest."""

    key_ids: Mapping[str, pulumi.Input[str]]

    def __init__(
        self, fleet: Fleet, cell: ManagedCell, namespace: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`namespace` holds the authority's key; it is made before."""
        super().__init__("cellfleet:kubernetes:Keys", f"{namespace}-keys", {"cell": cell.name}, opts)
        here = pulumi.ResourceOptions(parent=self)

        def custom(part: str, kind: str, name: str, spec: Mapping[str, Any], opts: pulumi.ResourceOptions) -> Any:
            metadata = k8s.meta.v1.ObjectMetaArgs(name=name, namespace=namespace, labels=tags(fleet, cell))
            return k8s.apiextensions.CustomResource(
                f"{namespace}-{part}",
                api_version="cert-manager.io/v1",
                kind=kind,
                metadata=metadata,
                spec=spec,
                opts=opts,
            )

        itself = custom("self-signed", "Issuer", "self-signed", {"selfSigned": {}}, here)
        root = custom(
            "ca",
            "Certificate",
            AUTHORITY,
            {
                "secretName": AUTHORITY,
                "isCA": True,
                "commonName": f"{cell.name} {fleet.settings.environment}",
                "duration": "87600h",  # ten years; the leaves live for 90 days
                "renewBefore": "8760h",
                "privateKey": {"algorithm": "ECDSA", "size": 384, "rotationPolicy": "Never"},
                "usages": ["cert sign", "crl sign"],
                "issuerRef": {"group": "cert-manager.io", "kind": "Issuer", "name": "self-signed"},
            },
            pulumi.ResourceOptions(parent=self, depends_on=[itself], protect=cell.guarded),
        )
        custom(
            "issuer",
            "Issuer",
            AUTHORITY,
            {"ca": {"secretName": AUTHORITY}},
            pulumi.ResourceOptions(parent=self, depends_on=[root]),
        )
        self.key_ids = {
            "data": f"{requirements.STORAGE_CLASS}/{namespace}",
            "secrets": f"kms/{names.data_namespace(cell)}",
            "logs": f"kms/{names.gateway_namespace(cell)}",
            "transit": f"{namespace}/{AUTHORITY}",
        }
        self.register_outputs({"key_ids": dict(self.key_ids)})

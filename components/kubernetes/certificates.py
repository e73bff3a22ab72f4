"""The certificate by which a cell proves that it is `<cell>.cells.<domain>`; it is renewed without anybody's doing."""

from __future__ import annotations

from typing import Any, Final

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.inventory.model import Fleet, ManagedCell
from components.kubernetes import names
from components.kubernetes.ingress import CertificateObject, Ingress
from components.tags import tags

_RENEW_BEFORE: Final = "720h"
"""30 days: ten to mend a renewal that fails before fewer than 21 are left."""


class Certificates(pulumi.ComponentResource):
    """What fills the Gateway's TLS secret: an issuer's order, a resource of the provider's, or somebody else."""

    def __init__(
        self, fleet: Fleet, cell: ManagedCell, ingress: Ingress, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("cellfleet:kubernetes:Certificates", f"{cell.name}-certificates", {"cell": cell.name}, opts)
        self._name = f"{cell.name}-{names.GATEWAY}"
        self._namespace = names.gateway_namespace(cell)
        self._labels = tags(fleet, cell)
        self._here = pulumi.ResourceOptions(parent=self)
        if ingress.certificate_object:
            self._kept_by(ingress.certificate_object)
        elif not ingress.certificate_secret_is_provided:
            issuer = (
                {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": ingress.cluster_issuer}
                if ingress.cluster_issuer
                else self._issuer(fleet, ingress)
            )
            self._order(fleet.address_of(cell), issuer)
        self.register_outputs({})

    def _metadata(self, name: str, **more: Any) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(name=name, namespace=self._namespace, labels=self._labels, **more)

    def _kept_by(self, keeper: CertificateObject) -> None:
        secret = k8s.core.v1.Secret(
            f"{self._name}-certificate-secret",
            metadata=self._metadata(names.SERVER_CERTIFICATE),
            type="kubernetes.io/tls",
            data={"tls.crt": "", "tls.key": ""},
            # What is in it is the keeper's.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["data"]),
        )
        k8s.apiextensions.CustomResource(
            f"{self._name}-certificate",
            api_version=keeper.api_version,
            kind=keeper.kind,
            metadata=self._metadata(names.SERVER_CERTIFICATE, annotations=dict(keeper.annotations)),
            spec=dict(keeper.spec),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[secret]),
        )

    def _issuer(self, fleet: Fleet, ingress: Ingress) -> dict[str, str]:
        """An ACME account of the cell's own, in the Gateway's namespace."""
        acme: dict[str, Any] = {
            "server": ingress.acme_server,
            "privateKeySecretRef": {"name": "acme-account"},
            "solvers": [{"dns01": dict(ingress.dns01 or {})}],
        }
        if fleet.settings.contact:
            acme["email"] = fleet.settings.contact
        if ingress.acme_external_account is not None:
            account = pulumi.Output.from_input(ingress.acme_external_account)
            key = k8s.core.v1.Secret(
                f"{self._name}-acme-external-account",
                metadata=self._metadata("acme-external-account"),
                type="Opaque",
                string_data={"key": account.apply(lambda known: known["hmacKey"])},
                opts=self._here,
            )
            acme["externalAccountBinding"] = {
                "keyID": account.apply(lambda known: known["keyId"]),
                "keySecretRef": {"name": key.metadata.name, "key": "key"},
            }
        issuer = k8s.apiextensions.CustomResource(
            f"{self._name}-issuer",
            api_version="cert-manager.io/v1",
            kind="Issuer",
            metadata=self._metadata("acme"),
            spec={"acme": acme},
            opts=self._here,
        )
        self._here = pulumi.ResourceOptions(parent=self, depends_on=[issuer])
        return {"group": "cert-manager.io", "kind": "Issuer", "name": "acme"}

    def _order(self, address: str, issuer: dict[str, str]) -> None:
        k8s.apiextensions.CustomResource(
            f"{self._name}-certificate",
            api_version="cert-manager.io/v1",
            kind="Certificate",
            metadata=self._metadata(names.SERVER_CERTIFICATE),
            spec={
                "secretName": names.SERVER_CERTIFICATE,
                "dnsNames": [address],
                "issuerRef": issuer,
                "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
                "usages": ["digital signature", "server auth"],
                "renewBefore": _RENEW_BEFORE,
                "revisionHistoryLimit": 2,
            },
            opts=self._here,
        )

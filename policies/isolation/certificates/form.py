"""Where each type of certificate tells its names, that it was made elsewhere, and when it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Form:
    """A type of certificate."""

    names: tuple[str, ...] = ()
    """Paths of the names that it is for."""
    uploaded: tuple[str, ...] = ()
    """Inputs that hold a certificate, or its key, that somebody made elsewhere, and has to make again."""
    ends: str = ""
    """Path, in the outputs, of the moment that it is valid until (RFC 3339)."""


ACM: Final = "aws:acm/certificate:Certificate"
CERT_MANAGER: Final = "kubernetes:cert-manager.io/v1:Certificate"
TLS_SECRET: Final = "kubernetes:core/v1:Secret"

FORMS: Final[Mapping[str, Form]] = {
    ACM: Form(
        ("domainName", "subjectAlternativeNames"),
        ("certificateBody", "privateKey", "privateKeyWo"),
        "notAfter",
    ),
    "aws:iam/serverCertificate:ServerCertificate": Form((), ("certificateBody", "privateKey"), "expiration"),
    "azure-native:app:Certificate": Form((), ("properties.value",), "properties.expirationDate"),
    "azure-native:app:ManagedCertificate": Form(("properties.subjectName",)),
    "azure-native:network:ApplicationGateway": Form((), ("sslCertificates.data",)),
    "azure-native:web:Certificate": Form(("hostNames", "canonicalName"), ("pfxBlob",), "expirationDate"),
    "gcp:certificatemanager/certificate:Certificate": Form(("managed.domains",), ("selfManaged",)),
    "gcp:compute/managedSslCertificate:ManagedSslCertificate": Form(("managed.domains",), (), "expireTime"),
    "gcp:compute/regionSslCertificate:RegionSslCertificate": Form((), ("certificate",), "expireTime"),
    "gcp:compute/sSLCertificate:SSLCertificate": Form((), ("certificate",), "expireTime"),
    "kubernetes:acm.services.k8s.aws/v1alpha1:Certificate": Form(
        ("spec.domainName", "spec.subjectAlternativeNames"),
        ("spec.certificate", "spec.privateKey"),
        "status.notAfter",
    ),
    CERT_MANAGER: Form(("spec.dnsNames", "spec.commonName"), (), "status.notAfter"),
}

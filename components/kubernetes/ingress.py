"""How requests get from a cell's public address to the Gateway in its cluster: what differs by provider, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi


@dataclass(frozen=True, slots=True)
class CertificateObject:
    """The custom resource that keeps the Gateway's TLS secret filled, where a provider has one; made in its
    namespace."""

    api_version: str
    kind: str
    spec: Mapping[str, Any]
    """It names the secret `components.kubernetes.names.SERVER_CERTIFICATE`, which exists before."""
    annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ingress:
    """What one provider's `workload.py` tells the Kubernetes objects, which are otherwise the same everywhere."""

    service_type: Literal["LoadBalancer", "NodePort", "ClusterIP"]
    """Of the Service in front of the Gateway's proxies. ClusterIP: the cell's stack has another one in front of
    them."""
    node_port: int | None = None
    """The port of every node that the provider's load balancer sends TCP 443 to, where the type is NodePort."""
    service_annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    load_balancer_ip: pulumi.Input[str] | None = None
    """The reserved address that a Service of type LoadBalancer takes, where no annotation says it."""
    acme_server: str = "https://acme-v02.api.letsencrypt.org/directory"
    """The ACME directory that signs the Gateway's server certificate; not used where
    `certificate_secret_is_provided`."""
    acme_external_account: pulumi.Input[Mapping[str, str]] | None = None
    """Key id (`keyId`) and secret key (`hmacKey`, as the ACME server gives it: base64url) of an external account
    binding, where the ACME server asks for one."""
    dns01: Mapping[str, Any] | None = None
    """The solver, in cert-manager's terms, that proves ownership of the cell's zone. None: HTTP-01 cannot serve behind
    mutual TLS, so the secret is provided, or `cluster_issuer` signs."""
    cluster_issuer: str | None = None
    """The cert-manager ClusterIssuer that the cluster has already, instead of an ACME account of the cell's own."""
    certificate_secret_is_provided: bool = False
    """True where something of the provider's keeps the Gateway's TLS secret filled and renewed."""
    certificate_object: CertificateObject | None = None
    """What keeps it so, where that is a custom resource in the cluster; it finds an empty secret to fill."""
    certificate_manager_annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """On cert-manager's ServiceAccount, by which it may write to the cell's zone."""
    certificate_manager_labels: Mapping[str, str] = field(default_factory=dict)
    """On cert-manager's pods, likewise."""
    service_account_annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """On the product's ServiceAccounts, by which its pods have the cell's own cloud identity."""
    service_account_labels: Mapping[str, str] = field(default_factory=dict)
    """On the product's ServiceAccounts and pods, likewise."""
    operators_are_provided: bool = False
    """True where the cluster has cert-manager and Envoy Gateway already, as one that cells share must."""
    gateway_namespace_is_provided: bool = False
    """True where the cell's own stack has made the Gateway's namespace."""

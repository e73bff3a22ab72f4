"""How requests get from a cell's public address to the Gateway in its cluster: what differs between providers, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi


@dataclass(frozen=True, slots=True)
class Ingress:
    """What one provider's `workload.py` tells the Kubernetes objects, which are otherwise the same everywhere."""

    service_type: Literal["LoadBalancer", "NodePort"]
    """Of the Service in front of the Gateway's proxies."""
    node_port: int | None = None
    """The port of every node that the provider's load balancer sends TCP 443 to, where the type is NodePort."""
    service_annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    acme_server: str = "https://acme-v02.api.letsencrypt.org/directory"
    """The ACME directory that signs the Gateway's server certificate; not used where `certificate_secret_is_provided`."""
    acme_external_account: pulumi.Input[Mapping[str, str]] | None = None
    """Key id and (secret) key of an external account binding, where the ACME server asks for one."""
    dns01: Mapping[str, Any] | None = None
    """The solver, in cert-manager's terms, that proves ownership of the cell's zone. None: HTTP-01 cannot serve behind
    mutual TLS, so the secret is provided."""
    certificate_secret_is_provided: bool = False
    """True where something of the provider's keeps the Gateway's TLS secret filled and renewed."""
    certificate_manager_annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """On cert-manager's ServiceAccount, by which it may write to the cell's zone."""
    certificate_manager_labels: Mapping[str, str] = field(default_factory=dict)
    """On cert-manager's pods, likewise."""
    service_account_annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """On the product's ServiceAccounts, by which its pods have the cell's own cloud identity."""
    service_account_labels: Mapping[str, str] = field(default_factory=dict)

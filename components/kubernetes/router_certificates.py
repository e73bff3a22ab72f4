"""What a router proves to clients and to cells that it is; cert-manager orders both and renews them in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet
from cellfleet.routing.table import MOST_HOSTS, RoutingTable
from components.kubernetes.router_files import CLIENT_CERTIFICATE, PUBLIC_CERTIFICATE, Metadata

_LONGEST_COMMON_NAME: Final = 64
_RENEW_BEFORE: Final = "720h"
"""30 days: ten to mend a renewal that fails before fewer than 21 are left."""


def certificates(
    fleet: Fleet, table: RoutingTable, name: str, metadata: Metadata, opts: pulumi.ResourceOptions
) -> Sequence[pulumi.Resource]:
    """Order the certificate for the public hosts, and the one that cells of the locality let in.

    Raises Failure for more hosts than a certificate can have.
    """
    if len(table.hosts) > MOST_HOSTS:
        raise Failure(
            f"Routers of {table.locality} serve {len(table.hosts)} hosts, but a certificate has {MOST_HOSTS} names.",
            "Give routes of the same kind one wildcard host, such as `{tenant}.{locality}.acme.io`.",
        )
    own = f"{table.locality}.routers.{fleet.settings.domain}"
    client: dict[str, Any] = {"dnsNames": [own], "usages": ["digital signature", "client auth"]}
    if len(own) <= _LONGEST_COMMON_NAME:
        client["commonName"] = own
    public = {"dnsNames": list(table.hosts), "usages": ["digital signature", "server auth"]}
    return [
        k8s.apiextensions.CustomResource(
            f"{name}-{secret}",
            api_version="cert-manager.io/v1",
            kind="Certificate",
            metadata=metadata(secret, **{"pulumi.com/waitFor": "condition=Ready"}),
            spec={
                **asked_for,
                "secretName": secret,
                "issuerRef": {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": issuer},
                "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
                "renewBefore": _RENEW_BEFORE,
                "revisionHistoryLimit": 2,
            },
            opts=opts,
        )
        for secret, issuer, asked_for in (
            (PUBLIC_CERTIFICATE, table.router.certificate_issuer, public),
            (CLIENT_CERTIFICATE, table.router.client_issuer, client),
        )
    ]

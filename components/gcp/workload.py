"""What a cell's workload on GCP needs to be reached, to have a certificate and to have an identity.

Certificate Manager's certificates never leave Google's load balancers, and the cell's Gateway ends TLS itself; so the
managed certificate is one that Google's public authority signs, and cert-manager renews.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pulumi
from pulumi_gcp import compute

from cellfleet.inventory.model import Fleet, ManagedCell
from components.kubernetes.ingress import Ingress

_ACME: Final = "https://dv.acme-v02.api.pki.goog/directory"
"""https://cloud.google.com/certificate-manager/docs/public-ca-tutorial, as others quote it, 2026-11."""
_ACTS_AS: Final = "iam.gke.io/gcp-service-account"


def ingress(
    fleet: Fleet,  # noqa: ARG001 (the same on every cloud)
    cell: ManagedCell,
    outputs: Mapping[str, pulumi.Output[Any]],
    opts: pulumi.ResourceOptions | None = None,
) -> Ingress:
    """The Gateway's Service takes the cell's static address; cert-manager proves the cell's zone by DNS-01.

    The external account is bound once, by the first order; Google forgets an unused one after 7 days.
    """
    told = outputs["workload"]
    external_account = compute.CaExternalAccountKey(f"{cell.name}-acme", project=cell.account, opts=opts)
    return Ingress(
        service_type="LoadBalancer",
        service_annotations={
            # A passthrough load balancer by backend service, which takes an address by its name
            # (https://cloud.google.com/kubernetes-engine/docs/how-to/service-parameters, seen 2026-11).
            "cloud.google.com/l4-rbs": "enabled",
            "networking.gke.io/load-balancer-ip-addresses": told["ingress_address_name"],
        },
        acme_server=_ACME,
        acme_external_account=pulumi.Output.secret(
            pulumi.Output.all(keyId=external_account.key_id, hmacKey=external_account.mac_key)
        ),
        dns01={"cloudDNS": {"project": cell.account, "hostedZoneName": told["zone"]}},
        certificate_manager_annotations={_ACTS_AS: told["certificates_account"]},
        service_account_annotations={_ACTS_AS: told["services_account"]},
    )

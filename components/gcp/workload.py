"""What a release on Google Cloud needs beside its Kubernetes objects: the reserved address, and identities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from cellfleet.inventory.model import Fleet, ManagedCell
from components.kubernetes.ingress import Ingress


def ingress(
    fleet: Fleet, cell: ManagedCell, outputs: Mapping[str, pulumi.Output[Any]], opts: pulumi.ResourceOptions
) -> Ingress:
    """The Gateway behind a passthrough load balancer at the cell's reserved address.

    An ACME CA signs the server certificate: cert-manager proves the cell's zone as the account that may write to it.
    """
    del fleet, opts
    told = outputs["workload"]
    return Ingress(
        service_type="LoadBalancer",
        service_annotations={
            # a passthrough load balancer built on a backend service, which can take a reserved address by name
            "cloud.google.com/l4-rbs": "enabled",
            "networking.gke.io/load-balancer-ip-addresses": told["address_name"],
        },
        dns01={"cloudDNS": {"project": cell.account, "hostedZoneName": told["zone_name"]}},
        certificate_manager_annotations={"iam.gke.io/gcp-service-account": told["certificates_account"]},
        service_account_annotations={"iam.gke.io/gcp-service-account": told["services_account"]},
    )

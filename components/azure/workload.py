"""What a cell's workload on Azure needs to be reached, to have a certificate and to have an identity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pulumi

from cellfleet.inventory.model import Fleet, ManagedCell
from components.kubernetes.ingress import Ingress

_CLIENT_ID: Final = "azure.workload.identity/client-id"
_USES_IDENTITY: Final = {"azure.workload.identity/use": "true"}


def ingress(
    fleet: Fleet,  # noqa: ARG001 (the same on every cloud)
    cell: ManagedCell,
    outputs: Mapping[str, pulumi.Output[Any]],
    opts: pulumi.ResourceOptions | None = None,  # noqa: ARG001
) -> Ingress:
    """The Gateway's Service takes the cell's static address; cert-manager proves the cell's zone by DNS-01.

    Azure has nothing to be made for a release, so nothing is: cluster and identities are the cell stack's.
    """
    told = outputs["workload"]
    return Ingress(
        service_type="LoadBalancer",
        service_annotations={
            "service.beta.kubernetes.io/azure-load-balancer-resource-group": told["resource_group"],
            "service.beta.kubernetes.io/azure-pip-name": told["ingress_address_name"],
            # Else AKS probes by the port's appProtocol if it has one, and mutual TLS refuses a probe by HTTPS
            # (https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer, seen 2026-11, as the two above).
            "service.beta.kubernetes.io/port_443_health-probe_protocol": "tcp",
        },
        dns01={
            "azureDNS": {
                "environment": "AzurePublicCloud",
                "subscriptionID": cell.account,
                "resourceGroupName": told["resource_group"],
                "hostedZoneName": told["zone"],
                "managedIdentity": {"clientID": told["certificates_client_id"]},
            }
        },
        certificate_manager_annotations={_CLIENT_ID: told["certificates_client_id"]},
        certificate_manager_labels=_USES_IDENTITY,
        service_account_annotations={_CLIENT_ID: told["services_client_id"]},
        service_account_labels=_USES_IDENTITY,
    )

"""The `workload-<name>` stack: the Kubernetes objects of a cell, which are what a release changes."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pulumi

from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.stack import Kind, Stack
from cellfleet.inventory.types import Provider
from components.kubernetes.ingress import Ingress
from components.kubernetes.provider import cluster_provider
from components.kubernetes.workload import Workload, ingress
from components.outputs import CellOutputs
from stacks.reference import outputs_of, require
from stacks.subject import cell_of


def deploy(fleet: Fleet, name: str) -> None:
    """Make the cell's Kubernetes objects, and what its cloud has to add for them.

    Raises Failure for a cell that has no infrastructure.
    """
    cell = cell_of(fleet, name)
    reference = outputs_of(fleet, Stack(Kind.CELL, name))
    outputs = {field.name: require(reference, field.name) for field in fields(CellOutputs)}
    cluster = cluster_provider(cell, outputs["kubeconfig"])
    workload = Workload(
        fleet, cell, outputs, _ingress(fleet, cell, outputs, cluster), pulumi.ResourceOptions(provider=cluster)
    )
    pulumi.export("release", fleet.release_of(cell))
    pulumi.export("address", fleet.address_of(cell))
    pulumi.export("namespaces", workload.namespaces)


def _ingress(
    fleet: Fleet, cell: ManagedCell, outputs: dict[str, pulumi.Output[Any]], cluster: pulumi.ProviderResource
) -> Ingress:
    match cell.provider:
        case Provider.AWS:
            from components.aws.provider import provider as aws_provider
            from components.aws.workload import ingress as aws

            return aws(fleet, cell, outputs, pulumi.ResourceOptions(providers=[aws_provider(fleet, cell), cluster]))
        case Provider.GCP:
            from components.gcp.provider import provider as gcp_provider
            from components.gcp.workload import ingress as gcp

            return gcp(fleet, cell, outputs, pulumi.ResourceOptions(providers=[gcp_provider(fleet, cell), cluster]))
        case Provider.AZURE:
            from components.azure.provider import provider as azure_provider
            from components.azure.workload import ingress as azure

            return azure(fleet, cell, outputs, pulumi.ResourceOptions(providers=[azure_provider(fleet, cell), cluster]))
        case Provider.KUBERNETES:
            return ingress(fleet, cell, outputs, pulumi.ResourceOptions(provider=cluster))

"""The `cell-<name>` stack: what holds a cell's state, in the cell's own account."""

from __future__ import annotations

import pulumi

from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.types import Provider
from components.outputs import CellOutputs
from policies.lifecycle.declared import OUTPUT, declared
from stacks.subject import cell_of


def deploy(fleet: Fleet, name: str) -> None:
    """Make the cell's infrastructure and export what its workload, the dns stack and the next run's policies read.

    Raises Failure for a cell that has none.
    """
    cell = cell_of(fleet, name)
    _outputs(fleet, cell).export()
    pulumi.export(OUTPUT, declared(fleet, cell))


def _outputs(fleet: Fleet, cell: ManagedCell) -> CellOutputs:
    """Make the cell with its cloud's own component; only that cloud's SDK is imported."""
    match cell.provider:
        case Provider.AWS:
            from components.aws import cell as aws
            from components.aws.provider import provider as aws_provider

            return aws.Cell(fleet, cell, pulumi.ResourceOptions(provider=aws_provider(fleet, cell))).outputs
        case Provider.GCP:
            from components.gcp import cell as gcp
            from components.gcp.provider import provider as gcp_provider

            return gcp.Cell(fleet, cell, pulumi.ResourceOptions(provider=gcp_provider(fleet, cell))).outputs
        case Provider.AZURE:
            from components.azure import cell as azure
            from components.azure.provider import provider as azure_provider

            return azure.Cell(fleet, cell, pulumi.ResourceOptions(provider=azure_provider(fleet, cell))).outputs
        case Provider.KUBERNETES:
            from components.kubernetes import cell as kubernetes
            from components.kubernetes.provider import provider as kubernetes_provider

            with_provider = pulumi.ResourceOptions(provider=kubernetes_provider(fleet, cell))
            return kubernetes.Cell(fleet, cell, with_provider).outputs

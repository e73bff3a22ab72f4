"""The `dns` stack: delegations to the cells' zones, and the hosts that routers answer, in the fleet's own zone."""

from __future__ import annotations

import pulumi

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Kind, Stack
from cellfleet.inventory.types import Provider
from cellfleet.routing.dns import host_records
from stacks.reference import outputs_of, require


def deploy(fleet: Fleet) -> None:
    """Write the fleet's records, with the provider of `fleet.dns`, in that provider's control account.

    A kubernetes cell has no zone of its own to delegate to: external-dns in its cluster writes its address.
    """
    records = host_records(fleet)
    delegations = {
        fleet.address_of(cell): require(outputs_of(fleet, Stack(Kind.CELL, cell.name)), "zone_name_servers")
        for cell in fleet.managed()
        if cell.deployed and cell.provider is not Provider.KUBERNETES
    }
    match fleet.settings.dns.provider:
        case "aws":
            from components.aws import dns as aws
            from components.aws.provider import control_provider as aws_control

            aws.FleetRecords(fleet, records, delegations, pulumi.ResourceOptions(provider=aws_control(fleet)))
        case "gcp":
            from components.gcp import dns as gcp
            from components.gcp.provider import control_provider as gcp_control

            gcp.FleetRecords(fleet, records, delegations, pulumi.ResourceOptions(provider=gcp_control(fleet)))
        case "azure":
            from components.azure import dns as azure
            from components.azure.provider import control_provider as azure_control

            azure.FleetRecords(fleet, records, delegations, pulumi.ResourceOptions(provider=azure_control(fleet)))
    pulumi.export("delegations", sorted(delegations))
    pulumi.export("hosts", [record.name for record in records])

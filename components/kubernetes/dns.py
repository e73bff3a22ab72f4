"""The address of a cell on a cluster that one already has, which external-dns writes into the fleet's own zone."""

from __future__ import annotations

from ipaddress import ip_address

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.inventory.model import Fleet, ManagedCell
from components.tags import tags

_SECONDS = 60


class Zone(pulumi.ComponentResource):
    """The record `<cell>.cells.<domain>`; there is no zone of its own to delegate to."""

    name_servers: list[str]

    def __init__(
        self,
        fleet: Fleet,
        cell: ManagedCell,
        namespace: pulumi.Input[str],
        address: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        host = fleet.address_of(cell)
        super().__init__("cellfleet:kubernetes:Zone", f"{cell.name}-zone", {"host": host}, opts)
        k8s.apiextensions.CustomResource(
            f"{cell.name}-address",
            api_version="externaldns.k8s.io/v1alpha1",
            kind="DNSEndpoint",
            metadata=k8s.meta.v1.ObjectMetaArgs(name="address", namespace=namespace, labels=tags(fleet, cell)),
            spec={
                "endpoints": [
                    {
                        "dnsName": host,
                        "recordType": pulumi.Output.from_input(address).apply(_type),
                        "recordTTL": _SECONDS,
                        "targets": [address],
                    }
                ]
            },
            opts=pulumi.ResourceOptions(parent=self, protect=cell.guarded),
        )
        self.name_servers = []
        self.register_outputs({})


def _type(address: str) -> str:
    try:
        ip_address(address)
    except ValueError:
        return "CNAME"
    return "A"

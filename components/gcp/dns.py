"""DNS on Cloud DNS: a cell's own zone, and the fleet's records where the fleet's zone is here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
import pulumi_gcp as gcp

from cellfleet.inventory.model import Fleet
from cellfleet.routing.dns import DnsRecord

_DELEGATION_TTL_SECONDS: Final = 3600
_ADDRESS_TTL_SECONDS: Final = 300


class Zone(pulumi.ComponentResource):
    """The zone `<cell>.cells.<domain>`, whose apex and services are the cell's address."""

    name: pulumi.Output[str]
    name_servers: pulumi.Output[Sequence[str]]

    def __init__(
        self,
        cell: str,
        *,
        address: str,
        points_at: pulumi.Input[str],
        certificates: pulumi.Input[str],
        guarded: bool,
        labels: Mapping[str, str],
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`points_at` is an IPv4 address; `certificates` is the IAM member that proves by DNS that the zone is ours."""
        super().__init__("cellfleet:gcp:Zone", f"{cell}-zone", {"address": address}, opts)
        child = pulumi.ResourceOptions(parent=self)
        zone = gcp.dns.ManagedZone(
            f"{cell}-zone",
            dns_name=f"{address}.",
            description=f"Cell {cell}",
            visibility="public",
            force_destroy=not guarded,
            labels=labels,
            opts=pulumi.ResourceOptions(parent=self, protect=guarded, depends_on=list(after)),
        )
        self.name, self.name_servers = zone.name, zone.name_servers
        gcp.dns.RecordSet(
            f"{cell}-zone-apex",
            managed_zone=zone.name,
            name=f"{address}.",
            type="A",
            ttl=_ADDRESS_TTL_SECONDS,
            rrdatas=[points_at],
            opts=child,
        )
        gcp.dns.DnsManagedZoneIamMember(
            f"{cell}-zone-certificates",
            managed_zone=zone.name,
            role="roles/dns.admin",
            member=certificates,
            opts=child,
        )
        self.register_outputs({})


class FleetRecords(pulumi.ComponentResource):
    """The fleet's own zone, which exists: its hosts, and the delegation of each cell's zone."""

    def __init__(
        self,
        fleet: Fleet,
        records: Sequence[DnsRecord],
        delegations: Mapping[str, pulumi.Input[Sequence[str]]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:gcp:FleetRecords", f"{fleet.settings.name}-records", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        zone = fleet.settings.dns.zone_id or fleet.settings.dns.zone.replace(".", "-")
        for record in records:
            gcp.dns.RecordSet(
                record.name,
                managed_zone=zone,
                name=f"{record.name}.",
                type=record.type,
                ttl=record.ttl,
                rrdatas=[value if record.type == "A" else f"{value}." for value in record.values],
                opts=child,
            )
        for name, servers in delegations.items():
            gcp.dns.RecordSet(
                name,
                managed_zone=zone,
                name=f"{name}.",
                type="NS",
                ttl=_DELEGATION_TTL_SECONDS,
                rrdatas=pulumi.Output.from_input(servers).apply(_absolute),
                opts=child,
            )
        self.register_outputs({})


def _absolute(hosts: Sequence[str]) -> list[str]:
    """Host names with their final dot, which Cloud DNS asks for and other clouds' zones do not give."""
    return [f"{host.rstrip('.')}." for host in hosts]

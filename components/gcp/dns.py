"""Public DNS on GCP: a cell's own zone, and the fleet's records where its zone is on Cloud DNS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
from pulumi_gcp import dns

from cellfleet.inventory.model import Fleet
from cellfleet.routing.dns import DnsRecord, logical
from components.gcp.place import Place

_ADDRESS_TTL_SECONDS: Final = 60
_DELEGATION_TTL_SECONDS: Final = 3600
_AUTHORITY: Final = '0 issue "pki.goog"'
"""Only Google's authority may sign a certificate for the cell: components/gcp/workload.py orders it there."""


class Zone(pulumi.ComponentResource):
    """A cell's own zone, whose apex is the cell's address."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        host: str,
        address: pulumi.Input[str],
        editor: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`editor` is the member of IAM that may write to the zone: the certificate manager proves by it."""
        super().__init__("cellfleet:gcp:Zone", name, {"host": host}, opts)
        self.zone = dns.ManagedZone(
            f"{name}-zone",
            project=place.project,
            dns_name=f"{host}.",
            description=f"Addresses of cell {name}",
            visibility="public",
            dnssec_config=dns.ManagedZoneDnssecConfigArgs(state="on"),
            force_destroy=not place.guarded,
            labels=dict(place.labels),
            opts=place.under(self, holds_state=True),
        )
        for kind, value in (("A", address), ("CAA", _AUTHORITY)):
            dns.RecordSet(
                f"{name}-{'address' if kind == 'A' else 'authority'}",
                project=place.project,
                managed_zone=self.zone.name,
                name=f"{host}.",
                type=kind,
                ttl=_ADDRESS_TTL_SECONDS,
                rrdatas=[value],
                opts=place.under(self),
            )
        dns.DnsManagedZoneIamMember(
            f"{name}-zone-cert-manager",
            project=place.project,
            managed_zone=self.zone.name,
            role="roles/dns.admin",
            member=editor,
            opts=place.under(self),
        )
        self.name_servers = self.zone.name_servers.apply(list)
        self.register_outputs({})


class FleetRecords(pulumi.ComponentResource):
    """The fleet's own records in its zone: localities' hosts and the delegations to the cells' zones."""

    def __init__(
        self,
        fleet: Fleet,
        records: Sequence[DnsRecord],
        delegations: Mapping[str, pulumi.Input[Sequence[str]]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        settings = fleet.settings.dns
        super().__init__("cellfleet:gcp:FleetRecords", "fleet", {"zone": settings.zone}, opts)
        self._managed_zone = settings.zone_id or settings.zone.replace(".", "-")
        for record in records:
            values = record.values if record.type == "A" else tuple(map(_absolute, record.values))
            self._record(record.name, record.type, record.ttl, list(values))
        for host, name_servers in delegations.items():
            servers = pulumi.Output.from_input(name_servers).apply(
                lambda known: [_absolute(server) for server in known]
            )
            self._record(host, "NS", _DELEGATION_TTL_SECONDS, servers)
        self.register_outputs({})

    def _record(self, host: str, kind: str, ttl: int, values: pulumi.Input[Sequence[pulumi.Input[str]]]) -> None:
        dns.RecordSet(
            f"{logical(host)}-{kind.lower()}",
            managed_zone=self._managed_zone,
            name=_absolute(host),
            type=kind,
            ttl=ttl,
            rrdatas=values,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _absolute(host: str) -> str:
    """The host with the final dot that Cloud DNS asks for."""
    return host if host.endswith(".") else f"{host}."

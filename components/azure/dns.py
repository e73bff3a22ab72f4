"""Public DNS on Azure: a cell's own zone, and the fleet's records where its zone is on Azure DNS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
from pulumi_azure_native import authorization, dns

from cellfleet.inventory.model import Fleet
from cellfleet.routing.dns import DnsRecord, logical
from components.azure.aliases import without_versions
from components.azure.place import Place

_APEX: Final = "@"
_ADDRESS_TTL_SECONDS: Final = 60
_DELEGATION_TTL_SECONDS: Final = 3600


class Zone(pulumi.ComponentResource):
    """A cell's own zone, whose apex is the cell's address."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        host: str,
        address: pulumi.Input[str],
        guarded: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:azure:Zone", name, {"host": host}, opts)
        zone = dns.Zone(
            f"{name}-zone",
            resource_group_name=place.group,
            zone_name=host,
            location="global",
            zone_type=dns.ZoneType.PUBLIC,
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=guarded),
        )
        record = dns.RecordSet(
            f"{name}-address",
            resource_group_name=place.group,
            zone_name=zone.name,
            relative_record_set_name=_APEX,
            record_type="A",
            ttl=_ADDRESS_TTL_SECONDS,
            a_records=[dns.ARecordArgs(ipv4_address=address)],
            opts=pulumi.ResourceOptions(parent=self),
        )
        if guarded:
            # A lock on the whole zone would keep the certificate manager from deleting its challenges; one on the apex
            # keeps the zone just as well, for it cannot be deleted without its records.
            authorization.ManagementLockByScope(
                f"{name}-zone-lock",
                scope=record.id,
                level=authorization.LockLevel.CAN_NOT_DELETE,
                notes="Keeps the cell's zone. cellfleet takes the lock off when the cell is retired.",
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.id = zone.id
        self.zone_name = zone.name
        self.name_servers = zone.name_servers.apply(list)
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
        super().__init__(
            "cellfleet:azure:FleetRecords",
            "fleet",
            {"zone": fleet.settings.dns.zone},
            pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(transformations=[without_versions])),
        )
        self._zone = fleet.settings.dns.zone
        self._group = fleet.settings.dns.zone_id or "dns"
        for record in records:
            match record.type:
                case "A":
                    addresses = [dns.ARecordArgs(ipv4_address=value) for value in record.values]
                    self._record(record.name, "A", record.ttl, a_records=addresses)
                case "CNAME":
                    self._record(
                        record.name, "CNAME", record.ttl, cname_record=dns.CnameRecordArgs(cname=record.values[0])
                    )
        for host, name_servers in delegations.items():
            servers = pulumi.Output.from_input(name_servers).apply(
                lambda known: [dns.NsRecordArgs(nsdname=server) for server in known]
            )
            self._record(host, "NS", _DELEGATION_TTL_SECONDS, ns_records=servers)
        self.register_outputs({})

    def _record(
        self,
        host: str,
        kind: str,
        ttl: int,
        *,
        a_records: Sequence[dns.ARecordArgs] | None = None,
        cname_record: dns.CnameRecordArgs | None = None,
        ns_records: pulumi.Input[Sequence[dns.NsRecordArgs]] | None = None,
    ) -> None:
        dns.RecordSet(
            f"{logical(host)}-{kind.lower()}",
            resource_group_name=self._group,
            zone_name=self._zone,
            relative_record_set_name=_APEX if host == self._zone else host.removesuffix(f".{self._zone}"),
            record_type=kind,
            ttl=ttl,
            a_records=a_records,
            cname_record=cname_record,
            ns_records=ns_records,
            opts=pulumi.ResourceOptions(parent=self),
        )

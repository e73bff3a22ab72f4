"""DNS on Route 53: a cell's own zone, and the fleet's records where the fleet's zone is here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from cellfleet.inventory.model import Fleet
from cellfleet.routing.dns import DnsRecord, logical

_DELEGATION_TTL_SECONDS = 3600


class Zone(pulumi.ComponentResource):
    """The zone `<cell>.cells.<domain>`; what points at the cell's load balancer is added by `point_at`."""

    zone_id: pulumi.Output[str]
    arn: pulumi.Output[str]
    name_servers: pulumi.Output[Sequence[str]]

    def __init__(
        self,
        cell: str,
        *,
        address: str,
        guarded: bool,
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:aws:Zone", f"{cell}-zone", None, opts)
        self._cell, self._address = cell, address
        zone = aws.route53.Zone(
            f"{cell}-zone",
            name=address,
            comment=f"Cell {cell}",
            force_destroy=not guarded,
            tags={**tags, "Name": f"{cell}-zone"},
            opts=pulumi.ResourceOptions(parent=self, protect=guarded),
        )
        self.zone_id, self.arn, self.name_servers = zone.zone_id, zone.arn, zone.name_servers
        # Nobody but Amazon signs certificates for the cell.
        aws.route53.Record(
            f"{cell}-zone-caa",
            zone_id=zone.zone_id,
            name=address,
            type="CAA",
            ttl=_DELEGATION_TTL_SECONDS,
            records=['0 issue "amazon.com"', '0 issuewild ";"'],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})

    def point_at(self, load_balancer: aws.lb.LoadBalancer) -> None:
        """Give the zone's apex the load balancer's addresses."""
        aws.route53.Record(
            f"{self._cell}-zone-apex",
            zone_id=self.zone_id,
            name=self._address,
            type="A",
            aliases=[
                {
                    "name": load_balancer.dns_name,
                    "zone_id": load_balancer.zone_id,
                    "evaluate_target_health": True,
                }
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )


class FleetRecords(pulumi.ComponentResource):
    """The fleet's own zone, which exists: its hosts, and the delegation of each cell's zone."""

    def __init__(
        self,
        fleet: Fleet,
        records: Sequence[DnsRecord],
        delegations: Mapping[str, pulumi.Input[Sequence[str]]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:aws:FleetRecords", f"{fleet.settings.name}-records", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        zone_id: pulumi.Input[str] = fleet.settings.dns.zone_id or _zone_id(fleet.settings.dns.zone, self)
        for record in records:
            aws.route53.Record(
                logical(record.name),
                zone_id=zone_id,
                name=record.name,
                type=record.type,
                ttl=record.ttl,
                records=list(record.values),
                opts=child,
            )
        for zone, name_servers in delegations.items():
            aws.route53.Record(
                zone,
                zone_id=zone_id,
                name=zone,
                type="NS",
                ttl=_DELEGATION_TTL_SECONDS,
                records=name_servers,
                opts=child,
            )
        self.register_outputs({})


def _zone_id(zone: str, parent: pulumi.Resource) -> pulumi.Output[str]:
    found = aws.route53.get_zone_output(name=zone, private_zone=False, opts=pulumi.InvokeOutputOptions(parent=parent))
    return found.zone_id

"""The DNS records of a fleet's own zone, as values that each provider's component writes.

Only what the inventory tells is here: the hosts that routers answer. The delegations to the cells' zones need the name
servers that a deploy gives those zones, so the `dns` stack adds them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import Final, Literal

from cellfleet.inventory import pattern
from cellfleet.inventory.model import Fleet
from cellfleet.routing.table import localities_of

TTL_SECONDS: Final = 60
"""Short, for a locality's host is moved to other routers in an emergency."""


@dataclass(frozen=True, slots=True, order=True)
class DnsRecord:
    """One record set."""

    name: str
    """Fully qualified, with no final dot; its first label may be `*`."""
    type: Literal["A", "CNAME"]
    values: tuple[str, ...]
    ttl: int = TTL_SECONDS
    """Seconds."""


def logical(host: str) -> str:
    """A host as Pulumi's name of its record: with no sign that a provider might not take, and no other host's."""
    return host.replace("*", "_any")


def host_records(fleet: Fleet) -> tuple[DnsRecord, ...]:
    """The record of each host that routers answer, sorted: the localities' own, and those of routes.

    A host that belongs to one locality points at that locality's routers, any other at all of them. A locality whose
    routers declare no address has no records, for nothing could answer; nor has a host outside the fleet's zone.
    """
    zone = fleet.settings.dns.zone
    hosts = {name: where for name, where in _hosts(fleet).items() if f".{name}".endswith(f".{zone}")}
    records = (_record(fleet, name, localities) for name, localities in hosts.items())
    return tuple(sorted(record for record in records if record))


def _hosts(fleet: Fleet) -> dict[str, set[str]]:
    """Each name that a record can have, wildcards among them, with the localities whose routers answer there."""
    hosts: dict[str, set[str]] = {}
    for route in fleet.routes:
        for locality in localities_of(fleet, route):
            hosts.setdefault(pattern.host(route.host, locality).domain, set()).add(locality)
    return hosts | {locality.host: {name} for name, locality in fleet.localities.items()}


def _record(fleet: Fleet, name: str, localities: Collection[str]) -> DnsRecord | None:
    """A record of all the routers' addresses, or of the first locality's where a host name is among them, which no
    other value can stand beside."""
    routers = [fleet.routers[each] for each in fleet.localities if each in localities and each in fleet.routers]
    addresses = [router.addresses for router in routers if router.addresses]
    if not addresses:
        return None
    if all(map(_is_address, values := sorted({value for each in addresses for value in each}))):
        return DnsRecord(name, "A", tuple(values))
    return DnsRecord(name, "A" if all(map(_is_address, addresses[0])) else "CNAME", addresses[0])


def _is_address(value: str) -> bool:
    try:
        IPv4Address(value)
    except AddressValueError:
        return False
    return True

"""Whether the emitted DNS records lead each host to the routers that answer it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cellfleet.inventory import pattern
from cellfleet.inventory.finding import Finding
from cellfleet.inventory.model import Fleet
from cellfleet.routing.dns import DnsRecord, host_records
from cellfleet.routing.table import localities_of
from policies.routing import rules
from policies.routing.report import found


def faults(fleet: Fleet, records: Sequence[DnsRecord] | None = None) -> Iterator[Finding]:
    """Hosts whose record is missing, or leads to routers that do not answer them; those emitted if none are given."""
    by_name = {record.name: record for record in (host_records(fleet) if records is None else records)}
    for name, locality in fleet.localities.items():
        yield from _of_host(fleet, by_name, locality.host, [name], f"localities.{name}.host")
    for position, route in enumerate(fleet.routes):
        by_domain: dict[str, list[str]] = {}
        for name in localities_of(fleet, route):
            by_domain.setdefault(pattern.host(route.host, name).domain, []).append(name)
        for domain, served in by_domain.items():
            yield from _of_host(fleet, by_name, domain, served, f"routes[{position}].host")


def _of_host(
    fleet: Fleet, records: dict[str, DnsRecord], name: str, localities: list[str], path: str
) -> Iterator[Finding]:
    routers = {one: {*fleet.routers[one].addresses} for one in localities if one in fleet.routers}
    answering = {address for addresses in routers.values() for address in addresses}
    if not answering or not f".{name}".endswith(f".{fleet.settings.dns.zone}"):
        return  # RTE-21 tells it; and another zone's records are not ours
    record = records.get(name)
    if record is None:
        message = f"no record leads {name} to the routers of {', '.join(routers)}"
        yield found(fleet, rules.RECORD, path, message, "none", ", ".join(sorted(answering)))
    elif not {*record.values} <= answering:
        message = f"the record of {name} leads to others than the routers of {', '.join(routers)}"
        yield found(fleet, rules.RECORD, path, message, ", ".join(record.values), ", ".join(sorted(answering)))

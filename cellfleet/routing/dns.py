"""The DNS records of a fleet's own zone, as values that each provider's component writes.

Only what the inventory tells is here: the hosts of the localities. The delegations to the cells' zones need the name
servers that a deploy gives those zones, so the `dns` stack adds them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import Final, Literal

from cellfleet.inventory.model import Fleet

TTL_SECONDS: Final = 60
"""Short, for a locality's host is moved to other routers in an emergency."""


@dataclass(frozen=True, slots=True, order=True)
class DnsRecord:
    """One record set."""

    name: str
    """Fully qualified, with no final dot."""
    type: Literal["A", "CNAME"]
    values: tuple[str, ...]
    ttl: int = TTL_SECONDS
    """Seconds."""


def locality_records(fleet: Fleet) -> Iterator[DnsRecord]:
    """The record of each locality's host, pointing at the locality's routers.

    A locality whose routers declare no address has none: nothing could answer there.
    """
    for name, locality in fleet.localities.items():
        router = fleet.routers.get(name)
        if router is not None and router.addresses:
            kind: Literal["A", "CNAME"] = "A" if all(map(_is_address, router.addresses)) else "CNAME"
            yield DnsRecord(locality.host, kind, router.addresses)


def _is_address(value: str) -> bool:
    try:
        IPv4Address(value)
    except AddressValueError:
        return False
    return True

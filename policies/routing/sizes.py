"""What routers' files and records take of what there is for them.

Limits are RTE-12's numbers, which `policies: {RTE-12: {…}}` sets otherwise; their defaults:
- `config_map_bytes`: 1 MiB for all that a ConfigMap holds (kubernetes.io, ConfigMaps, 2026-11).
- `map_files`: parts of a map, each up to 384 KiB; with more, Pulumi's engine takes minutes and gigabytes for the
  stack's state (docs/routers.md has what was measured).
- `memory_mib`: what a router may need; 4 GiB, an eighth of a usual node.
- `zone_records`: 10,000 record sets in a zone (Route 53's and Azure DNS's default, and Cloud DNS's quota; their quota
  pages, 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cellfleet.inventory.finding import Finding
from cellfleet.inventory.model import Fleet, Target
from cellfleet.routing import dns
from cellfleet.routing.envoy.sizes import memory_mib
from cellfleet.routing.table import RoutingTable
from policies.routing import rules
from policies.routing.report import found

_MAP: Final = "map-"


@dataclass(frozen=True, slots=True)
class Room:
    """How much of something is used."""

    subject: str
    """The dotted path of what uses it."""
    what: str
    used: int
    limit: int

    @property
    def share(self) -> float:
        """1 is all of it."""
        return self.used / self.limit

    def as_json(self) -> dict[str, Any]:
        return {"subject": self.subject, "what": self.what, "used": self.used, "limit": self.limit}


def limits_of(fleet: Fleet) -> Mapping[str, int]:
    """The limits that hold for a fleet."""
    said = fleet.policies.get(rules.SIZE.id, {})
    return {number.name: int(said.get(number.name, number.default)) for number in rules.SIZE.numbers}


def of_files(fleet: Fleet, table: RoutingTable, target: Target, files: Mapping[str, str]) -> Iterator[Room]:
    """What one target's files take."""
    limits, subject = limits_of(fleet), f"routers.{table.locality}"
    parts = {name: text for name, text in files.items() if name.startswith(_MAP)}
    sizes = {name: len(text.encode()) + len(name) for name, text in files.items() if name not in parts}
    # Envoy's are taken up together, so they are in one; Synapse's are each read at its start
    most = sum(sizes.values()) if target == "envoy" else max(sizes.values())
    yield Room(subject, f"bytes of {target}'s ConfigMap", most, limits["config_map_bytes"])
    if parts:
        largest = max(len(text.encode()) for text in parts.values())
        yield Room(subject, f"bytes of the largest part of {target}'s map", largest, limits["config_map_bytes"])
        yield Room(subject, f"parts of {target}'s map", len(parts), limits["map_files"])
    if target == "envoy":
        yield Room(subject, "MiB of memory of a router", memory_mib(table), limits["memory_mib"])


def of_zone(fleet: Fleet) -> Iterator[Room]:
    """What the fleet's zone holds: its hosts, and the delegation of each cell's zone."""
    records = len(list(dns.host_records(fleet))) + sum(cell.deployed for cell in fleet.managed())
    yield Room("fleet.dns.zone", f"record sets in {fleet.settings.dns.zone}", records, limits_of(fleet)["zone_records"])


def finding(fleet: Fleet, room: Room) -> Finding:
    """That there is too little of it."""
    message = f"{room.subject} has more {room.what} than there is room for"
    return found(fleet, rules.SIZE, room.subject, message, f"{room.used:,}", f"{room.limit:,}")

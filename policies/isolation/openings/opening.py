"""One way through a firewall, on whichever cloud.

The edge is where clients come in: to a cell its locality's routers, to the routers everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from policies.resource import Resource

WORLD: Final = "0.0.0.0/0"

Ports = tuple[tuple[int, int], ...] | None
"""First and last of each range of TCP ports; None: all ports, or another protocol."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What one rule lets pass."""

    resource: Resource
    peers: tuple[str, ...]
    """Ranges, or a cloud's own words for some; WORLD where a rule names nobody and that means everybody."""
    ports: Ports = None
    edge: bool = False
    inward: bool = True
    """False for a way out, and for a rule without memory, which has to let answers in: of those only ranges count."""


def port_range(written: str) -> tuple[int, int]:
    """`443` or `8000-8080`; every port where it is neither."""
    first, _, last = written.partition("-")
    return (int(first), int(last or first)) if first.isdecimal() and (last or first).isdecimal() else (0, 65535)

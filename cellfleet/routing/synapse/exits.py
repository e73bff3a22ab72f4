"""Where Synapse sends requests: to addresses of its own machine, at each of which the Envoy beside it does one thing.

Synapse connects in plain HTTP, cannot prove itself to a cell and sets no header. So it is given one loopback address
for each service of each cell; the Envoy (`egress`) knows by the address what a request is for.

Both read their files when they start, not at the same moment. So an address never comes to stand for another cell: it
is made of the cell's id, of which there may be 16,777,214 in 127.0.0.0/8, and the port of the service's name. Two
names of services may want one port, with a chance of 1 in 10,000; the second in the alphabet gets the next.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Final

from cellfleet.inventory.pattern import Names
from cellfleet.routing.envoy.clusters import cell_cluster
from cellfleet.routing.table import RoutingTable, TableRoute, Upstream

MOST_CELL_IDS: Final = 2**24 - 2
"""The highest id of a cell that has an address: 127.255.255.254."""
UNAVAILABLE: Final = "unavailable"
"""The exit that answers 503, where there is no cell to lead to."""
REDIRECT: Final = "redirect:"
"""What the name of an exit to another locality starts with: `redirect:us/us.acme.io`. No cell's name has a colon."""
_LOOPBACK: Final = int(IPv4Address("127.0.0.0"))
_SERVICES: Final = range(20_000, 30_000)  # below the ports that Linux gives to outgoing connections, from 32768
_REDIRECTS: Final = range(30_001, 32_001)
_UNAVAILABLE_PORT: Final = 30_000
_OWN: Final = str(IPv4Address(_LOOPBACK + 1))


@dataclass(frozen=True, slots=True)
class Exit:
    """One address that Synapse sends requests to."""

    name: str
    """Among the proxy's upstreams; a cell's is `<cell>/<service>`."""
    address: str
    port: int
    cell: Upstream | None = None
    service: str = ""
    redirect: str = ""
    """The host that clients are sent to instead, of another locality."""

    @property
    def authority(self) -> str:
        return f"{self.address}:{self.port}"


def leads_to(table: RoutingTable, route: TableRoute) -> Mapping[str, str]:
    """The name of the exit for each cell that a route can lead to, by cell; under `` where it names nobody."""
    assert route.service
    if route.named is None:
        known = table.new_tenants in table.cells
        return {"": cell_cluster(table.new_tenants, route.service) if known else UNAVAILABLE}
    own = {cell: cell_cluster(cell, route.service) for cell in sorted(table.cells)}
    return own | (_redirects(table, route) if route.named.names is Names.CELL else {})


def exits(table: RoutingTable, routes: Iterable[TableRoute]) -> tuple[Exit, ...]:
    """Every exit that these routes lead to, by name."""
    used = {name for route in routes for name in leads_to(table, route).values()}
    services = _ports(table.services, _SERVICES)
    redirects = _ports((name for name in used if name.startswith(REDIRECT)), _REDIRECTS)
    found = [Exit(UNAVAILABLE, _OWN, _UNAVAILABLE_PORT)]
    found += [Exit(name, _OWN, port, redirect=name.partition("/")[2]) for name, port in redirects.items()]
    for cell in table.cells.values():
        address = str(IPv4Address(_LOOPBACK + min(cell.id, MOST_CELL_IDS)))
        for service, port in services.items():
            found.append(Exit(cell_cluster(cell.cell, service), address, port, cell, service))
    return tuple(sorted((one for one in found if one.name in used), key=lambda one: one.name))


def _redirects(table: RoutingTable, route: TableRoute) -> dict[str, str]:
    """A cell's name is no tenant's, so the routers of every locality may know where it is."""
    return {
        cell: f"{REDIRECT}{locality}/{other.host}"
        for cell, locality in sorted(table.cells_elsewhere.items())
        if (other := route.elsewhere[locality]).answer == "redirect" and other.host
    }


def _ports(names: Iterable[str], ports: range) -> Mapping[str, int]:
    taken: dict[int, str] = {}
    for name in sorted(names):
        port = ports[zlib.crc32(name.encode()) % len(ports)]
        while port in taken:
            port = ports[(port - ports.start + 1) % len(ports)]
        taken[port] = name
    return {name: port for port, name in taken.items()}

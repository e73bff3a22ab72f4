"""What the routers of one locality do with requests: one value, which every target's emitter writes in its own terms.

Routes are in the order in which they are declared. The most specific host counts first (a fixed one before a wildcard,
a longer wildcard before a shorter), then the first route whose path, query and headers match.

A route that names nobody leads to the cell of the locality's new tenants, for who is named nowhere is no tenant yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from cellfleet.inventory import pattern
from cellfleet.inventory.model import Cell, Fleet, Route, Router, Target
from cellfleet.inventory.pattern import LOCALITY, Host, Names, Part, Path

if TYPE_CHECKING:
    from cellfleet.inventory.pseudonym import Key
    from cellfleet.inventory.tenants.columns import Tenants
    from cellfleet.routing.placements import Placements, TenantNames

MOST_HOSTS: Final = 100
"""Names in one certificate (Let's Encrypt, rate limits, 2026-11: 100 identifiers; Google Trust Services as many)."""

Where = Literal["host", "path", "query", "header"]
Answer = Literal["redirect", "refuse", "proxy"]


@dataclass(frozen=True, slots=True)
class Upstream:
    """A cell as routers know it."""

    cell: str
    id: int
    address: str
    """The host that they connect to, on port 443."""
    fenced: bool
    """Whether they answer 503 for it."""
    requests_per_second: float
    """What its class can take."""


@dataclass(frozen=True, slots=True)
class Named:
    """How a route names a tenant or a cell."""

    names: Names
    where: Where
    part: Part
    """The label, segment or value that holds the name."""
    key: str = ""
    """The query parameter's or header's."""
    segment: int = 0
    """The path's segment, from 0."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What a request of another locality is answered."""

    answer: Answer
    host: Host | None
    """The host that is the same there; None where the route's host is that of no locality."""


@dataclass(frozen=True, slots=True)
class TableRoute:
    """One route, as one locality has it."""

    position: int
    """In `routes:`, from 0."""
    host: Host
    path: Path
    query: Mapping[str, Part]
    headers: Mapping[str, Part]
    """By lower-case name."""
    service: str | None
    redirects: Mapping[str, Host]
    """Of a route that only redirects: where to, by the locality of the tenant or cell that is named."""
    elsewhere: Mapping[str, Elsewhere]
    """By locality, all but the own one."""
    unknown: Literal["refuse", "new_tenants", "locate"]
    targets: tuple[Target, ...]

    @property
    def name(self) -> str:
        """Where the route stands in the inventory: `routes[2]`."""
        return f"routes[{self.position}]"

    @property
    def named(self) -> Named | None:
        """How it names a tenant or a cell; None where it names nobody."""
        if self.host.names:
            return Named(self.host.names, "host", self.host.label)
        for index, segment in enumerate(self.path.segments):
            if segment.names:
                return Named(segment.names, "path", segment, segment=index)
        for key, part in self.query.items():
            if part.names:
                return Named(part.names, "query", part, key)
        for key, part in self.headers.items():
            if part.names:
                return Named(part.names, "header", part, key)
        return None


@dataclass(frozen=True, slots=True, eq=False)
class RoutingTable:
    """All that the routers of one locality go by."""

    locality: str
    host: str
    """The locality's own."""
    routes: tuple[TableRoute, ...]
    services: Mapping[str, str]
    """The path at which each answers 200 when it is well."""
    cells: Mapping[str, Upstream]
    """The locality's own cells that are routed."""
    cells_elsewhere: Mapping[str, str]
    """The locality of each routed cell of another one."""
    hosts_elsewhere: Mapping[str, str]
    """The host of each other locality."""
    new_tenants: str
    """The cell of new tenants, which need not be routed."""
    router: Router
    placements: Placements

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every name that the routers' certificate has to have, wildcards among them, sorted."""
        return tuple(sorted({self.host, *(route.host.domain for route in self.routes)}))

    def served_by(self, target: Target) -> tuple[TableRoute, ...]:
        """The routes that a target is to serve."""
        return tuple(route for route in self.routes if target in route.targets)


def routing_table(fleet: Fleet, locality: str, tenants: Tenants | None, key: Key) -> RoutingTable:
    """The table of one locality that has routers.

    `key` is what tenants of other localities are hashed with. Raises KeyError for a locality without routers.
    """
    from cellfleet.routing.placements import TenantNames

    return table_of(fleet, locality, TenantNames(fleet, tenants, key))


def table_of(fleet: Fleet, locality: str, names: TenantNames) -> RoutingTable:
    """The same, for who makes several: what they share of the tenants is made once. Raises KeyError likewise."""
    router = fleet.routers[locality]
    routes = tuple(
        _route(fleet, position, route, locality, router)
        for position, route in enumerate(fleet.routes)
        if locality in localities_of(fleet, route)
    )
    kinds = {route.named.names for route in routes if route.named} - {Names.CELL}
    if kinds and "synapse" in router.targets:
        kinds = {Names.TENANT, Names.TENANT_ID}  # it keeps both in one map, so either may hide the other
    routed = {name: cell for name, cell in fleet.cells.items() if cell.routed}
    return RoutingTable(
        locality=locality,
        host=fleet.localities[locality].host,
        routes=routes,
        services={name: service.health for name, service in fleet.services.items()},
        cells={name: _upstream(fleet, cell) for name, cell in routed.items() if cell.locality == locality},
        cells_elsewhere={name: cell.locality for name, cell in routed.items() if cell.locality != locality},
        hosts_elsewhere={name: other.host for name, other in fleet.localities.items() if name != locality},
        new_tenants=fleet.localities[locality].new_tenants,
        router=router,
        placements=names.placements(locality, kinds),
    )


def localities_of(fleet: Fleet, route: Route) -> tuple[str, ...]:
    """The localities whose routers serve a route: all, or the one that its fixed host belongs to.

    Where a locality's host is below another's, what is below both is the inner one's.
    """
    if LOCALITY in route.host:
        return tuple(fleet.localities)
    domain = pattern.host(route.host, "").domain
    owners = [(base, name) for base, name in _bases(fleet) if f".{domain}".endswith(f".{base}")]
    return (max(owners, key=lambda owner: len(owner[0]))[1],) if owners else tuple(fleet.localities)


def _bases(fleet: Fleet) -> Iterator[tuple[str, str]]:
    """The hosts that are a locality's with all below them: its own, and what routes make of its name."""
    for name, locality in fleet.localities.items():
        yield locality.host, name
        for route in fleet.routes:
            if LOCALITY in route.host:
                read = pattern.host(route.host, name)
                yield read.rest if LOCALITY in route.host.partition(".")[2] else read.domain, name


def may_proxy(fleet: Fleet, here: str, there: str) -> bool:
    """Whether routers of one locality may see the requests of another's tenants: only inside those tenants'
    residency. Nothing waives this."""
    return {*fleet.localities[here].residency} <= {*fleet.localities[there].residency}


def _route(fleet: Fleet, position: int, route: Route, locality: str, router: Router) -> TableRoute:
    others = [name for name in fleet.localities if name != locality]
    return TableRoute(
        position=position,
        host=pattern.host(route.host, locality),
        path=pattern.path(route.path),
        query={name: pattern.value(text) for name, text in route.query.items()},
        headers={name.lower(): pattern.value(text) for name, text in route.headers.items()},
        service=route.service,
        redirects={name: pattern.host(route.redirect, name) for name in fleet.localities} if route.redirect else {},
        elsewhere={name: _elsewhere(fleet, route, locality, name) for name in others},
        unknown=route.unknown,
        targets=tuple(target for target in router.targets if target in (route.targets or router.targets)),
    )


def _elsewhere(fleet: Fleet, route: Route, here: str, there: str) -> Elsewhere:
    """What the route says, or a refusal where that cannot be (RTE-14 and RTE-13 tell it)."""
    host = pattern.host(route.host, there) if LOCALITY in route.host else None
    answer: Answer = route.elsewhere
    if (answer == "redirect" and host is None) or (answer == "proxy" and not may_proxy(fleet, here, there)):
        answer = "refuse"
    return Elsewhere(answer, host)


def _upstream(fleet: Fleet, cell: Cell) -> Upstream:
    capacity = fleet.class_of(cell).capacity
    return Upstream(cell.name, cell.id, fleet.address_of(cell), cell.fenced, capacity.requests_per_second)

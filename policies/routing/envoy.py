"""What Envoy is given, read as Envoy reads it, and what is wrong with it beside the ways that requests go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cellfleet.inventory.finding import Finding
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pattern import Names
from cellfleet.routing.envoy import program
from cellfleet.routing.envoy.clusters import LOCATOR, cell_cluster, locality_cluster
from cellfleet.routing.envoy.match import Envoy, EnvoyRoute
from cellfleet.routing.table import RoutingTable
from policies.routing import rules
from policies.routing.report import found, some
from policies.routing.target import Emitted, Upstreams


def emitted(table: RoutingTable, files: Mapping[str, str]) -> tuple[Envoy, Emitted]:
    """Envoy by these files. Raises UnreadableError."""
    envoy = Envoy(files, table.placements.key)
    proxied = {name for route in table.routes for name, other in route.elsewhere.items() if other.answer == "proxy"}
    allowed = {cell.address for cell in table.cells.values()} | {table.hosts_elsewhere[name] for name in proxied}
    return envoy, Emitted("envoy", envoy, _upstreams(envoy), allowed)


def faults(fleet: Fleet, table: RoutingTable, envoy: Envoy) -> Iterator[Finding]:
    """What the map and the routes have wrong, whatever requests come."""
    subject = f"routers.{table.locality}"
    yield from _map(fleet, table, envoy, subject)
    for domain, routes in envoy.routes.items():
        for route in routes:
            if wrong := _unread(route):
                message = f"envoy of {table.locality}: {route.name or domain} reads {wrong}, which it does not match on"
                yield found(fleet, rules.PARAMETER, route.name or subject, message, wrong, "what it matches on")


def _upstreams(envoy: Envoy) -> Upstreams:
    led_to = {(route.name, name) for routes in envoy.routes.values() for route in routes for name in _of(envoy, route)}
    reached = {name for _, name in led_to}
    nameless = [
        (domain, route.content["route"].get("cluster", ""))
        for domain, routes in envoy.routes.items()
        for route in routes
        if not route.name and "route" in route.content
    ]
    return Upstreams(
        envoy.upstreams,
        sorted(envoy.upstreams.keys() - reached),
        sorted((route, name) for route, name in led_to if name not in envoy.upstreams),
        nameless,
    )


def _of(envoy: Envoy, route: EnvoyRoute) -> Iterator[str]:
    """The upstreams that a route can lead to; a fenced cell's is kept for the day on which it is not."""
    if name := route.content.get("route", {}).get("cluster"):
        yield name
    metadata = route.metadata
    if not metadata.get("service"):
        return
    for cell in {*envoy.finder.cells, metadata.get("new_tenants") or ""} - {""}:
        yield cell_cluster(cell, metadata["service"])
    for locality, other in metadata["elsewhere"].items():
        if other["answer"] == "proxy":
            yield locality_cluster(locality)
    if metadata["unknown"] == "locate":
        yield LOCATOR


def _unread(route: EnvoyRoute) -> str:
    """A query parameter or header that the program would read, and the route does not ask for."""
    metadata: Mapping[str, Any] = route.metadata
    match metadata.get("where"):
        case "query":
            asked = [one["name"] for one in route.content["match"].get("query_parameters", ())]
        case "header":
            asked = [one["name"] for one in route.content["match"].get("headers", ())]
        case _:
            return ""
    return "" if metadata["key"] in asked else f"the {metadata['where']} `{metadata['key']}`"


def _map(fleet: Fleet, table: RoutingTable, envoy: Envoy, subject: str) -> Iterator[Finding]:
    """Whether the map's files say what the inventory says, name by name."""
    states = {name: "fenced" if cell.fenced else "open" for name, cell in table.cells.items()}
    here = table.placements.here
    placed = envoy.finder.placed()
    pairs: list[tuple[str, Mapping[str, str], Mapping[str, str]]] = [
        ("cells of other localities", table.cells_elsewhere, envoy.finder.elsewhere),
        ("tenants by slug", here.get(Names.TENANT, {}), placed[program.KINDS[Names.TENANT]]),
        ("tenants by id", here.get(Names.TENANT_ID, {}), placed[program.KINDS[Names.TENANT_ID]]),
        ("tenants of other localities", table.placements.elsewhere, placed[program.HASH]),
    ]
    for kind, declared, mapped in pairs:
        if declared != mapped:
            yield _difference(fleet, table, kind, declared, mapped, subject)
    if states != envoy.finder.cells:
        every = states.keys() | envoy.finder.cells.keys()
        wrong = [name for name in sorted(every) if states.get(name) != envoy.finder.cells.get(name)]
        message = f"the map of envoy in {table.locality} has other cells than the inventory, or in another state"
        seen = ", ".join(f"{name}: {envoy.finder.cells.get(name, 'missing')}" for name in wrong[:5])
        limit = ", ".join(f"{name}: {states.get(name, 'not routed')}" for name in wrong[:5])
        yield found(fleet, rules.STATE, subject, message, seen, limit)


def _difference(
    fleet: Fleet,
    table: RoutingTable,
    kind: str,
    declared: Mapping[str, str],
    mapped: Mapping[str, str],
    subject: str,
) -> Finding:
    missing = sum(name not in mapped for name in declared)
    more = sum(name not in declared for name in mapped)
    moved = {declared[name] for name in declared.keys() & mapped.keys() if declared[name] != mapped[name]}
    lost = {declared[name] for name in declared.keys() - mapped.keys()}
    told = [f"{missing:,} missing", f"{more:,} too many", f"{len(declared.keys() & mapped.keys()):,} in both"]
    about = f"of {some(moved | lost)}" if moved | lost else "of no cell that the inventory has"
    message = f"the map of envoy in {table.locality} has other {kind} than the inventory, {about}"
    return found(fleet, rules.MAP, subject, message, ", ".join(told), f"{len(declared):,}")

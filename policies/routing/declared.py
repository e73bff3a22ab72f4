"""What can be said of routing by the inventory alone, before anything is made of it."""

from __future__ import annotations

from collections.abc import Iterator

from cellfleet.inventory import regions
from cellfleet.inventory.finding import Finding
from cellfleet.inventory.model import Fleet, Route
from cellfleet.inventory.pattern import LOCALITY, Names
from cellfleet.inventory.tenants.columns import Tenants
from cellfleet.inventory.types import Provider, State
from cellfleet.routing.table import RoutingTable, localities_of, may_proxy
from policies.routing import rules
from policies.routing.report import found, some


def declared(fleet: Fleet) -> Iterator[Finding]:
    """What is wrong with routes and routers as they are declared."""
    for position, route in enumerate(fleet.routes):
        path = f"routes[{position}]"
        served = [name for name in localities_of(fleet, route) if name in fleet.routers]
        yield from _passed_on(fleet, path, route.elsewhere, served)
        if len(served) > 1 and _to_itself(route):
            message = f"{path} redirects to its own host, {route.host}, for it is the same in every locality"
            yield found(fleet, rules.REDIRECT, f"{path}.host", message, route.host, "a host with {locality} in it")
        for name in served:
            if route.unknown == "locate" and fleet.routers[name].locator is None:
                message = f"{path} asks a directory about unknown tenants, and the routers of {name} have none"
                yield found(fleet, rules.LOCATOR, f"{path}.unknown", message, "no `locator`", "a URL")
            if route.unknown == "new_tenants":
                yield from _new_tenants(fleet, path, name)
    for name in fleet.routers:
        yield from _clusters(fleet, name)
        yield from _places(fleet, name)


def tenants_by_locality(fleet: Fleet, tenants: Tenants | None) -> Iterator[Finding]:
    """Localities that have tenants and no routers (RTE-21), and cells that have tenants and are not routed (RTE-19)."""
    if tenants is None or not fleet.routes:
        return
    for name in fleet.localities:
        count = sum(load.tenants for cell, load in tenants.by_cell.items() if fleet.cells[cell].locality == name)
        if count and (name not in fleet.routers or not fleet.routers[name].addresses):
            lacks = "no routers" if name not in fleet.routers else "routers without addresses"
            path = f"localities.{name}" if name not in fleet.routers else f"routers.{name}"
            message, limit = f"{name} has {lacks}", "routers with addresses"
            yield found(fleet, rules.SERVED, path, message, _tenants(count), limit)
    for name, load in tenants.by_cell.items():
        cell = fleet.cells[name]
        if load.tenants and not cell.routed:
            message = f"no request is sent to {name}, which has {_tenants(load.tenants)}"
            allowed = "active, cordoned or draining"
            yield found(fleet, rules.STRANDED, f"cells.{name}.state", message, str(cell.state), allowed)


def of_table(fleet: Fleet, table: RoutingTable) -> Iterator[Finding]:
    """What is wrong with one locality's routes and names together."""
    by_id = [route for route in table.routes if route.host.names is Names.TENANT_ID]
    ids = table.placements.here.get(Names.TENANT_ID, {}) if by_id else ()
    wrong = sum(name != name.lower() or "_" in name or name.endswith("-") for name in ids)
    for route in by_id if wrong else ():
        message = f"{table.locality} has {_tenants(wrong)} with an id that no host can hold"
        shown = "ids with upper-case letters, underscores or a final hyphen"
        path = f"{route.name}.host"
        yield found(fleet, rules.WRITTEN, path, message, shown, "lower-case letters, digits, inner hyphens")


def _tenants(count: int) -> str:
    return "1 tenant" if count == 1 else f"{count:,} tenants"


def _to_itself(route: Route) -> bool:
    """Whether a tenant or cell of another locality would be redirected to where the request already is."""
    names = any("{" in text for text in (route.host, route.path, *route.query.values(), *route.headers.values()))
    return route.redirect is None and names and LOCALITY not in route.host and route.elsewhere == "redirect"


def _passed_on(fleet: Fleet, path: str, elsewhere: str, served: list[str]) -> Iterator[Finding]:
    if elsewhere != "proxy":
        return
    for here in served:
        wrong = [there for there in fleet.localities if there != here and not may_proxy(fleet, here, there)]
        if wrong:
            message = f"routers of {here} would see requests of tenants of {some(wrong)}, outside their residency"
            inside = ", ".join(fleet.localities[here].residency)
            limit = "; ".join(f"{name}: {', '.join(fleet.localities[name].residency)}" for name in wrong)
            yield found(fleet, rules.RESIDENCY, f"{path}.elsewhere", message, f"{here} is in {inside}", limit)


def _new_tenants(fleet: Fleet, path: str, locality: str) -> Iterator[Finding]:
    cell = fleet.cells[fleet.localities[locality].new_tenants]
    if cell.state is not State.ACTIVE or cell.fenced:
        message = f"{path} sends unknown tenants to {cell.name}, which takes none"
        seen = "fenced" if cell.fenced else str(cell.state)
        yield found(fleet, rules.STATE, f"localities.{locality}.new_tenants", message, seen, "active, and not fenced")


def _clusters(fleet: Fleet, locality: str) -> Iterator[Finding]:
    clusters = fleet.routers[locality].clusters
    path = f"routers.{locality}.clusters"
    if len({*clusters}) < 2:
        message = f"the routers of {locality} are in one cluster"
        yield found(fleet, rules.CLUSTERS, path, message, ", ".join(clusters), "two or more different ones")
    own = {context: cell.name for cell in fleet.managed() for context in cell.contexts}
    for position, cluster in enumerate(clusters):
        if cluster in own:
            message = f"routers of {locality} are in the cluster of {own[cluster]}"
            yield found(fleet, rules.CLUSTERS, f"{path}[{position}]", message, cluster, "no cell's")


def _places(fleet: Fleet, locality: str) -> Iterator[Finding]:
    residency = fleet.localities[locality].residency
    for position, place in enumerate(fleet.routers[locality].places):
        region = regions.region(Provider(place.provider), place.region)
        if region and region.country not in residency:
            message = f"routers of {locality} are in {place.region}, outside its residency"
            path = f"routers.{locality}.places[{position}].region"
            yield found(fleet, rules.PLACE, path, message, region.country, ", ".join(residency))

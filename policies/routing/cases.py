"""Requests with what should become of them: said by the inventory alone, whatever files it was made into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cellfleet.inventory.pattern import Names
from cellfleet.routing.request import Decision, Request
from cellfleet.routing.table import Named, RoutingTable, TableRoute
from policies.routing.samples import Samples

Whose = Literal["here", "elsewhere", "nobody"]


@dataclass(frozen=True, slots=True)
class Case:
    """One request, and what should become of it."""

    route: TableRoute
    request: Request
    whose: Whose
    """Whether what it names is in this locality, in another, or nowhere."""
    name: str
    place: str
    """The cell, or the other locality."""
    expected: Decision


def cases(table: RoutingTable, route: TableRoute, samples: Samples) -> Iterator[Case]:
    """Every request that one route is asked about."""
    named = route.named
    if named is None:
        yield _unnamed(table, route)
        return
    for name, cell in samples.here:
        yield _case(table, route, named, "here", name, cell)
    for name, locality in samples.elsewhere:
        yield _case(table, route, named, "elsewhere", name, locality)
    for name in samples.nobody:
        yield _case(table, route, named, "nobody", name, "")


def request_of(route: TableRoute, name: str) -> Request:
    """The plainest request that takes a route, with a name in its place."""
    query = "&".join(f"{key}={part.holding(name)}" for key, part in route.query.items())
    headers = {key: part.holding(name) for key, part in route.headers.items()}
    return Request(route.host.holding(name), route.path.holding(name) + (f"?{query}" if query else ""), headers)


def _unnamed(table: RoutingTable, route: TableRoute) -> Case:
    request = request_of(route, "")
    if route.redirects:
        location = f"https://{route.redirects[table.locality]}{request.target}"
        return Case(route, request, "nobody", "", "", Decision("redirect", 307, location=location))
    return Case(route, request, "here", "", table.new_tenants, _served(table, route, table.new_tenants))


def _case(table: RoutingTable, route: TableRoute, named: Named, whose: Whose, name: str, place: str) -> Case:
    request = request_of(route, name)
    if route.redirects and whose != "nobody":
        host = route.redirects[table.locality if whose == "here" else place].holding(name)
        locality = place if whose == "elsewhere" else ""
        expected = Decision("redirect", 307, location=f"https://{host}{request.target}", locality=locality)
    elif whose == "here":
        expected = _served(table, route, place)
    elif whose == "elsewhere":
        expected = _answered(table, route, request, name, place)
    else:
        expected = _unknown(table, route, named)
    return Case(route, request, whose, name, place, expected)


def _served(table: RoutingTable, route: TableRoute, cell: str) -> Decision:
    found = table.cells.get(cell)
    if found is None or found.fenced:
        return Decision("unavailable", 503)
    return Decision("serve", None, cell=cell, service=route.service or "", upstream=found.address)


def _answered(table: RoutingTable, route: TableRoute, request: Request, name: str, locality: str) -> Decision:
    other = route.elsewhere[locality]
    match other.answer:
        case "redirect":
            assert other.host
            location = f"https://{other.host.holding(name)}{request.target}"
            return Decision("redirect", 307, location=location, locality=locality)
        case "proxy":
            return Decision("proxy", None, upstream=table.hosts_elsewhere[locality], locality=locality)
        case "refuse":
            return Decision("refuse", 404, locality=locality)


def _unknown(table: RoutingTable, route: TableRoute, named: Named) -> Decision:
    if named.names is Names.CELL or route.redirects or route.unknown == "refuse":
        return Decision("refuse", 404)
    if route.unknown == "locate":
        return Decision("locate", None)
    return _served(table, route, table.new_tenants)

"""A table's routes as Envoy's: which request is whose is matched by Envoy, and what it names is found by the program.

Hosts of one domain are one virtual host, with its routes in the order of the table. A route that names a tenant or a
cell carries, as metadata, how it does; the program (`router.lua`) reads the name, finds the cell and says the cluster
in a header, by which Envoy chooses it. All that the program needs beside the tenants is in that metadata.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from cellfleet.inventory import headers
from cellfleet.inventory.pattern import Host, Part, Path
from cellfleet.routing.envoy import ready
from cellfleet.routing.envoy.clusters import cell_cluster
from cellfleet.routing.envoy.listeners import LUA, ROUTES
from cellfleet.routing.envoy.text import typed
from cellfleet.routing.table import Named, RoutingTable, TableRoute

NAME: Final = "{}"
"""Stands, in a host that the program redirects to, where the name goes that the request had."""
NOT_FOUND: Final = "No route leads anywhere for this host and path.\n"
UNAVAILABLE: Final = "The cell that serves this is not available.\n"
_LABEL: Final = "[^.]+"
_SEGMENT: Final = "[^/]+"


def route_configuration(table: RoutingTable, program: str) -> dict[str, Any]:
    """All routes, with the file name of the program."""
    routes = table.served_by("envoy")
    domains = sorted({route.host.domain for route in routes})
    hosts = [_virtual_host(table, name, [one for one in routes if one.host.domain == name]) for name in domains]
    nowhere = {"name": "nowhere", "domains": ["*"], "routes": [_answer({"prefix": "/"}, 404, NOT_FOUND)]}
    lua = typed("extensions.filters.http.lua.v3.LuaPerRoute", source_code={"filename": program})
    return {
        **typed("config.route.v3.RouteConfiguration"),
        "name": ROUTES,
        "virtual_hosts": [*hosts, ready.virtual_host(), nowhere],
        "request_headers_to_remove": [headers.UPSTREAM],
        "typed_per_filter_config": {LUA: lua},
    }


def _virtual_host(table: RoutingTable, domain: str, routes: Sequence[TableRoute]) -> dict[str, Any]:
    made = [_route(table, route) for route in routes]
    nothing = _answer({"prefix": "/"}, 404, NOT_FOUND)
    return {"name": domain, "domains": [domain], "routes": [*made, nothing]}


def _route(table: RoutingTable, route: TableRoute) -> dict[str, Any]:
    match = _match(route)
    named = route.named
    if named is None:
        return {"name": route.name, **_unnamed(table, route, match)}
    metadata = {"filter_metadata": {LUA: _metadata(table, route, named)}}
    if route.redirects:  # the program answers, so no cluster is ever asked for
        return {"name": route.name, "metadata": metadata, **_answer(match, 404, NOT_FOUND)}
    assert route.service
    return {
        "name": route.name,
        "match": match,
        "metadata": metadata,
        "route": {"cluster_header": headers.UPSTREAM, **_passed_on(route), **forwarded()},
        "request_headers_to_add": [overwrite(headers.SERVICE, route.service)],
    }


def _unnamed(table: RoutingTable, route: TableRoute, match: dict[str, Any]) -> dict[str, Any]:
    """A route that names nobody: to the cell of new tenants, or to another host."""
    if route.redirects:
        host = str(route.redirects[table.locality])
        redirect = {"host_redirect": host, "https_redirect": True, "response_code": "TEMPORARY_REDIRECT"}
        return {"match": match, "redirect": redirect}
    assert route.service
    cell = table.cells.get(table.new_tenants)
    if cell is None or cell.fenced:
        return _answer(match, 503, UNAVAILABLE)
    return {
        "match": match,
        "route": {"cluster": cell_cluster(cell.cell, route.service), **forwarded()},
        "request_headers_to_add": [overwrite(headers.SERVICE, route.service), overwrite(headers.CELL, cell.cell)],
    }


def _passed_on(route: TableRoute) -> dict[str, Any]:
    """Other localities know a request by their own host."""
    proxied = any(other.answer == "proxy" for other in route.elsewhere.values())
    return {"host_rewrite_header": headers.HOST} if proxied else {}


def _metadata(table: RoutingTable, route: TableRoute, named: Named) -> dict[str, Any]:
    """What the program reads."""
    told: dict[str, Any] = {
        "names": str(named.names),
        "where": named.where,
        "key": named.key,
        "segment": named.segment + 1,  # Lua counts from 1
        "before": named.part.before,
        "after": named.part.after,
        "unknown": route.unknown,
        "locality": table.locality,
    }
    if route.redirects:
        return {**told, "redirects": {name: _host(host) for name, host in route.redirects.items()}}
    elsewhere = {
        name: {"answer": other.answer, "host": _host(other.host) if other.host else ""}
        for name, other in route.elsewhere.items()
    }
    new_tenants = table.new_tenants if route.unknown == "new_tenants" else ""
    return {**told, "service": route.service, "elsewhere": elsewhere, "new_tenants": new_tenants}


def _host(host: Host) -> str:
    return host.holding(NAME)


def _match(route: TableRoute) -> dict[str, Any]:
    match = _path(route.path)
    conditions = [_condition(name, part) for name, part in route.headers.items()]
    if route.host.names:  # a wildcard takes any number of labels, and any label
        pattern = f"(?i){_pattern(route.host.label, _LABEL)}{re.escape('.' + route.host.rest)}"
        conditions.insert(0, {"name": ":authority", "string_match": {"safe_regex": {"regex": pattern}}})
    if conditions:
        match["headers"] = conditions
    if route.query:
        match["query_parameters"] = [_condition(name, part) for name, part in route.query.items()]
    return match


def _path(path: Path) -> dict[str, Any]:
    if path.names:
        segments = "".join("/" + _pattern(segment, _SEGMENT) for segment in path.segments)
        return {"safe_regex": {"regex": segments + ("(/.*)?" if path.open else "")}}
    whole = "/" + "/".join(segment.before for segment in path.segments)
    if not path.open:
        return {"path": whole}
    return {"path_separated_prefix": whole} if path.segments else {"prefix": "/"}


def _pattern(part: Part, name: str) -> str:
    return re.escape(part.before) + (name if part.names else "") + re.escape(part.after)


def _condition(name: str, part: Part) -> dict[str, Any]:
    """Of a header or a query parameter: that it is there, where it names somebody, or what it says."""
    return {"name": name, **({"present_match": True} if part.names else {"string_match": {"exact": part.before}})}


def _answer(match: dict[str, Any], status: int, body: str) -> dict[str, Any]:
    return {"match": match, "direct_response": {"status": status, "body": {"inline_string": body}}}


def forwarded() -> dict[str, Any]:
    """Only what an upstream has certainly not begun is tried again, and in the same cell."""
    retry = {
        "retry_on": "connect-failure,refused-stream,reset-before-request",
        "num_retries": 2,
        "retry_host_predicate": list(_other_addresses()),
        "host_selection_retry_max_attempts": 3,
    }
    return {"timeout": "60s", "retry_policy": retry, "cluster_not_found_response_code": "SERVICE_UNAVAILABLE"}


def _other_addresses() -> Iterator[dict[str, Any]]:
    name = "envoy.retry_host_predicates.previous_hosts"
    message = typed("extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate")
    yield {"name": name, "typed_config": message}


def overwrite(name: str, value: str) -> dict[str, Any]:
    """A header that is set, whatever a client has sent."""
    return {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}

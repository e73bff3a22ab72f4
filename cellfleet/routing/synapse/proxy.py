"""What Synapse's proxy and its standalone locator are started with: `synapse proxy --config-file-path proxy.yaml`.

Neither has a default cell: the proxy would use one for every name that it does not know, those of other localities'
tenants among them. Texts are in double quotes, so that none is taken for a number or a truth value; what a cell's map
and a resolver are is written once, and referred to by the routes that share it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from cellfleet.inventory.pattern import Names, Path
from cellfleet.routing.synapse.exits import Exit, leads_to
from cellfleet.routing.table import RoutingTable, TableRoute

CONTROL_PLANE: Final = "http://127.0.0.1:8000"
"""Serves the mapping that the registry has, at `/api/0/internal/org-cell-mappings/`."""
PROXY_PORT: Final = 3000
ADMIN_PORT: Final = 3001
LOCATOR_PORT: Final = 3002
_CACHE: Final = "/var/cache/synapse"
_PARAMETERS: Final = {Names.TENANT: "{organization}", Names.TENANT_ID: "{organization}", Names.CELL: "{id}"}
"""What the resolvers read; a parameter of another name is matched and read by nobody."""


def proxy(table: RoutingTable, routes: Sequence[TableRoute], exits: Sequence[Exit]) -> str:
    """The file of the proxy."""
    return _text(
        f"# Synapse's proxy in {table.locality}. It speaks plain HTTP: something that ends TLS sends it requests in",
        "# HTTP/1.1, and the Envoy of egress.json, beside it, takes them on to the cells.",
        "proxy:",
        f'  listener: {{host: "0.0.0.0", port: {PROXY_PORT}}}',
        f'  admin_listener: {{host: "0.0.0.0", port: {ADMIN_PORT}}}',
        "  locator:",
        '    type: "in_process"',
        *(f"    {line}" for line in _mapping(table, "proxy")),
        "  upstreams:" if exits else "  upstreams: []",
        *(f"  - {{name: {_quoted(one.name)}, url: {_quoted(f'http://{one.authority}')}}}" for one in exits),
        "  routes:" if routes else "  routes: []",
        *(f"  {line}" for line in _routes(table, routes)),
    )


def locator(table: RoutingTable) -> str:
    """The file of a locator by itself, which others than the proxy ask."""
    return _text(
        f"# Synapse's locator in {table.locality}: GET /?id=ID&locality={table.locality}",
        "locator:",
        f'  listener: {{host: "0.0.0.0", port: {LOCATOR_PORT}}}',
        *(f"  {line}" for line in _mapping(table, "locator")),
        '  data_type: "organization"',
    )


def _mapping(table: RoutingTable, name: str) -> Iterator[str]:
    """Where a locator has its mapping from, and the file that it keeps it in for when that cannot be reached."""
    yield f"control_plane: {{url: {_quoted(CONTROL_PLANE)}}}"
    yield "backup_route_store:"
    yield f'  {{type: "filesystem", base_dir: "{_CACHE}", filename: "{name}.bin", compression: "zstd1"}}'
    yield f"localities: [{_quoted(table.locality)}]"


def _routes(table: RoutingTable, routes: Sequence[TableRoute]) -> Iterator[str]:
    written: dict[tuple[str, ...], str] = {}
    for route in routes:
        path = _path(route.path)
        match = f"host: {_quoted(str(route.host))}" + (f", path: {_quoted(path)}" if path else "")
        yield f"# {route.name}"
        yield f"- match: {{{match}}}"
        action = tuple(_action(route, leads_to(table, route)))
        if action in written:
            yield f"  action: *{written[action]}"
            continue
        written[action] = f"{route.named.names if route.named else 'new'}-{route.service}-{route.position}"
        yield f"  action: &{written[action]}"
        yield from (f"    {line}" for line in action)


def _action(route: TableRoute, leads: Mapping[str, str]) -> Iterator[str]:
    if route.named is None:
        yield f"to: {_quoted(leads[''])}"
        return
    resolver = "cell_from_id" if route.named.names is Names.CELL else "cell_from_organization"
    yield f"resolver: {_quoted(resolver)}"
    yield "cell_to_upstream:" if leads else "cell_to_upstream: {}"
    yield from (f"  {_quoted(cell)}: {_quoted(name)}" for cell, name in leads.items())


def _path(path: Path) -> str:
    """The path in Synapse's terms; empty for any, which it has no pattern for."""
    if path.open and not path.segments:
        return ""
    segments = [_PARAMETERS[segment.names] if segment.names else segment.before for segment in path.segments]
    return "/" + "/".join([*segments, *("*" if path.open else "")])


def _quoted(text: str) -> str:
    return json.dumps(text)  # which is YAML too


def _text(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)

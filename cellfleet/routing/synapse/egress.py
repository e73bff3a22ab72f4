"""The Envoy beside Synapse, which takes its requests on to the cells: `envoy -c egress.json`.

It listens on loopback only. By the address that a request came to (`exits`) it knows the cell and the service: it says
both in headers, in place of what a client may have sent in them, proves itself to the cell, keeps to what the cell can
take, and answers 503 for one that is fenced. It takes no request to another cell than Synapse chose, and to none whose
address it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cellfleet.inventory import headers
from cellfleet.routing.envoy.bootstrap import AUTHORITIES, CLIENT, secrets
from cellfleet.routing.envoy.clusters import cluster
from cellfleet.routing.envoy.listeners import access_log, router
from cellfleet.routing.envoy.routes import UNAVAILABLE, forwarded, overwrite
from cellfleet.routing.envoy.text import extension, resources, text
from cellfleet.routing.synapse.exits import Exit
from cellfleet.routing.table import RoutingTable

ADMIN_PORT: Final = 9902
_NOWHERE: Final = "No cell has this address.\n"
_MANAGER: Final = "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"


def files(table: RoutingTable, exits: Sequence[Exit]) -> Mapping[str, str]:
    """The bootstrap, and the certificates that it refers to, which are those of Envoy as a target."""
    made = secrets()
    referred = {f"{name}.json": resources([made[name]]) for name in (CLIENT, AUTHORITIES)}
    return {"egress.json": text(_bootstrap(table, exits)), **referred}


def _bootstrap(table: RoutingTable, exits: Sequence[Exit]) -> dict[str, Any]:
    served = [one for one in exits if one.cell and not one.cell.fenced]
    return {
        "node": {"id": f"egress-{table.locality}", "cluster": f"routers-{table.locality}"},
        "admin": {"address": _address("127.0.0.1", ADMIN_PORT)},
        "static_resources": {
            "listeners": [_listener(exits)] if exits else [],
            "clusters": [cluster(one.cell, one.service, table.services[one.service]) for one in served if one.cell],
        },
        "stats_config": {"stats_tags": [{"tag_name": "cell", "regex": r"^cluster\.(([^/.]+)/)"}]},
    }


def _listener(exits: Sequence[Exit]) -> dict[str, Any]:
    first, *others = [_address(one.address, one.port) for one in exits]
    return {
        "name": "egress",
        "address": first,
        "additional_addresses": [{"address": address} for address in others],
        "filter_chains": [{"filters": [_manager(exits)]}],
    }


def _manager(exits: Sequence[Exit]) -> dict[str, Any]:
    """Synapse has matched the request as it is, so it is taken on as it is."""
    came_to = extension(
        "envoy.http.early_header_mutation.header_mutation",
        "extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
        mutations=[
            *({"remove": name} for name in (headers.PROXIED, headers.HOST)),
            {"append": overwrite(headers.UPSTREAM, "%DOWNSTREAM_LOCAL_ADDRESS%")},
        ],
    )
    return extension(
        "envoy.filters.network.http_connection_manager",
        _MANAGER,
        stat_prefix="egress",
        codec_type="HTTP1",
        # What is before Synapse has said in these headers who the client is; the rest of Envoy's are not a client's.
        use_remote_address=True,
        xff_num_trusted_hops=1,
        skip_xff_append=True,
        stream_idle_timeout="300s",
        common_http_protocol_options={"headers_with_underscores_action": "REJECT_REQUEST"},
        early_header_mutation_extensions=[came_to],
        route_config={
            "name": "egress",
            "virtual_hosts": [{"name": "egress", "domains": ["*"], "routes": [*map(_route, exits), _nowhere()]}],
            "request_headers_to_remove": [headers.UPSTREAM],
        },
        http_filters=[router()],
        access_log=[access_log()],
    )


def _route(one: Exit) -> dict[str, Any]:
    condition = {"name": headers.UPSTREAM, "string_match": {"exact": one.authority}}
    route = {"name": one.name, "match": {"prefix": "/", "headers": [condition]}}
    if one.redirect:
        to = {"host_redirect": one.redirect, "https_redirect": True, "response_code": "TEMPORARY_REDIRECT"}
        return {**route, "redirect": to, "response_headers_to_add": [overwrite("cache-control", "no-store")]}
    if one.cell is None or one.cell.fenced:
        answer = {"status": 503, "body": {"inline_string": UNAVAILABLE}}
        return {**route, "direct_response": answer, "response_headers_to_add": [overwrite("retry-after", "60")]}
    said = [overwrite(headers.SERVICE, one.service), overwrite(headers.CELL, one.cell.cell)]
    return {**route, "route": {"cluster": one.name, **forwarded()}, "request_headers_to_add": said}


def _nowhere() -> dict[str, Any]:
    answer = {"status": 404, "body": {"inline_string": _NOWHERE}}
    return {"name": "nowhere", "match": {"prefix": "/"}, "direct_response": answer}


def _address(host: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": host, "port_value": port}}

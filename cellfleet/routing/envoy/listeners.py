"""Where an Envoy listens: for requests over TLS, for those to be told to use it, and for probes.

Requests are brought into one form before a route is looked for: no port or final dot in the host, no dot segments and
no doubled slashes in the path. An escaped slash stays escaped, for products have names with slashes in them; it is
then part of a segment, and no tenant is called that.
"""

from __future__ import annotations

from typing import Any, Final

from cellfleet.inventory import headers
from cellfleet.routing.envoy.bootstrap import PUBLIC, secret
from cellfleet.routing.envoy.ready import READY_PORT, ready_manager
from cellfleet.routing.envoy.text import extension, from_file, typed
from cellfleet.routing.table import RoutingTable

HTTPS_PORT: Final = 8443
HTTP_PORT: Final = 8080
ROUTES: Final = "routes"
"""The name of the route configuration."""
LUA: Final = "envoy.filters.http.lua"

_HTTP: Final = "envoy.filters.network.http_connection_manager"
_MANAGER: Final = "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_BUFFER_BYTES: Final = 32 * 1024
_LOGGED: Final = {
    # What tells a cell's trouble from another's. Hosts, paths and headers name tenants, so none of them is here.
    "time": "%START_TIME%",
    "method": "%REQ(:METHOD)%",
    "protocol": "%PROTOCOL%",
    "status": "%RESPONSE_CODE%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "flags": "%RESPONSE_FLAGS%",
    "bytes_received": "%BYTES_RECEIVED%",
    "bytes_sent": "%BYTES_SENT%",
    "milliseconds": "%DURATION%",
    "upstream_milliseconds": "%RESPONSE_DURATION%",
    "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    "upstream": "%UPSTREAM_CLUSTER%",
    "cell": f"%REQ({headers.CELL})%",
    "route": "%ROUTE_NAME%",
    "request_id": "%REQ(X-REQUEST-ID)%",
}


def listeners(table: RoutingTable) -> list[dict[str, Any]]:
    """Every listener, by name."""
    return [_http(), _https(table), _ready()]


def _https(table: RoutingTable) -> dict[str, Any]:
    tls = extension(
        "envoy.transport_sockets.tls",
        "extensions.transport_sockets.tls.v3.DownstreamTlsContext",
        common_tls_context={
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
            "tls_certificate_sds_secret_configs": [secret(PUBLIC)],
        },
    )
    inspector = extension(
        "envoy.filters.listener.tls_inspector", "extensions.filters.listener.tls_inspector.v3.TlsInspector"
    )
    chain = {"transport_socket": tls, "transport_socket_connect_timeout": "10s", "filters": [_manager(table)]}
    return {**_listener("https", HTTPS_PORT), "listener_filters": [inspector], "filter_chains": [chain]}


def _manager(table: RoutingTable) -> dict[str, Any]:
    ours = (headers.CELL, headers.HOST, headers.SERVICE, headers.UPSTREAM)
    mutation = extension(
        "envoy.http.early_header_mutation.header_mutation",
        "extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
        mutations=[{"remove": name} for name in ours],
    )
    lua = extension(LUA, "extensions.filters.http.lua.v3.Lua")
    return extension(
        _HTTP,
        _MANAGER,
        stat_prefix="https",
        codec_type="AUTO",
        server_name=f"cellfleet-{table.locality}",
        rds={"route_config_name": ROUTES, "config_source": from_file("rds.json")},
        use_remote_address=True,
        strip_any_host_port=True,
        strip_trailing_host_dot=True,
        normalize_path=True,
        merge_slashes=True,
        path_with_escaped_slashes_action="KEEP_UNCHANGED",
        stream_idle_timeout="300s",
        request_headers_timeout="10s",
        common_http_protocol_options={"idle_timeout": "3600s", "headers_with_underscores_action": "REJECT_REQUEST"},
        http2_protocol_options={
            "max_concurrent_streams": 100,
            "initial_stream_window_size": 65536,
            "initial_connection_window_size": 1048576,
        },
        early_header_mutation_extensions=[mutation],
        upgrade_configs=[{"upgrade_type": "websocket"}],
        http_filters=[lua, router()],
        access_log=[access_log()],
    )


def _http() -> dict[str, Any]:
    """Nothing is served without TLS: clients are told to come again with it."""
    redirect = {
        "match": {"prefix": "/"},
        "redirect": {"https_redirect": True, "port_redirect": 443, "response_code": "PERMANENT_REDIRECT"},
    }
    hosts = [{"name": "any", "domains": ["*"], "routes": [redirect]}]
    manager = extension(
        _HTTP,
        _MANAGER,
        stat_prefix="http",
        strip_any_host_port=True,
        use_remote_address=True,
        request_headers_timeout="10s",
        route_config={"name": "http", "virtual_hosts": hosts},
        http_filters=[router()],
    )
    return {**_listener("http", HTTP_PORT), "filter_chains": [{"filters": [manager]}]}


def _ready() -> dict[str, Any]:
    """Probes come from the node, so this is not on loopback."""
    return {**_listener("ready", READY_PORT), "filter_chains": [{"filters": [ready_manager(ROUTES)]}]}


def _listener(name: str, port: int) -> dict[str, Any]:
    return {
        **typed("config.listener.v3.Listener"),
        "name": name,
        "address": {"socket_address": {"address": "0.0.0.0", "port_value": port}},
        "per_connection_buffer_limit_bytes": _BUFFER_BYTES,
    }


def router() -> dict[str, Any]:
    """The last filter, which sends a request where its route says."""
    return extension("envoy.filters.http.router", "extensions.filters.http.router.v3.Router")


def access_log() -> dict[str, Any]:
    """One line of JSON a request."""
    return extension(
        "envoy.access_loggers.stdout",
        "extensions.access_loggers.stream.v3.StdoutAccessLog",
        log_format={"json_format": _LOGGED},
    )

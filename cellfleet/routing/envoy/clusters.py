"""A cell's services as Envoy's clusters: mutual TLS, health, and limits that keep one cell's trouble its own.

A request is tried again only within its cluster, so never in another cell. When a cell has no healthy address, it has
none: its requests get 503 at once rather than being sent where nothing answers (a panic threshold of zero).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from cellfleet.inventory.headers import CELL, SERVICE
from cellfleet.routing.envoy.bootstrap import AUTHORITIES, CLIENT, secret
from cellfleet.routing.envoy.text import extension, typed
from cellfleet.routing.table import RoutingTable, Upstream

HTTPS: Final = 443
LOCATOR: Final = "locator"
"""The cluster of the directory; no cell's, for theirs have a slash."""
_LEAST_REQUESTS: Final = 1024
"""Requests at a time that a router sends to any cell; Envoy's own default."""


def clusters(table: RoutingTable) -> list[dict[str, Any]]:
    """Every cluster that the table's routes can lead to, by name."""
    found = sorted(_clusters(table), key=lambda cluster: str(cluster["name"]))
    return [{**typed("config.cluster.v3.Cluster"), **one} for one in found]


def cell_cluster(cell: str, service: str) -> str:
    """The name of a cell's service among the clusters."""
    return f"{cell}/{service}"


def locality_cluster(locality: str) -> str:
    """The name of another locality's routers among the clusters; no cell is called that, for names have no colon."""
    return f"locality:{locality}"


def cluster(upstream: Upstream, service: str, health: str) -> dict[str, Any]:
    """One service of one cell."""
    limits = max(_LEAST_REQUESTS, round(upstream.requests_per_second))
    name = cell_cluster(upstream.cell, service)
    return {
        **_reached(name, upstream.address, HTTPS, _mutual_tls(upstream.address)),
        "typed_extension_protocol_options": _http2(),
        "health_checks": [_health_check(upstream, service, health)],
        "outlier_detection": {
            "consecutive_5xx": 10,
            "consecutive_gateway_failure": 5,
            "interval": "5s",
            "base_ejection_time": "15s",
            "max_ejection_percent": 50,
        },
        "circuit_breakers": {
            "thresholds": [
                {
                    "max_connections": limits,
                    "max_pending_requests": limits,
                    "max_requests": limits,
                    "retry_budget": {"budget_percent": {"value": 20.0}, "min_retry_concurrency": 3},
                    "track_remaining": True,
                }
            ]
        },
        "common_lb_config": {"healthy_panic_threshold": {"value": 0.0}},
    }


def _clusters(table: RoutingTable) -> Iterator[dict[str, Any]]:
    routes = table.served_by("envoy")
    services = sorted({route.service for route in routes if route.service})
    cells = table.cells.values() if any(route.named for route in routes) else ()
    wanted = {(cell.cell, service) for cell in cells for service in services}
    if table.new_tenants in table.cells:
        wanted |= {(table.new_tenants, route.service) for route in routes if route.service and not route.named}
    for cell, service in wanted:
        yield cluster(table.cells[cell], service, table.services[service])
    proxied = {name for route in routes for name, other in route.elsewhere.items() if other.answer == "proxy"}
    for name in proxied:
        host = table.hosts_elsewhere[name]
        yield {
            **_reached(locality_cluster(name), host, HTTPS, _tls(host)),
            "typed_extension_protocol_options": _http2(),
        }
    if table.router.locator and any(route.unknown == "locate" and route.named for route in routes):
        yield _locator(table.router.locator)


def _locator(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    return _reached(LOCATOR, host, parts.port or (HTTPS if secure else 80), _tls(host) if secure else None)


def _reached(name: str, host: str, port: int, socket: dict[str, Any] | None) -> dict[str, Any]:
    address = {"socket_address": {"address": host, "port_value": port}}
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": address, "hostname": host}}]}]
    return {
        "name": name,
        "cluster_type": extension(
            "envoy.clusters.dns",
            "extensions.clusters.dns.v3.DnsCluster",
            dns_lookup_family="V4_PREFERRED",
            respect_dns_ttl=True,
        ),
        "connect_timeout": "2s",
        "load_assignment": {"cluster_name": name, "endpoints": endpoints},
        **({"transport_socket": socket} if socket else {}),
    }


def _mutual_tls(host: str) -> dict[str, Any]:
    return _tls(host, tls_certificate_sds_secret_configs=[secret(CLIENT)])


def _tls(host: str, **more: Any) -> dict[str, Any]:
    """TLS to a host whose certificate has its name; Envoy offers nothing older than 1.2."""
    named = {"match_typed_subject_alt_names": [{"san_type": "DNS", "matcher": {"exact": host}}]}
    validation = {"default_validation_context": named, "validation_context_sds_secret_config": secret(AUTHORITIES)}
    return extension(
        "envoy.transport_sockets.tls",
        "extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        sni=host,
        common_tls_context={
            "combined_validation_context": validation,
            **more,
        },
    )


def _http2() -> dict[str, Any]:
    """HTTP/2 where the other end speaks it, as it says in the TLS handshake."""
    options = typed(
        "extensions.upstreams.http.v3.HttpProtocolOptions",
        auto_config={"http2_protocol_options": {}, "http_protocol_options": {}},
        common_http_protocol_options={"idle_timeout": "300s"},
    )
    return {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": options}


def _health_check(upstream: Upstream, service: str, health: str) -> dict[str, Any]:
    return {
        "timeout": "2s",
        "interval": "5s",
        "interval_jitter": "1s",
        "no_traffic_interval": "10s",
        "unhealthy_threshold": 2,
        "healthy_threshold": 1,
        "http_health_check": {
            "path": health,
            "host": upstream.address,
            "request_headers_to_add": [
                {"header": {"key": SERVICE, "value": service}},
                {"header": {"key": CELL, "value": upstream.cell}},
            ],
        },
    }

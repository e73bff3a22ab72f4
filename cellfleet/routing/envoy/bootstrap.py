"""What an Envoy is started with: where its other files are, its administration, its certificates.

The administration listens on loopback only: it can shut a router down and shows its configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cellfleet.routing.envoy.sizes import CONNECTIONS
from cellfleet.routing.envoy.text import from_file, text, typed
from cellfleet.routing.table import RoutingTable

ADMIN_PORT: Final = 9901
ADMINISTRATION: Final = "administration"
"""The cluster by which the router reaches its own administration."""
PUBLIC: Final = "sds-public"
"""The certificate for the public hosts: `certificates/tls.crt` and `tls.key`."""
CLIENT: Final = "sds-client"
"""What routers prove themselves to cells with: `client/tls.crt` and `tls.key`."""
AUTHORITIES: Final = "sds-authorities"
"""Who may sign cells' certificates: the authorities that the system trusts."""
_SYSTEM_AUTHORITIES: Final = "/etc/ssl/certs/ca-certificates.crt"  # where Debian, and so Envoy's image, has them


def bootstrap(table: RoutingTable) -> str:
    """The file that Envoy is started with."""
    limit = typed(
        "extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
        max_active_downstream_connections=CONNECTIONS,
    )
    monitor = {"name": "envoy.resource_monitors.global_downstream_max_connections", "typed_config": limit}
    administration = {"socket_address": {"address": "127.0.0.1", "port_value": ADMIN_PORT}}
    itself = {
        "name": ADMINISTRATION,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {
            "cluster_name": ADMINISTRATION,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": administration}}]}],
        },
    }
    return text(
        {
            "node": {"id": f"router-{table.locality}", "cluster": f"routers-{table.locality}"},
            "admin": {"address": administration},
            "static_resources": {"clusters": [itself]},
            "dynamic_resources": {"lds_config": from_file("lds.json"), "cds_config": from_file("cds.json")},
            "overload_manager": {"resource_monitors": [monitor]},
            "stats_config": {"stats_tags": [{"tag_name": "cell", "regex": r"^cluster\.(([^/.]+)/)"}]},
        }
    )


def secrets() -> Mapping[str, dict[str, Any]]:
    """The certificates by name: each is read again when its folder changes, so that a renewal needs no restart."""
    kind = "extensions.transport_sockets.tls.v3.Secret"
    authorities = {"trusted_ca": {"filename": _SYSTEM_AUTHORITIES}}
    return {
        PUBLIC: typed(kind, name=PUBLIC, tls_certificate=_certificate("certificates")),
        CLIENT: typed(kind, name=CLIENT, tls_certificate=_certificate("client")),
        AUTHORITIES: typed(kind, name=AUTHORITIES, validation_context=authorities),
    }


def secret(name: str) -> dict[str, Any]:
    """A reference to one of them."""
    return {"name": name, "sds_config": from_file(f"{name}.json")}


def _certificate(folder: str) -> dict[str, Any]:
    return {
        "certificate_chain": {"filename": f"{folder}/tls.crt"},
        "private_key": {"filename": f"{folder}/tls.key"},
        # The folder is a link that the kubelet leaves as it is; what it changes is the one around it.
        "watched_directory": {"path": "."},
    }

"""The names of a cell's Kubernetes objects that more than one stack, provider or person has to know.

A namespace starts with the cell's name, so that cells can share a cluster; within it, names are those of the parts.
"""

from __future__ import annotations

import hashlib
from typing import Final

from cellfleet.inventory.model import Fleet, ManagedCell

GATEWAY: Final = "gateway"
"""The Gateway of a cell, in its namespace."""
GATEWAY_PORT: Final = 10443
"""The port on which the Gateway's proxies listen for the listener's 443: Envoy Gateway adds 10,000 to privileged
ones."""
SERVER_CERTIFICATE: Final = "server-certificate"
"""The Secret (kubernetes.io/tls) that the Gateway proves to be the cell with."""
CLIENT_CA: Final = "routers-ca"
"""The ConfigMap whose `ca.crt` signs the client certificates of the routers, in the Gateway's namespace."""
DATABASE: Final = "database"
"""The CloudNativePG Cluster of a `kubernetes` cell, in its data namespace."""


def gateway_namespace(cell: ManagedCell) -> str:
    """Where the Gateway, its proxies, its certificate and the routers' CA are."""
    return f"{cell.name}-{GATEWAY}"


def data_namespace(cell: ManagedCell) -> str:
    """Where the database and the buckets' claims of a `kubernetes` cell are."""
    return f"{cell.name}-data"


def service_namespace(cell: ManagedCell, service: str) -> str:
    """Where one service runs; its ServiceAccount has the service's name."""
    return f"{cell.name}-{service}"


def bucket(fleet: Fleet, cell: ManagedCell, holds: str) -> str:
    """The name of one of a `kubernetes` cell's buckets; unique in an object store that other fleets use as well."""
    of = hashlib.sha256(f"{fleet.settings.name}/{fleet.settings.environment}".encode()).hexdigest()[:8]
    return f"{cell.name}-{holds}-{of}"

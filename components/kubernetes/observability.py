"""What is measured of a cell on a cluster that one already has, by the Prometheus operator that it has.

Logs go to standard output, from where the cluster's own agent takes them; the labels of each pod say whose they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.inventory.model import Fleet, ManagedCell
from components.kubernetes import names, policies
from components.tags import tags


class Observability(pulumi.ComponentResource):
    """Monitors of the database and of the Gateway's proxies."""

    def __init__(self, fleet: Fleet, cell: ManagedCell, opts: pulumi.ResourceOptions | None = None) -> None:
        """Both namespaces are made before."""
        super().__init__("cellfleet:kubernetes:Observability", f"{cell.name}-observability", {"cell": cell.name}, opts)
        database: dict[str, Any] = {"port": "metrics", "interval": "30s"}
        proxies: dict[str, Any] = {"port": "metrics", "interval": "30s", "path": "/stats/prometheus"}
        self._monitor(fleet, cell, names.data_namespace(cell), policies.DATABASE_PODS, database)
        self._monitor(fleet, cell, names.gateway_namespace(cell), policies.GATEWAY_PODS, proxies)
        self.register_outputs({})

    def _monitor(
        self, fleet: Fleet, cell: ManagedCell, namespace: str, pods: Mapping[str, str], endpoint: dict[str, Any]
    ) -> None:
        k8s.apiextensions.CustomResource(
            f"{namespace}-monitor",
            api_version="monitoring.coreos.com/v1",
            kind="PodMonitor",
            metadata=k8s.meta.v1.ObjectMetaArgs(name="monitor", namespace=namespace, labels=tags(fleet, cell)),
            spec={
                "selector": {"matchLabels": dict(pods)},
                "podMetricsEndpoints": [endpoint],
                "podTargetLabels": ["cell", "locality", "ring"],
            },
            opts=pulumi.ResourceOptions(parent=self),
        )

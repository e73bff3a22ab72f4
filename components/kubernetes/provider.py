"""How Pulumi reaches the cluster of a cell or of routers; there is no default provider."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.types import Provider


def provider(fleet: Fleet, cell: ManagedCell) -> k8s.Provider:  # noqa: ARG001 (each cloud's takes the same)
    """The cluster that one already has: the kubeconfig context that the cell's `account` names."""
    return k8s.Provider(cell.name, context=cell.account)


def standby_provider(cell: ManagedCell) -> k8s.Provider:
    """The cluster of the warm standby: the kubeconfig context `<account>-<region of the standby>`."""
    assert cell.replication
    return k8s.Provider(f"{cell.name}-standby", context=cell.contexts[-1])


def cluster_provider(cell: ManagedCell, kubeconfig: pulumi.Input[Any]) -> k8s.Provider:
    """The cell's cluster as its workload reaches it.

    `kubeconfig` is the cell stack's output. That of a `kubernetes` cell only names a context, so the operator's own
    kubeconfig is read.
    """
    if cell.provider is Provider.KUBERNETES:
        return k8s.Provider(f"{cell.name}-cluster", context=cell.account)
    return k8s.Provider(f"{cell.name}-cluster", kubeconfig=kubeconfig)


def registry_provider(locality: str, cluster: str, context: pulumi.Input[str]) -> k8s.Provider:
    """A cluster of a locality's routers as its registry is copied to it; `context` is the cluster's, known when it may
    be used.

    The head of a copy is changed in place: a reader must not find none.
    """
    return k8s.Provider(f"registry-{locality}-{cluster}", context=context, enable_config_map_mutable=True)


def router_provider(locality: str, cluster: str, context: pulumi.Input[str]) -> k8s.Provider:
    """One of the clusters that a locality's routers run in; `context` is the cluster's, known when it may be used.

    ConfigMaps and Secrets are changed in place, not replaced: routers take up what changes in those that they have
    mounted.
    """
    return k8s.Provider(
        f"routing-{locality}-{cluster}", context=context, enable_config_map_mutable=True, enable_secret_mutable=True
    )

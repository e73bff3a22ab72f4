"""A namespace as every part of a cell, and a locality's routers, have it: restricted pods, nothing let in or out by
default, and bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.inventory.model import Fleet, ManagedCell
from components.kubernetes import policies
from components.kubernetes.sizes import Size
from components.tags import tags


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that a namespace's pods may ask for, together and each."""

    pods: int
    total: Size
    largest: Size
    """The most that one container may have."""
    volumes: int = 0


class Namespace(pulumi.ComponentResource):
    """A namespace with its labels, quota, limits and network policies."""

    name: pulumi.Output[str]

    def __init__(
        self,
        fleet: Fleet,
        cell: ManagedCell,
        namespace: str,
        bounds: Bounds,
        allowed: Sequence[policies.Allow],
        opts: pulumi.ResourceOptions | None = None,
        *,
        logical_name: str = "",
        protect: bool = False,
    ) -> None:
        """`namespace` is the physical name; the logical one, where they differ, starts with the cell's as all do."""
        name = logical_name or namespace
        super().__init__("cellfleet:kubernetes:Namespace", name, {"cell": cell.name, "namespace": namespace}, opts)
        own = pulumi.ResourceOptions(parent=self, protect=protect)
        self.name, self.policies = closed(name, namespace, bounds, allowed, tags(fleet, cell), own)
        self.register_outputs({"name": self.name})


def closed(
    name: str,
    namespace: str,
    bounds: Bounds,
    allowed: Sequence[policies.Allow],
    labels: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> tuple[pulumi.Output[str], list[k8s.networking.v1.NetworkPolicy]]:
    """Make a namespace and all that closes it, below the parent of `opts`; `name` is the logical one.

    What is given is the namespace's name once it is there, and the policies that pods wait for.
    """
    made = k8s.core.v1.Namespace(
        name,
        metadata=k8s.meta.v1.ObjectMetaArgs(name=namespace, labels={**labels, **_POD_SECURITY}),
        opts=opts,
    )
    within = pulumi.ResourceOptions(parent=opts.parent, depends_on=[made])
    made_policies = [
        policies.deny_all(name, namespace, labels, within),
        *(policies.allow(name, namespace, each, labels, within) for each in allowed),
    ]
    _quota(name, namespace, bounds, labels, within)
    _limits(name, namespace, bounds, labels, within)
    return made.metadata.name, made_policies


_POD_SECURITY: Mapping[str, str] = {
    f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")
}


def _quota(
    name: str, namespace: str, bounds: Bounds, labels: Mapping[str, str], opts: pulumi.ResourceOptions
) -> k8s.core.v1.ResourceQuota:
    """Bound the namespace's pods; nothing in it opens a way in of its own."""
    return k8s.core.v1.ResourceQuota(
        f"{name}-quota",
        metadata=k8s.meta.v1.ObjectMetaArgs(name="quota", namespace=namespace, labels=labels),
        spec=k8s.core.v1.ResourceQuotaSpecArgs(
            hard={
                "pods": str(bounds.pods),
                "requests.cpu": f"{bounds.total.millicores}m",
                "requests.memory": f"{bounds.total.mebibytes}Mi",
                "limits.memory": f"{bounds.total.mebibytes}Mi",
                "persistentvolumeclaims": str(bounds.volumes),
            }
        ),
        opts=opts,
    )


def _limits(
    name: str, namespace: str, bounds: Bounds, labels: Mapping[str, str], opts: pulumi.ResourceOptions
) -> k8s.core.v1.LimitRange:
    """Bound each container, and size those that do not say what they need."""
    return k8s.core.v1.LimitRange(
        f"{name}-limits",
        metadata=k8s.meta.v1.ObjectMetaArgs(name="limits", namespace=namespace, labels=labels),
        spec=k8s.core.v1.LimitRangeSpecArgs(
            limits=[
                k8s.core.v1.LimitRangeItemArgs(
                    type="Container",
                    default_request={"cpu": "10m", "memory": "64Mi"},
                    default={"memory": f"{min(UNSIZED_MEBIBYTES, bounds.largest.mebibytes)}Mi"},
                    max={"memory": f"{bounds.largest.mebibytes}Mi"},
                )
            ]
        ),
        opts=opts,
    )


UNSIZED_MEBIBYTES = 128
"""The memory limit of a container that names none, in MiB."""

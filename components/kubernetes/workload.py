"""The Kubernetes objects of a cell, the same on every provider: what a release changes.

A release bump changes the pods' image and what they are told, and nothing else of a fleet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.inventory.model import Fleet, ManagedCell
from components.kubernetes import requirements, sizes
from components.kubernetes.certificates import Certificates
from components.kubernetes.gateway import Gateway, gateway_space
from components.kubernetes.ingress import Ingress
from components.kubernetes.operators import Operators
from components.kubernetes.service import Service
from components.tags import tags


def ingress(
    fleet: Fleet,  # noqa: ARG001 (each provider's takes the same)
    cell: ManagedCell,  # noqa: ARG001
    outputs: Mapping[str, pulumi.Output[Any]],  # noqa: ARG001
    opts: pulumi.ResourceOptions,  # noqa: ARG001
) -> Ingress:
    """The way in of a `kubernetes` cell: its own stack has made the Gateway's namespace and the Service before it."""
    return Ingress(
        service_type="ClusterIP",
        cluster_issuer=requirements.CLUSTER_ISSUER,
        operators_are_provided=True,
        gateway_namespace_is_provided=True,
    )


class Workload(pulumi.ComponentResource):
    """Operators, the Gateway with its certificate, and the services."""

    namespaces: pulumi.Output[list[str]]
    """Those of the services."""

    def __init__(
        self,
        fleet: Fleet,
        cell: ManagedCell,
        outputs: Mapping[str, pulumi.Output[Any]],
        ingress: Ingress,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`outputs` are those of the cell's stack, by name."""
        props = {
            "cell": cell.name,
            "locality": cell.locality,
            "class": cell.class_,
            "ring": cell.ring,
            "release": fleet.release_of(cell),
        }
        super().__init__("cellfleet:kubernetes:Workload", f"{cell.name}-workload", props, opts)
        here = pulumi.ResourceOptions(parent=self)
        services_first, gateway_first = self._priorities(fleet, cell, here)
        before: list[pulumi.Resource] = []
        if not ingress.operators_are_provided:
            before.append(Operators(fleet, cell, ingress, gateway_first, here))
        if not ingress.gateway_namespace_is_provided:
            before.append(gateway_space(fleet, cell, here))
        certificates = Certificates(fleet, cell, ingress, pulumi.ResourceOptions(parent=self, depends_on=before))
        services = [
            Service(fleet, cell, name, pods, outputs, ingress, services_first, here)
            for name, pods in sizes.services(fleet, cell).items()
        ]
        Gateway(
            fleet,
            cell,
            ingress,
            gateway_first,
            pulumi.ResourceOptions(parent=self, depends_on=[*before, certificates, *services]),
        )
        self.namespaces = pulumi.Output.all(*(service.namespace for service in services))
        self.register_outputs({"namespaces": self.namespaces})

    def _priorities(
        self, fleet: Fleet, cell: ManagedCell, opts: pulumi.ResourceOptions
    ) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
        """The services' class and the Gateway's, which goes before them: without it none of them is reached."""
        services, gateway = (
            k8s.scheduling.v1.PriorityClass(
                f"{cell.name}-{name}-priority",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=f"{cell.name}-{name}", labels=tags(fleet, cell)),
                value=value,
                global_default=False,
                description=description,
                opts=opts,
            )
            for name, value, description in (
                ("services", 100_000, "The product's pods"),
                ("gateway", 200_000, "What the product is reached through"),
            )
        )
        return services.metadata.name, gateway.metadata.name

"""One service of the product in a cell: its namespace, identity, pods, and how they are reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.inventory.model import Fleet, ManagedCell
from components.kubernetes import deployment, names, policies
from components.kubernetes.ingress import Ingress
from components.kubernetes.namespace import Bounds, Namespace
from components.kubernetes.sizes import Pods
from components.tags import tags

CELL: Final = "cell"
"""The ConfigMap that tells pods where they run."""
_BUSY_PERCENT: Final = 70
"""The share of the processor time asked for at which pods are added."""


class Service(pulumi.ComponentResource):
    """A namespace with everything that one service needs in it."""

    namespace: pulumi.Output[str]

    def __init__(
        self,
        fleet: Fleet,
        cell: ManagedCell,
        service: str,
        pods: Pods,
        outputs: Mapping[str, pulumi.Output[Any]],
        ingress: Ingress,
        priority_class: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`outputs` are those of the cell's stack; pods are told the database's and the bucket's names from there."""
        name = names.service_namespace(cell, service)
        super().__init__("cellfleet:kubernetes:Service", name, {"cell": cell.name, "service": service}, opts)
        labels = {**tags(fleet, cell), "app.kubernetes.io/name": service}
        space = Namespace(
            fleet,
            cell,
            name,
            Bounds(pods.at_worst, pods.size.times(pods.at_worst), pods.size),
            (
                policies.dns(),
                policies.https(fleet, cell),
                policies.database(cell),
                policies.from_gateway(cell, fleet.services[service].port),
                *policies.identity(cell),
            ),
            pulumi.ResourceOptions(parent=self),
        )
        within = pulumi.ResourceOptions(parent=self, depends_on=[space])

        def metadata(of: str, **more: Any) -> k8s.meta.v1.ObjectMetaArgs:
            return k8s.meta.v1.ObjectMetaArgs(
                name=of, namespace=name, labels={**labels, **more.pop("labels", {})}, **more
            )

        account = k8s.core.v1.ServiceAccount(
            f"{name}-account",
            metadata=metadata(
                service,
                annotations=dict(ingress.service_account_annotations),
                labels=dict(ingress.service_account_labels),
            ),
            automount_service_account_token=False,
            opts=within,
        )
        self._may_read_where_it_runs(name, metadata(service), service, within)
        told = _told(fleet, cell, service, outputs)
        where = k8s.core.v1.ConfigMap(f"{name}-cell", metadata=metadata(CELL), data=told, opts=within)
        deployed = deployment.deployment(
            fleet,
            cell,
            service,
            pods,
            metadata(service),
            deployment.Placing(account.metadata.name, where.metadata.name, told, priority_class),
            dict(ingress.service_account_labels),
            pulumi.ResourceOptions(parent=self, depends_on=[space, *space.policies, where]),
        )
        k8s.core.v1.Service(
            f"{name}-service",
            metadata=metadata(service),
            spec=k8s.core.v1.ServiceSpecArgs(
                type="ClusterIP",
                selector={"app.kubernetes.io/name": service},
                ports=[k8s.core.v1.ServicePortArgs(name="http", port=80, target_port=service, app_protocol="http")],
            ),
            opts=within,
        )
        k8s.autoscaling.v2.HorizontalPodAutoscaler(
            f"{name}-autoscaler",
            metadata=metadata(service),
            spec=_scaled(deployed.metadata.name, pods),
            opts=within,
        )
        k8s.policy.v1.PodDisruptionBudget(
            f"{name}-disruption",
            metadata=metadata(service),
            # One pod at a time whatever their number: a floor of one would keep the only pod of a service, and so its
            # node, for ever.
            spec=k8s.policy.v1.PodDisruptionBudgetSpecArgs(
                max_unavailable=1,
                selector=k8s.meta.v1.LabelSelectorArgs(match_labels={"app.kubernetes.io/name": service}),
                unhealthy_pod_eviction_policy="AlwaysAllow",
            ),
            opts=within,
        )
        self.namespace = space.name
        self.register_outputs({"namespace": self.namespace})

    def _may_read_where_it_runs(
        self, name: str, metadata: k8s.meta.v1.ObjectMetaArgs, service: str, opts: pulumi.ResourceOptions
    ) -> None:
        """Grant the service's account the one object that is about it; it may do nothing else in the cluster."""
        role = k8s.rbac.v1.Role(
            f"{name}-role",
            metadata=metadata,
            rules=[
                k8s.rbac.v1.PolicyRuleArgs(
                    api_groups=[""], resources=["configmaps"], resource_names=[CELL], verbs=["get", "watch"]
                )
            ],
            opts=opts,
        )
        k8s.rbac.v1.RoleBinding(
            f"{name}-binding",
            metadata=metadata,
            role_ref=k8s.rbac.v1.RoleRefArgs(
                api_group="rbac.authorization.k8s.io", kind="Role", name=role.metadata.name
            ),
            subjects=[k8s.rbac.v1.SubjectArgs(kind="ServiceAccount", name=service, namespace=name)],
            opts=opts,
        )


def _told(
    fleet: Fleet, cell: ManagedCell, service: str, outputs: Mapping[str, pulumi.Output[Any]]
) -> dict[str, pulumi.Input[str]]:
    """What a pod is told, by environment variable."""
    telemetry = fleet.settings.shared_services.get("telemetry")
    return {
        "CELL_NAME": cell.name,
        "CELL_ID": str(cell.id),
        "CELL_LOCALITY": cell.locality,
        "CELL_RESIDENCY": ",".join(fleet.locality_of(cell).residency),
        "CELL_RING": cell.ring,
        "CELL_RELEASE": fleet.release_of(cell),
        "CELL_SERVICE": service,
        "CELL_ADDRESS": fleet.address_of(cell),
        "CELL_DATABASE": outputs["database_endpoint"],
        "CELL_BUCKET": outputs["bucket"],
        **({"CELL_TELEMETRY": telemetry.host} if telemetry else {}),
    }


def _scaled(deployment: pulumi.Input[str], pods: Pods) -> k8s.autoscaling.v2.HorizontalPodAutoscalerSpecArgs:
    """Between the replicas that the class declares and the most that its machines have room for."""
    scaling = k8s.autoscaling.v2
    return scaling.HorizontalPodAutoscalerSpecArgs(
        scale_target_ref=scaling.CrossVersionObjectReferenceArgs(
            api_version="apps/v1", kind="Deployment", name=deployment
        ),
        min_replicas=pods.least,
        max_replicas=pods.most,
        metrics=[
            scaling.MetricSpecArgs(
                type="Resource",
                resource=scaling.ResourceMetricSourceArgs(
                    name="cpu",
                    target=scaling.MetricTargetArgs(type="Utilization", average_utilization=_BUSY_PERCENT),
                ),
            )
        ],
    )

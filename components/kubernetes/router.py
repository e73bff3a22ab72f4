"""The routers of a locality in one of its clusters: Envoy with the files that its table was written as.

- **What changes often restarts nothing.** The table's files are in ConfigMaps that are changed in place (the provider
  is told so); the kubelet swaps them into running pods as one, and Envoy takes them up. Only the bootstrap needs a new
  pod, and its ConfigMap a new name.
- **A pod that goes drains first.** Its probe's port has `/drain`, which tells clients to connect elsewhere and answers
  when that is over; Envoy's image has no shell that could do so.
- **Nobody is let in but by the public ports.** Probes come from the node, which no policy keeps out; nothing else
  reaches their port.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.inventory.model import Fleet, Target
from cellfleet.routing.envoy.clusters import HTTPS
from cellfleet.routing.envoy.listeners import HTTP_PORT, HTTPS_PORT
from cellfleet.routing.table import RoutingTable
from components.kubernetes import policies, router_files, router_pods
from components.kubernetes.namespace import Bounds, closed
from components.kubernetes.router_certificates import certificates
from components.kubernetes.sizes import Pods
from components.tags import locality_tags

_HTTP: Final = 80
_BUSY_PERCENT: Final = 60
"""The share of the processor time asked for at which pods are added."""


class Router(pulumi.ComponentResource):
    """A namespace with Envoy, what it is configured with, and the load balancer before it."""

    namespace: pulumi.Output[str]

    def __init__(
        self,
        fleet: Fleet,
        table: RoutingTable,
        cluster: str,
        address: str | None,
        files: Mapping[Target, Mapping[str, str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`address` is the reserved IPv4 address of this cluster's load balancer, `files` those of each target by name.

        Raises Failure where the files do not fit into ConfigMaps, or the hosts not into a certificate.
        """
        name = f"routing-{table.locality}-{cluster}"
        super().__init__("cellfleet:kubernetes:Router", name, {"locality": table.locality, "cluster": cluster}, opts)
        # What a component waits for its children do not, unless they are told.
        here = pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None)
        namespace = f"{fleet.settings.name}-routing-{table.locality}"
        labels = {**locality_tags(fleet, table.locality), **router_pods.LABELS}
        envoy: Mapping[str, str] = files.get("envoy", {})
        pods = router_pods.pods(table, envoy)
        bounds = Bounds(pods.at_worst, pods.size.times(pods.at_worst), pods.size)
        self.namespace, policies_ = closed(name, namespace, bounds, _allowed(table), labels, here)
        within = pulumi.ResourceOptions(parent=self, depends_on=policies_)

        def metadata(of: str, **annotations: str) -> k8s.meta.v1.ObjectMetaArgs:
            return k8s.meta.v1.ObjectMetaArgs(
                name=of, namespace=namespace, labels=labels, annotations=annotations or None
            )

        if synapse := files.get("synapse"):
            for part, content in router_files.parts(synapse, "synapse").items():
                k8s.core.v1.ConfigMap(f"{name}-{part}", metadata=metadata(part), data=content, opts=within)
        if envoy:
            volume, before = router_files.volume(name, metadata, envoy, table.placements, within)
            before += certificates(fleet, table, name, metadata, within)
            account = k8s.core.v1.ServiceAccount(
                f"{name}-account", metadata=metadata("router"), automount_service_account_token=False, opts=within
            )
            ready = pulumi.ResourceOptions(parent=self, depends_on=[*policies_, *before, account])
            deployed = router_pods.deployment(name, metadata("router"), labels, table.router.image, pods, volume, ready)
            self._reached(name, metadata, address, within)
            self._kept(name, metadata, deployed.metadata.name, pods, within)
        self.register_outputs({"namespace": self.namespace})

    def _reached(
        self, name: str, metadata: router_files.Metadata, address: str | None, opts: pulumi.ResourceOptions
    ) -> None:
        """The load balancer; it keeps clients' addresses, which routers log and pass on."""
        core = k8s.core.v1
        core.Service(
            f"{name}-service",
            metadata=metadata("router"),
            spec=core.ServiceSpecArgs(
                type="LoadBalancer",
                load_balancer_ip=address,
                external_traffic_policy="Local",
                selector=router_pods.LABELS,
                ports=[
                    core.ServicePortArgs(name="https", port=HTTPS, target_port=HTTPS_PORT),
                    core.ServicePortArgs(name="http", port=_HTTP, target_port=HTTP_PORT),
                ],
            ),
            opts=opts,
        )

    def _kept(
        self,
        name: str,
        metadata: router_files.Metadata,
        deployment: pulumi.Input[str],
        pods: Pods,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """As many pods as the load asks for, and never two of them taken away at a time."""
        scaling = k8s.autoscaling.v2
        target = scaling.MetricTargetArgs(type="Utilization", average_utilization=_BUSY_PERCENT)
        scaling.HorizontalPodAutoscaler(
            f"{name}-autoscaler",
            metadata=metadata("router"),
            spec=scaling.HorizontalPodAutoscalerSpecArgs(
                scale_target_ref=scaling.CrossVersionObjectReferenceArgs(
                    api_version="apps/v1", kind="Deployment", name=deployment
                ),
                min_replicas=pods.least,
                max_replicas=pods.most,
                metrics=[
                    scaling.MetricSpecArgs(
                        type="Resource", resource=scaling.ResourceMetricSourceArgs(name="cpu", target=target)
                    )
                ],
            ),
            opts=opts,
        )
        k8s.policy.v1.PodDisruptionBudget(
            f"{name}-disruption",
            metadata=metadata("router"),
            spec=k8s.policy.v1.PodDisruptionBudgetSpecArgs(
                max_unavailable=1,
                selector=k8s.meta.v1.LabelSelectorArgs(match_labels=router_pods.LABELS),
                unhealthy_pod_eviction_policy="AlwaysAllow",
            ),
            opts=opts,
        )


def _allowed(table: RoutingTable) -> tuple[policies.Allow, ...]:
    """Clients from anywhere; to cells, other localities and the directory, none of which has addresses that a policy
    could name."""
    outward = {HTTPS}
    if table.router.locator:
        directory = urlsplit(table.router.locator)
        outward.add(directory.port or (HTTPS if directory.scheme == "https" else _HTTP))
    return (
        policies.dns(),
        policies.Allow("clients", "Ingress", (HTTPS_PORT, HTTP_PORT), pods=router_pods.LABELS),
        policies.Allow("cells", "Egress", sorted(outward), pods=router_pods.LABELS),
    )

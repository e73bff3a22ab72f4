"""The network of a cell on a cluster that one already has: namespaces that deny all, and the way to its Gateway."""

from __future__ import annotations

from typing import Any, Final

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.inventory.model import Fleet, ManagedCell
from components.kubernetes import names, policies, requirements, sizes
from components.kubernetes.gateway import gateway_space
from components.kubernetes.namespace import Bounds, Namespace
from components.tags import tags

_STATUS_PORT: Final = 8000
"""Where CloudNativePG's instances tell each other and the operator how they are."""
_DATABASE_METRICS: Final = 9187
_PROXY_METRICS: Final = 19001


class Network(pulumi.ComponentResource):
    """The data and Gateway namespaces, and the cell's public address."""

    network_id: pulumi.Output[str]
    """The namespace of the cell's data."""
    ingress_address: pulumi.Output[str]
    """An IPv4 address, or a host name, as the cluster's load balancers have it."""

    def __init__(self, fleet: Fleet, cell: ManagedCell, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cellfleet:kubernetes:Network", f"{cell.name}-network", {"cidr": str(cell.cidr)}, opts)
        here = pulumi.ResourceOptions(parent=self)
        self.data = data_space(fleet, cell, names.data_namespace(cell), here)
        scraped = policies.Allow(
            "metrics", "Ingress", (_PROXY_METRICS,), (policies.pods(requirements.MONITORING_NAMESPACE),)
        )
        self.gateway = gateway_space(fleet, cell, here, scraped)
        front = k8s.core.v1.Service(
            f"{cell.name}-front",
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name="front",
                namespace=self.gateway.name,
                labels=tags(fleet, cell),
                # Its address is what is needed of it: the proxies behind it come with the workload.
                annotations={"pulumi.com/waitFor": "jsonpath={.status.loadBalancer.ingress}"},
            ),
            spec=k8s.core.v1.ServiceSpecArgs(
                type="LoadBalancer",
                external_traffic_policy="Cluster",
                selector=policies.GATEWAY_PODS,
                ports=[
                    k8s.core.v1.ServicePortArgs(name="https", port=policies.HTTPS, target_port=names.GATEWAY_PORT),
                ],
            ),
            opts=here,
        )
        self.network_id = self.data.name
        self.ingress_address = front.status.apply(_address)
        self.register_outputs({"ingress_address": self.ingress_address})


def data_space(fleet: Fleet, cell: ManagedCell, namespace: str, opts: pulumi.ResourceOptions) -> Namespace:
    """A namespace for the database: its instances reach each other, their operator, the API server and the object
    store."""
    instances, size = sizes.instances(fleet, cell), sizes.instance(fleet, cell)
    own = (policies.pods(namespace, policies.DATABASE_PODS),)
    operator = policies.pods(requirements.CLOUDNATIVE_PG_NAMESPACE)
    # One more than there are: while an instance joins, a job of its size copies the data.
    at_worst = instances + 1
    pod = sizes.Size(size.millicores + sizes.SIDECAR.millicores, size.mebibytes + sizes.SIDECAR.mebibytes)
    return Namespace(
        fleet,
        cell,
        namespace,
        Bounds(at_worst, pod.times(at_worst), size, volumes=2 * at_worst),
        (
            policies.dns(),
            policies.https(fleet, cell),
            policies.Allow("api-server", "Egress", (6443,), policies.outside(fleet, cell)),
            policies.Allow("replication-out", "Egress", (policies.POSTGRESQL, _STATUS_PORT), own),
            policies.Allow("replication-in", "Ingress", (policies.POSTGRESQL, _STATUS_PORT), (*own, operator)),
            policies.Allow("services", "Ingress", (policies.POSTGRESQL,), (policies.everything_of(cell),)),
            policies.Allow(
                "metrics", "Ingress", (_DATABASE_METRICS,), (policies.pods(requirements.MONITORING_NAMESPACE),)
            ),
        ),
        opts,
        protect=cell.guarded,
    )


def _address(status: Any) -> str:
    """The first address of a load balancer."""
    (first, *_) = status.load_balancer.ingress
    return str(first.ip or first.hostname)

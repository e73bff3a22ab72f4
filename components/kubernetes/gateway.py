"""The way into a cell: one Gateway, which ends TLS itself and lets in the routers and nobody else.

- **Mutual TLS.** The listener asks every client for a certificate that the locality's `routers.client_ca` has signed,
  and ends the handshake of any other. Where the inventory declares no `client_ca`, the ConfigMap `routers-ca` in the
  Gateway's namespace is somebody else's to provide (trust-manager, say); until it is there Envoy Gateway does not
  open the listener, so nobody gets in rather than everybody.
- **Which service.** Routers send every request of a cell to the same address, with the host that the client asked
  for. They name the service in the header `x-cellfleet-service`, which they set and never pass on from a client. A
  request without it goes to the fleet's first service, so that a router that cannot set headers still serves that
  one.
- **Where it runs.** The proxies run in the Gateway's own namespace (Envoy Gateway's GatewayNamespace mode), so that the
  namespace's policies, quota and pod security are theirs.
"""

from __future__ import annotations

from typing import Any, Final

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.inventory import headers
from cellfleet.inventory.model import Fleet, ManagedCell
from components.kubernetes import names, policies, sizes
from components.kubernetes.ingress import Ingress
from components.kubernetes.namespace import UNSIZED_MEBIBYTES, Bounds, Namespace
from components.kubernetes.operators import ENVOY_GATEWAY_NAMESPACE, XDS_PORT
from components.kubernetes.sizes import Size
from components.tags import tags

_API: Final = "gateway.networking.k8s.io/v1"
_CONTROLLER: Final = "gateway.envoyproxy.io/gatewayclass-controller"


def gateway_space(fleet: Fleet, cell: ManagedCell, opts: pulumi.ResourceOptions, *more: policies.Allow) -> Namespace:
    """The Gateway's namespace: anybody may try a handshake; the proxies reach services and their controller only."""
    proxies = sizes.gateway(fleet, cell)
    # Beside Envoy in each pod runs the container that drains it, which sizes itself.
    pod = Size(proxies.size.millicores + 10, proxies.size.mebibytes + UNSIZED_MEBIBYTES)
    ports = sorted({service.port for service in fleet.services.values()})
    return Namespace(
        fleet,
        cell,
        names.gateway_namespace(cell),
        Bounds(proxies.at_worst, pod.times(proxies.at_worst), Size(pod.millicores, max(pod.mebibytes, 256))),
        (
            policies.dns(),
            policies.Allow("routers", "Ingress", (names.GATEWAY_PORT,), pods=policies.GATEWAY_PODS),
            policies.Allow("services", "Egress", ports, (policies.everything_of(cell),), pods=policies.GATEWAY_PODS),
            policies.Allow("xds", "Egress", (XDS_PORT,), (policies.pods(ENVOY_GATEWAY_NAMESPACE),)),
            *more,
        ),
        opts,
    )


class Gateway(pulumi.ComponentResource):
    """The Gateway, its proxies, whom it lets in, and a route to each service."""

    def __init__(
        self,
        fleet: Fleet,
        cell: ManagedCell,
        ingress: Ingress,
        priority_class: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Its namespace, the services' and the server certificate's Secret are made before."""
        name = f"{cell.name}-{names.GATEWAY}"
        super().__init__("cellfleet:kubernetes:Gateway", f"{name}-api", {"cell": cell.name}, opts)
        self._labels = tags(fleet, cell)
        here = pulumi.ResourceOptions(parent=self)
        authority = self._client_authority(fleet, cell, here)
        gateway_class = k8s.apiextensions.CustomResource(
            f"{name}-class",
            api_version=_API,
            kind="GatewayClass",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=name, labels=self._labels),
            spec={"controllerName": _CONTROLLER},
            opts=here,
        )
        proxies = k8s.apiextensions.CustomResource(
            f"{name}-proxies",
            api_version="gateway.envoyproxy.io/v1alpha1",
            kind="EnvoyProxy",
            metadata=self._metadata(cell, names.GATEWAY),
            spec={"provider": {"type": "Kubernetes", "kubernetes": _proxies(fleet, cell, ingress, priority_class)}},
            opts=here,
        )
        gateway = k8s.apiextensions.CustomResource(
            name,
            api_version=_API,
            kind="Gateway",
            metadata=self._metadata(cell, names.GATEWAY),
            spec=_gateway(cell, name),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[gateway_class, proxies, *authority]),
        )
        routes = pulumi.ResourceOptions(parent=self, depends_on=[gateway])
        for position, service in enumerate(fleet.services):
            k8s.apiextensions.CustomResource(
                f"{cell.name}-{service}-route",
                api_version=_API,
                kind="HTTPRoute",
                metadata=k8s.meta.v1.ObjectMetaArgs(
                    name=service, namespace=names.service_namespace(cell, service), labels=self._labels
                ),
                spec=_route(cell, service, default=position == 0),
                opts=routes,
            )
        self.register_outputs({})

    def _metadata(self, cell: ManagedCell, name: str) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(name=name, namespace=names.gateway_namespace(cell), labels=self._labels)

    def _client_authority(self, fleet: Fleet, cell: ManagedCell, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        """Whose certificates the listener takes, where the inventory says."""
        router = fleet.routers.get(cell.locality)
        if not (router and router.client_ca):
            return []
        return [
            k8s.core.v1.ConfigMap(
                f"{cell.name}-{names.CLIENT_CA}",
                metadata=self._metadata(cell, names.CLIENT_CA),
                data={"ca.crt": router.client_ca},
                opts=opts,
            )
        ]


def _gateway(cell: ManagedCell, gateway_class: str) -> dict[str, Any]:
    """No host is named: the cell's certificate is the only one, and clients' own hosts are passed on to services."""
    return {
        "gatewayClassName": gateway_class,
        "infrastructure": {
            "parametersRef": {"group": "gateway.envoyproxy.io", "kind": "EnvoyProxy", "name": names.GATEWAY}
        },
        "listeners": [
            {
                "name": "https",
                "port": policies.HTTPS,
                "protocol": "HTTPS",
                "tls": {
                    "mode": "Terminate",
                    "certificateRefs": [{"group": "", "kind": "Secret", "name": names.SERVER_CERTIFICATE}],
                },
                "allowedRoutes": {
                    "namespaces": {
                        "from": "Selector",
                        "selector": {"matchLabels": {"cell": cell.name, "managed-by": "cellfleet"}},
                    },
                    "kinds": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute"}],
                },
            }
        ],
        "tls": {
            "frontend": {
                "default": {
                    "validation": {
                        "mode": "AllowValidOnly",
                        "caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": names.CLIENT_CA}],
                    }
                }
            }
        },
    }


def _proxies(fleet: Fleet, cell: ManagedCell, ingress: Ingress, priority_class: pulumi.Input[str]) -> dict[str, Any]:
    pods = sizes.gateway(fleet, cell)
    labels = dict(policies.GATEWAY_PODS)
    service: dict[str, Any] = {
        "type": ingress.service_type,
        # Any node takes a connection and passes it to any proxy, so that a node without one needs no special care.
        "externalTrafficPolicy": "Cluster",
        "annotations": dict(ingress.service_annotations),
    }
    if ingress.service_type == "ClusterIP":
        del service["externalTrafficPolicy"]
    if ingress.load_balancer_ip is not None:
        service["loadBalancerIP"] = ingress.load_balancer_ip
    if ingress.node_port is not None:
        ports = [{"port": policies.HTTPS, "protocol": "TCP", "nodePort": ingress.node_port}]
        service["patch"] = {"type": "StrategicMerge", "value": {"spec": {"ports": ports}}}
    return {
        "envoyService": service,
        "envoyDeployment": {
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxUnavailable": 0, "maxSurge": f"{sizes.SURGE:.0%}"},
            },
            "container": {"resources": {"requests": pods.size.requests, "limits": pods.size.limits}},
            "pod": {
                "labels": {"cell": cell.name},
                "priorityClassName": priority_class,
                "topologySpreadConstraints": [
                    {
                        "maxSkew": 1,
                        "topologyKey": "topology.kubernetes.io/zone",
                        "whenUnsatisfiable": "DoNotSchedule",
                        "labelSelector": {"matchLabels": labels},
                        "matchLabelKeys": ["pod-template-hash"],
                        "nodeTaintsPolicy": "Honor",
                    }
                ],
            },
        },
        "envoyHpa": {
            "minReplicas": pods.least,
            "maxReplicas": pods.most,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}},
                }
            ],
        },
        "envoyPDB": {"maxUnavailable": 1},
    }


def _route(cell: ManagedCell, service: str, *, default: bool) -> dict[str, Any]:
    anything = {"type": "PathPrefix", "value": "/"}
    asked_for = {"path": anything, "headers": [{"type": "Exact", "name": headers.SERVICE, "value": service}]}
    return {
        "parentRefs": [
            {
                "group": "gateway.networking.k8s.io",
                "kind": "Gateway",
                "name": names.GATEWAY,
                "namespace": names.gateway_namespace(cell),
                "sectionName": "https",
            }
        ],
        "rules": [
            {
                "matches": [asked_for, {"path": anything}] if default else [asked_for],
                "backendRefs": [{"group": "", "kind": "Service", "name": service, "port": 80, "weight": 1}],
            }
        ],
    }

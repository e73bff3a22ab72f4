"""The operators that a cell's own cluster needs: cert-manager and Envoy Gateway, from the fleet's own image host.

Charts and images are mirrored there, under the paths that their makers publish them by: `charts/cert-manager`,
`charts/gateway-helm`, `jetstack/*`, `envoyproxy/*`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet, ManagedCell
from components.kubernetes import policies
from components.kubernetes.ingress import Ingress
from components.kubernetes.namespace import Bounds, Namespace
from components.kubernetes.sizes import Size

CERT_MANAGER: Final = "v1.21.2"
ENVOY_GATEWAY: Final = "v1.9.1"
"""Brings the CRDs of Gateway API 1.6.1. `spec.tls.frontend` of a Gateway is in Gateway API's standard channel since
1.5, and this version closes a listener whose routers' CA is missing."""
CERT_MANAGER_NAMESPACE: Final = "cert-manager"
ENVOY_GATEWAY_NAMESPACE: Final = "envoy-gateway-system"
XDS_PORT: Final = 18000
"""Where the Gateway's proxies fetch their configuration."""
_ENVOY: Final = "distroless-v1.39.1"
"""The Envoy that this version of Envoy Gateway is made for."""

_WEBHOOK_PORT: Final = 10250
"""Of cert-manager's webhook; its chart's own default, which private GKE clusters let through."""
_SIZE: Final = Size(50, 256)
_PODS: Final = 12
"""Two of each of three deployments, twice while they roll."""


class Operators(pulumi.ComponentResource):
    """Envoy Gateway, and cert-manager where it is to order the cell's certificate, each in its namespace."""

    def __init__(
        self,
        fleet: Fleet,
        cell: ManagedCell,
        ingress: Ingress,
        priority_class: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Raises Failure where the fleet has no image host to take the charts from."""
        super().__init__("cellfleet:kubernetes:Operators", f"{cell.name}-operators", {"cell": cell.name}, opts)
        if not (images := fleet.settings.shared_services.get("images")):
            raise Failure(
                f"cell {cell.name} has nowhere to take cert-manager and Envoy Gateway from",
                "declare fleet.shared_services.images: the registry that mirrors their charts and images",
            )
        api = policies.Allow("api", "Egress", (policies.HTTPS,))
        if not ingress.certificate_secret_is_provided:
            self._certificate_manager(fleet, cell, images.host, ingress, priority_class)
        served = policies.Allow("xds", "Ingress", (XDS_PORT,), (policies.everything_of(cell),))
        gateways = self._namespace(fleet, cell, ENVOY_GATEWAY_NAMESPACE, (policies.dns(), api, served))
        k8s.helm.v3.Release(
            f"{cell.name}-envoy-gateway-release",
            name="envoy-gateway",
            namespace=gateways.name,
            chart=f"oci://{images.host}/charts/gateway-helm",
            version=ENVOY_GATEWAY,
            values=_envoy_gateway(images.host, priority_class),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[gateways]),
        )
        self.register_outputs({})

    def _certificate_manager(
        self, fleet: Fleet, cell: ManagedCell, host: str, ingress: Ingress, priority_class: pulumi.Input[str]
    ) -> None:
        space = self._namespace(
            fleet,
            cell,
            CERT_MANAGER_NAMESPACE,
            (
                # It looks for its proofs at the zones' own servers.
                policies.Allow("dns", "Egress", (53,), protocols=("UDP", "TCP")),
                policies.Allow("api", "Egress", (policies.HTTPS,)),
                policies.Allow("webhook", "Ingress", (_WEBHOOK_PORT,), _api_server(cell)),
            ),
        )
        k8s.helm.v3.Release(
            f"{cell.name}-cert-manager-release",
            name="cert-manager",
            namespace=space.name,
            chart=f"oci://{host}/charts/cert-manager",
            version=CERT_MANAGER,
            values=_certificate_manager(host, ingress, priority_class),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[space]),
        )

    def _namespace(
        self, fleet: Fleet, cell: ManagedCell, namespace: str, allowed: tuple[policies.Allow, ...]
    ) -> Namespace:
        return Namespace(
            fleet,
            cell,
            namespace,
            Bounds(_PODS, _SIZE.times(_PODS), Size(_SIZE.millicores, 1024)),
            allowed,
            pulumi.ResourceOptions(parent=self),
            logical_name=f"{cell.name}-{namespace}",
        )


def _api_server(cell: ManagedCell) -> tuple[policies.Peer, ...]:
    """Where an API server that asks a webhook comes from.

    On AKS it is in a subnet of the cell's own (API server VNet integration). GKE's comes out of its Konnectivity
    agents, which are pods of kube-system. https://learn.microsoft.com/azure/aks/api-server-vnet-integration and
    https://cloud.google.com/kubernetes-engine/docs/concepts/control-plane-security; neither seen on a live cluster.
    """
    return policies.network(str(cell.cidr)), policies.pods("kube-system")


def _certificate_manager(host: str, ingress: Ingress, priority_class: pulumi.Input[str]) -> Mapping[str, Any]:
    resources = {"requests": _SIZE.requests, "limits": _SIZE.limits}
    part = {"replicaCount": 2, "resources": resources, "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1}}
    return {
        "imageRegistry": host,
        "imageNamespace": "jetstack",
        "crds": {"enabled": True},
        "global": {
            "priorityClassName": priority_class,
            # Not kube-system, the default, where some clouds let nobody write.
            "leaderElection": {"namespace": CERT_MANAGER_NAMESPACE},
        },
        **part,
        "serviceAccount": {"annotations": dict(ingress.certificate_manager_annotations)},
        "podLabels": dict(ingress.certificate_manager_labels),
        "webhook": part,
        "cainjector": part,
        "startupapicheck": {"resources": resources},
    }


def _envoy_gateway(host: str, priority_class: pulumi.Input[str]) -> Mapping[str, Any]:
    return {
        "global": {
            "imageRegistry": host,
            "images": {"envoyProxy": {"image": f"{host}/envoyproxy/envoy:{_ENVOY}"}},
        },
        "deployment": {
            "replicas": 2,
            "priorityClassName": priority_class,
            "envoyGateway": {"resources": {"requests": _SIZE.requests, "limits": _SIZE.limits}},
        },
        "podDisruptionBudget": {"minAvailable": 1},
        "topologyInjector": {"enabled": False},
        # Proxies run in the namespace of their Gateway, not beside their controller: so what they may talk to, and what
        # may talk to them, is said of the cell's own namespace.
        "config": {
            "envoyGateway": {
                "provider": {
                    "type": "Kubernetes",
                    "kubernetes": {
                        "deploy": {"type": "GatewayNamespace"},
                        "shutdownManager": {"image": f"{host}/envoyproxy/gateway:{ENVOY_GATEWAY}"},
                    },
                }
            }
        },
    }

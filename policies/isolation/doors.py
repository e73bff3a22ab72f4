"""ISO-14, ingress: the only way into a cell is its Gateway, which lets in whom the locality's routers' CA has signed.

Mutual TLS ends in the Gateway. So a load balancer that ends TLS itself takes the client's certificate away, and
anything else that is reached from outside (an Ingress, another Service) is a way around the routers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cellfleet.inventory.model import ManagedCell
from cellfleet.inventory.stack import Kind
from policies.isolation import rules
from policies.isolation.argument import mapping, shown, values, violation
from policies.resource import UNKNOWN, Resource, Resources
from policies.rule import Facts, Violation

_CLIENT_CA: Final = "routers-ca"
"""The ConfigMap whose `ca.crt` signs the routers' certificates (components.kubernetes.names)."""
_PROXIES: Final = "gateway.envoyproxy.io/owning-gateway-name"
"""The label by which a Service selects the Gateway's proxies."""
_STRICT: Final = ("AllowValidOnly", None, UNKNOWN)
_REMEDY: Final = "let requests in by the Gateway alone, by certificates that routers.<locality>.client_ca has signed"
_ENDS: Final = "ends TLS before the Gateway, so that the client's certificate is lost"
_AROUND: Final = "is a way into the cell around its Gateway"
_ANYBODY: Final = "lets in clients without a certificate of the locality's routers"


def only_routers(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """Ways into a cell on which nobody asks for a router's certificate."""
    cell = facts.fleet.cells.get(resources.stack.subject)
    if not isinstance(cell, ManagedCell) or resources.stack.kind not in (Kind.CELL, Kind.WORKLOAD):
        return
    for resource in resources.every:
        for fault, measured, limit in _wrong(resource):
            yield violation(rules.ENCRYPTION, resources, resource, fault, measured, limit, _REMEDY)
    router = facts.fleet.routers.get(cell.locality)
    declared = (router.client_ca or "") if router else ""
    for resource in resources.of("kubernetes:core/v1:ConfigMap"):
        if mapping(resource.inputs.get("metadata")).get("name") == _CLIENT_CA:
            given = resource.inputs.get("data")
            held = given.get("ca.crt") if isinstance(given, Mapping) else given
            if held is not UNKNOWN and str(held or "").strip() != declared.strip():
                fault = "takes certificates of another authority than the locality's routers'"
                limit = f"routers.{cell.locality}.client_ca"
                yield violation(rules.ENCRYPTION, resources, resource, fault, "another certificate", limit, _REMEDY)


def _wrong(resource: Resource) -> Iterator[tuple[str, str, str]]:
    """What is wrong with one resource: the fault, what was seen, what is allowed."""
    match resource.type:
        case "aws:lb/listener:Listener" | "aws:alb/listener:Listener":
            yield from _passes_through(resource, "protocol", ("TCP",))
        case "aws:elb/loadBalancer:LoadBalancer":
            yield from _passes_through(resource, "listeners[].lbProtocol", ("tcp",))
        case kind if reason := ENDING.get(kind) or OTHER.get(kind):
            yield reason, "it is there", "none in a cell"
        case "kubernetes:core/v1:Service":
            yield from _service(resource)
        case "kubernetes:gateway.networking.k8s.io/v1:Gateway":
            yield from _gateway(resource)
        case "kubernetes:gateway.envoyproxy.io/v1alpha1:ClientTrafficPolicy":
            if values(resource, "spec.tls.clientValidation.optional") == [True]:
                yield _ANYBODY, "spec.tls.clientValidation.optional: true", "not optional"


ENDING: Final = dict.fromkeys(
    (
        "gcp:compute/targetHttpProxy:TargetHttpProxy",
        "gcp:compute/regionTargetHttpProxy:RegionTargetHttpProxy",
        "gcp:compute/targetHttpsProxy:TargetHttpsProxy",
        "gcp:compute/regionTargetHttpsProxy:RegionTargetHttpsProxy",
        "gcp:compute/targetSSLProxy:TargetSSLProxy",
        "azure-native:network:ApplicationGateway",
        "azure-native:cdn:AFDEndpoint",
        "aws:cloudfront/distribution:Distribution",
    ),
    _ENDS,
)
OTHER: Final = dict.fromkeys(
    (
        "kubernetes:networking.k8s.io/v1:Ingress",
        "kubernetes:gateway.networking.k8s.io/v1:TCPRoute",
        "kubernetes:gateway.networking.k8s.io/v1alpha2:TCPRoute",
        "kubernetes:gateway.networking.k8s.io/v1alpha2:UDPRoute",
        "kubernetes:route.openshift.io/v1:Route",
        "kubernetes:traefik.io/v1alpha1:IngressRoute",
        "aws:apigateway/restApi:RestApi",
        "aws:apigatewayv2/api:Api",
        "aws:apprunner/service:Service",
        "aws:globalaccelerator/accelerator:Accelerator",
        "gcp:cloudfunctionsv2/function:Function",
        "gcp:cloudrun/service:Service",
        "gcp:cloudrunv2/service:Service",
        "azure-native:apimanagement:ApiManagementService",
        "azure-native:app:ContainerApp",
        "azure-native:web:WebApp",
    ),
    _AROUND,
)


def _passes_through(resource: Resource, path: str, allowed: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for protocol in values(resource, path):
        if protocol is not UNKNOWN and protocol not in allowed:
            fault = "takes requests in the clear" if str(protocol).upper() == "HTTP" else _ENDS
            yield fault, shown(resource, path, protocol), f"{path}: {allowed[0]}"


def _service(service: Resource) -> Iterator[tuple[str, str, str]]:
    spec = service.inputs.get("spec")
    if not isinstance(spec, Mapping):
        return
    outside = spec.get("type") in ("LoadBalancer", "NodePort") or spec.get("externalIPs")
    if outside and _PROXIES not in (spec.get("selector") or {}):
        measured = "externalIPs" if spec.get("externalIPs") else f"type: {spec.get('type')}"
        yield _AROUND, measured, "type: ClusterIP, or the Gateway's own proxies behind it"


def _gateway(gateway: Resource) -> Iterator[tuple[str, str, str]]:
    for listener in values(gateway, "spec.listeners[]"):
        if isinstance(listener, Mapping):
            protocol, mode = listener.get("protocol"), mapping(listener.get("tls")).get("mode", "Terminate")
            if (protocol, mode) != ("HTTPS", "Terminate") and UNKNOWN not in (protocol, mode):
                yield _ANYBODY, f"a listener of {protocol}, {mode}", "HTTPS, Terminate"
    frontend = values(gateway, "spec.tls.frontend")[0]
    if frontend is UNKNOWN:
        return
    asked: list[Any] = [mapping(frontend).get("default")]
    asked += [mapping(one).get("tls") for one in mapping(frontend).get("perPort") or []]
    known_as: tuple[list[str], ...] = ([_CLIENT_CA], [])
    for tls in asked:
        validation = mapping(mapping(tls).get("validation"))
        names = [str(mapping(one).get("name")) for one in validation.get("caCertificateRefs") or ()]
        if not validation.get("caCertificateRefs"):
            yield _ANYBODY, "no client certificate is asked for", f"the ConfigMap {_CLIENT_CA}"
        elif validation.get("mode") not in _STRICT:
            yield _ANYBODY, f"mode: {validation.get('mode')}", "mode: AllowValidOnly"
        elif names not in known_as:
            yield _ANYBODY, f"certificates of {', '.join(names)}", f"the ConfigMap {_CLIENT_CA}"


def own_authority(facts: Facts) -> Iterator[Violation]:
    """Localities whose cells let in the routers of another one, because their authority is the same."""
    first: dict[str, str] = {}
    for locality, router in facts.fleet.routers.items():
        if router.client_ca and (other := first.setdefault(router.client_ca.strip(), locality)) != locality:
            yield Violation(
                rules.ENCRYPTION,
                ("routers", locality, "client_ca"),
                f"{locality}'s cells let in the routers of {other}, whose clients' authority is the same",
                f"the authority of {other}",
                "an authority of the locality's own",
                "sign the routers' client certificates of each locality by an authority of its own",
                concerns=(f"localities.{locality}", f"localities.{other}"),
            )

"""ISO-15, pods: what a pod may not ask for, wherever a template of one stands, in an object of any kind.

The API server refuses such pods in a namespace that enforces the restricted standard; a rule says so before, and where
an operator or a chart makes the pods.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cellfleet.inventory.stack import Kind
from policies.isolation import rules
from policies.isolation.argument import mapping, violation
from policies.resource import UNKNOWN, Resource, Resources
from policies.rule import Facts, Violation

TEMPLATES: Final = {
    "kubernetes:core/v1:Pod": ("spec",),
    "kubernetes:core/v1:PodTemplate": ("template", "spec"),
    "kubernetes:core/v1:ReplicationController": ("spec", "template", "spec"),
    "kubernetes:apps/v1:Deployment": ("spec", "template", "spec"),
    "kubernetes:apps/v1:ReplicaSet": ("spec", "template", "spec"),
    "kubernetes:apps/v1:StatefulSet": ("spec", "template", "spec"),
    "kubernetes:apps/v1:DaemonSet": ("spec", "template", "spec"),
    "kubernetes:batch/v1:Job": ("spec", "template", "spec"),
    "kubernetes:batch/v1:CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
"""Where in an object the spec of its pods is."""
_ANYWHERE: Final = ("hostNetwork", "hostPID", "hostIPC", "privileged", "allowPrivilegeEscalation", "hostProcess")
"""Switches that nothing may turn on, in whatever custom resource or chart they stand."""
_CAPABILITIES: Final = ("NET_BIND_SERVICE",)
"""Those that the restricted standard lets a container add."""
_VOLUMES: Final = frozenset(
    ("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret")
)
"""Those that the standard lets a pod have: others are the node's, or of a server that they name, such as `nfs`
(https://kubernetes.io/docs/concepts/security/pod-security-standards, 2026-11)."""
_PROFILES: Final = ("RuntimeDefault", "Localhost", UNKNOWN)

Fault = tuple[str, str]
"""What was seen, and what is allowed."""


def restricted_pods(facts: Facts, resources: Resources) -> Iterator[Violation]:  # noqa: ARG001 (a check takes both)
    """Pods that could reach their node; of every stack but `dns`, which has none."""
    if resources.stack.kind is Kind.DNS:
        return
    for resource in resources.every:
        if not resource.custom or not resource.type.startswith("kubernetes:"):
            continue
        if steps := TEMPLATES.get(resource.type):
            faults = _of_pod(_below(resource.inputs, steps))
        else:
            faults = _switched_on(resource.inputs)
        for measured, limit in faults:
            fault = "has pods that are not held to the restricted standard"
            yield violation(rules.PODS, resources, resource, fault, measured, limit, "keep to the restricted standard")


def containers(resource: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The containers of a resource's pods, with where each stands; none where it has no template of pods."""
    spec = _below(resource.inputs, TEMPLATES.get(resource.type, ("no template",)))
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(spec.get(kind) or []):
            if isinstance(container, Mapping):
                yield f"{kind}[{index}]", container


def _of_pod(spec: Mapping[str, Any]) -> Iterator[Fault]:
    for switch in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(switch) is True:
            yield f"{switch}: true", f"{switch}: false"
    for volume in map(mapping, spec.get("volumes") or []):
        for kind in sorted({key for key, value in volume.items() if value is not None} - {"name"} - _VOLUMES):
            limit = "no volume of the node's" if kind == "hostPath" else f"one of {', '.join(sorted(_VOLUMES))}"
            yield f"volume {volume.get('name')}: {kind}", limit
    pod = mapping(spec.get("securityContext"))
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for container in spec.get(kind) or []:
            if isinstance(container, Mapping):
                yield from _of_container(f"{kind} {container.get('name')}", container, pod)


def _of_container(name: str, container: Mapping[str, Any], pod: Mapping[str, Any]) -> Iterator[Fault]:
    own = mapping(container.get("securityContext"))
    capabilities = mapping(own.get("capabilities"))
    added = [one for one in capabilities.get("add") or [] if one not in _CAPABILITIES]
    if own.get("privileged") is True:
        yield f"{name}: privileged: true", "privileged: false"
    if own.get("allowPrivilegeEscalation") not in (False, UNKNOWN):
        given = own.get("allowPrivilegeEscalation", "not given")
        yield f"{name}: allowPrivilegeEscalation: {str(given).lower()}", "allowPrivilegeEscalation: false"
    if added:
        yield f"{name}: capabilities.add: {', '.join(map(str, added))}", "none but NET_BIND_SERVICE"
    if "ALL" not in (capabilities.get("drop") or []):
        yield f"{name}: capabilities.drop: {capabilities.get('drop') or 'not given'}", "drop: [ALL]"
    if own.get("runAsNonRoot", pod.get("runAsNonRoot")) not in (True, UNKNOWN):
        yield f"{name}: runAsNonRoot is not true", "runAsNonRoot: true"
    if own.get("runAsUser", pod.get("runAsUser")) == 0:
        yield f"{name}: runAsUser: 0", "a user that is not root"
    profile = mapping(own.get("seccompProfile") or pod.get("seccompProfile")).get("type")
    if profile not in _PROFILES:
        yield f"{name}: seccompProfile: {profile or 'not given'}", "RuntimeDefault or Localhost"
    for port in container.get("ports") or []:
        if isinstance(port, Mapping) and port.get("hostPort"):
            yield f"{name}: hostPort: {port['hostPort']:g}", "no port of the node's"


def _switched_on(value: Any, path: str = "") -> Iterator[Fault]:
    match value:
        case Mapping():
            for name, inner in value.items():
                where = f"{path}.{name}".removeprefix(".")
                if name in _ANYWHERE and inner is True:
                    yield f"{where}: true", f"{name}: false"
                elif name == "hostPath" and isinstance(inner, Mapping):
                    yield f"{where}: {inner.get('path')}", "no volume of the node's"
                else:
                    yield from _switched_on(inner, where)
        case list():
            for index, inner in enumerate(value):
                yield from _switched_on(inner, f"{path}[{index}]")


def _below(value: Any, steps: tuple[str, ...]) -> Mapping[str, Any]:
    for step in steps:
        value = value.get(step) if isinstance(value, Mapping) else None
    return mapping(value)

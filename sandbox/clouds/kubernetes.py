"""Kubernetes: objects of one cluster, named and replaced as the provider does.

Source: the provider's own list of fields that cannot change in place, November 2026.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from sandbox.books import Books, Made, Place
from sandbox.cloud import Cloud, Connection, Draft, Template, prefixed
from sandbox.naming import Naming
from sandbox.outputs import CREATED
from sandbox.wire import Values

_DNS_NAME: Final = r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?"
_RELEASE: Final = "kubernetes:helm.sh/v3:Release"
_CLUSTER_WIDE: Final = (
    "APIService",
    "ClusterIssuer",
    "ClusterRole",
    "ClusterRoleBinding",
    "CSIDriver",
    "CustomResourceDefinition",
    "FlowSchema",
    "GatewayClass",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "RuntimeClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeSnapshotClass",
)


def _metadata(draft: Draft) -> dict[str, Any]:
    kind = draft.token.rsplit(":", 1)[-1]
    own: dict[str, Any] = {"creationTimestamp": CREATED, "generation": 1, "resourceVersion": draft.digits[:6]}
    own["uid"] = draft.guid
    return own if kind in _CLUSTER_WIDE else {"namespace": "default", **own}


def _service_status(draft: Draft) -> dict[str, Any]:
    spec = draft.inputs.get("spec") or {}
    if isinstance(spec, Mapping) and spec.get("type") == "LoadBalancer":
        return {"loadBalancer": {"ingress": [{"ip": spec.get("loadBalancerIP") or draft.ip}]}}
    return {"loadBalancer": {}}


def _release_status(draft: Draft) -> dict[str, Any]:
    return {
        "name": draft.name,
        "namespace": draft.inputs.get("namespace") or "default",
        "revision": 1,
        "status": "deployed",
        "chart": draft.inputs.get("chart"),
        "version": draft.inputs.get("version") or "",
        "appVersion": "",
    }


_OUTPUTS: Final[Mapping[str, Mapping[str, Template]]] = {
    "kubernetes:core/v1:Service": {
        "metadata": _metadata,
        "spec": {"clusterIP": "10.96.{digits:.2}.{digits:.2}"},
        "status": _service_status,
    },
    _RELEASE: {"status": _release_status, "resourceNames": {}, "manifest": {}},
}
_COMMON: Final[Mapping[str, Template]] = {"status": {}}

_REPLACED_EVERYWHERE: Final = frozenset({"apiVersion", "kind", "metadata.name", "metadata.namespace"})
_REPLACED: Final[Mapping[str, frozenset[str]]] = {
    "kubernetes:apps/v1:DaemonSet": frozenset({"spec.selector"}),
    "kubernetes:apps/v1:Deployment": frozenset({"spec.selector"}),
    "kubernetes:apps/v1:StatefulSet": frozenset(
        {"spec.podManagementPolicy", "spec.selector", "spec.serviceName", "spec.volumeClaimTemplates"}
    ),
    "kubernetes:batch/v1:Job": frozenset({"spec.selector", "spec.template", "spec.completions", "spec.completionMode"}),
    "kubernetes:core/v1:ConfigMap": frozenset({"binaryData", "data", "immutable"}),
    "kubernetes:core/v1:PersistentVolumeClaim": frozenset(
        {"spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"}
    ),
    "kubernetes:core/v1:Pod": frozenset({"spec"}),
    "kubernetes:core/v1:Secret": frozenset({"type", "data", "stringData", "immutable"}),
    "kubernetes:core/v1:Service": frozenset({"spec.clusterIP"}),
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": frozenset({"roleRef"}),
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": frozenset({"roleRef"}),
    "kubernetes:scheduling.k8s.io/v1:PriorityClass": frozenset({"value", "preemptionPolicy"}),
    "kubernetes:storage.k8s.io/v1:StorageClass": frozenset(
        {"parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"}
    ),
    _RELEASE: frozenset({"name", "namespace"}),
}

_MUTABLE: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "kubernetes:core/v1:ConfigMap": ("enableConfigMapMutable", frozenset({"binaryData", "data"})),
    "kubernetes:core/v1:Secret": ("enableSecretMutable", frozenset({"data", "stringData"})),
}
"""The option by which the provider changes a type's content in place, and that content."""


def connect(arguments: Values) -> Connection:
    """The cluster is the one that the kubeconfig, or its context, names; several providers may reach the same."""
    config = arguments.get("kubeconfig") or ""
    context = arguments.get("context") or arguments.get("cluster")
    if not config or not isinstance(config, str):
        return Connection(str(context or "default"), "", arguments)
    return Connection(str(context or _cluster_of(config)), "", arguments)


def _cluster_of(config: str) -> str:
    """The server that a kubeconfig names; its digest where it is not JSON or names none."""
    try:
        return str(json.loads(config)["clusters"][0]["cluster"]["server"])
    except (ValueError, LookupError, TypeError):
        servers = [line.split("server:", 1)[1].strip() for line in config.splitlines() if "server:" in line]
        return servers[0] if servers else hashlib.sha256(config.encode()).hexdigest()[:16]


def place(_token: str, _inputs: Values, connection: Connection) -> Place:
    return Place(connection.account, "", connection.account)


def naming(token: str) -> Naming | None:
    """Releases are named by an argument, objects in their metadata: by DNS labels and names, RBAC's by anything."""
    if token == _RELEASE:
        return Naming("name", 53, random=8, pattern=_DNS_NAME)
    pattern = "" if ":rbac." in token else _DNS_NAME
    return Naming("metadata.name", 253, random=8, pattern=pattern)


def identify(draft: Draft) -> str:
    if draft.token == _RELEASE:
        return f"{draft.inputs.get('namespace') or 'default'}/{draft.name}"
    metadata = draft.inputs.get("metadata") or {}
    name = str(metadata.get("name") or draft.logical)
    if draft.token.rsplit(":", 1)[-1] in _CLUSTER_WIDE:
        return name
    return f"{metadata.get('namespace') or 'default'}/{name}"


def replaces(token: str, path: str) -> bool:
    return prefixed(path, _REPLACED_EVERYWHERE) or prefixed(path, _REPLACED.get(token, frozenset()))


def in_place(token: str, inputs: Values, connection: Connection) -> frozenset[str]:
    """A ConfigMap's or Secret's content, where the provider's `enableConfigMapMutable` or `enableSecretMutable` says so
    and the object does not say that it is immutable."""
    option, contents = _MUTABLE.get(token, ("", frozenset()))
    told = str(connection.settings.get(option, "")).lower() == "true"
    return contents if told and not inputs.get("immutable") else frozenset()


def keeps(_made: Made, _books: Books) -> str | None:
    return None


def outputs(token: str) -> Mapping[str, Template]:
    """Every object has metadata; a release is none."""
    return _OUTPUTS.get(token, {"metadata": _metadata})


def claim(token: str) -> str:
    """Within a cluster, a kind has a name once."""
    return f"kubernetes/{{account}}/{token}/{{id}}"


CLOUD: Final = Cloud(
    sdk="kubernetes",
    connect=connect,
    place=place,
    naming=naming,
    identify=identify,
    outputs=outputs,
    common_outputs=_COMMON,
    replaces=replaces,
    claim=claim,
    taken={},
    functions={},
    keeps=keeps,
    in_place=in_place,
)

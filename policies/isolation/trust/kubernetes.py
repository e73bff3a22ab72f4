"""Kubernetes: the subjects of role bindings, and the namespaces that a grant lets refer to its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from policies.isolation.trust.principal import Principal
from policies.isolation.values import at
from policies.resource import Resource

_EVERYBODY: Final = {
    "system:authenticated": "everybody who has a token or a certificate of the cluster",
    "system:unauthenticated": "everybody",
    "system:anonymous": "everybody",
    "system:serviceaccounts": "every pod of the cluster, whoever's it is",
}
_OF_NAMESPACE: Final = "system:serviceaccounts:"
_BINDINGS: Final = frozenset({"RoleBinding", "ClusterRoleBinding"})


def principals(resource: Resource, own: Collection[str]) -> Iterator[Principal]:  # noqa: ARG001 (each cloud's takes the same)
    """Whom an object of Kubernetes trusts."""
    kind = resource.type.rpartition(":")[2]
    if kind in _BINDINGS:
        for subject in at(resource.inputs, "subjects"):
            if isinstance(subject, Mapping):
                yield from _subject(subject)
    if kind == "ReferenceGrant":
        for namespace in at(resource.inputs, "spec.from.namespace"):
            if isinstance(namespace, str):
                yield Principal(namespace, namespace=namespace)


def _subject(subject: Mapping[str, Any]) -> Iterator[Principal]:
    name, namespace = subject.get("name"), subject.get("namespace")
    if not isinstance(name, str):
        return
    if subject.get("kind") == "ServiceAccount":
        if isinstance(namespace, str):
            yield Principal(f"{namespace}/{name}", namespace=namespace)
    elif name in _EVERYBODY:
        yield Principal(name, everybody=_EVERYBODY[name])
    elif name.startswith(_OF_NAMESPACE):
        yield Principal(name, namespace=name.removeprefix(_OF_NAMESPACE))
    else:
        yield Principal(name, subject=name)

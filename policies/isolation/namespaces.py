"""ISO-15, namespaces: each one that a stack makes denies all traffic before it allows any, and enforces the restricted
standard on its pods.

There are no exceptions by name: the operators that cells bring (cert-manager, Envoy Gateway) run restricted as well. A
registry's namespaces run no pods, and need no network policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cellfleet.inventory.stack import Kind
from policies.isolation import rules
from policies.isolation.argument import mapping, violation
from policies.resource import UNKNOWN, Resource, Resources
from policies.rule import Facts, Violation

_NAMESPACE: Final = "kubernetes:core/v1:Namespace"
_POLICY: Final = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
_LABEL: Final = "pod-security.kubernetes.io/enforce"
_WITH_PODS: Final = (Kind.CELL, Kind.WORKLOAD, Kind.ROUTING)


def closed_namespaces(facts: Facts, resources: Resources) -> Iterator[Violation]:  # noqa: ARG001 (a check takes both)
    """Namespaces that are open, or whose pods may be anything; and policies that undo the denial."""
    denied = {"Ingress": set[Any](), "Egress": set[Any]()}
    for policy in resources.of(_POLICY):
        for direction in _denies(policy):
            denied[direction].add(_where(policy))
    for namespace in resources.of(_NAMESPACE):
        metadata = mapping(namespace.inputs.get("metadata"))
        enforced = mapping(metadata.get("labels")).get(_LABEL)
        if enforced not in ("restricted", UNKNOWN) and metadata.get("labels") is not UNKNOWN:
            fault = "does not hold its pods to the restricted standard"
            measured = f"{_LABEL}: {enforced or 'not given'}"
            yield violation(rules.PODS, resources, namespace, fault, measured, f"{_LABEL}: restricted")
        if resources.stack.kind in _WITH_PODS and isinstance(name := metadata.get("name"), str):
            open_to = [direction for direction, names in denied.items() if (namespace.provider, name) not in names]
            if open_to:
                fault = "does not deny traffic by default"
                limit = "a NetworkPolicy of all pods that denies Ingress and Egress"
                measured = f"nothing denies {' and '.join(open_to)}"
                yield violation(rules.PODS, resources, namespace, fault, measured, limit)
    for policy in resources.of(_POLICY):
        for measured in _undoes(policy):
            fault = "allows all that its namespace denies by default"
            yield violation(rules.PODS, resources, policy, fault, measured, "named peers or ports")


def _where(policy: Resource) -> tuple[str, Any]:
    """Clusters tell namespaces of one name apart, and a stack may be on several."""
    return policy.provider, mapping(policy.inputs.get("metadata")).get("namespace")


def _denies(policy: Resource) -> Iterator[str]:
    """The directions in which a policy denies all pods everything."""
    spec = mapping(policy.inputs.get("spec"))
    if not _of_all_pods(spec):
        return
    # As the API server understands a policy that does not say its types.
    types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
    for direction, key in (("Ingress", "ingress"), ("Egress", "egress")):
        if direction in types and not spec.get(key):
            yield direction


def _undoes(policy: Resource) -> Iterator[str]:
    spec = mapping(policy.inputs.get("spec"))
    for key, peers in (("ingress", "from"), ("egress", "to")):
        for allowed in spec.get(key) or []:
            if isinstance(allowed, Mapping) and not allowed.get(peers) and not allowed.get("ports"):
                yield f"{key}: anybody, on any port"


def _of_all_pods(spec: Mapping[str, Any]) -> bool:
    selector = mapping(spec.get("podSelector"))
    return not selector.get("matchLabels") and not selector.get("matchExpressions")

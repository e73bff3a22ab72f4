"""ISO-15, administrators: nobody is a cluster's administrator but whoever deploys a cell's workload.

In Kubernetes no role and no binding makes one. On clouds the deploy role is one by the cloud's own grant, for it brings
operators, whose CRDs are the cluster's: that grant is its alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from cellfleet.inventory.stack import Kind
from policies.isolation import rules
from policies.isolation.argument import Expected, mapping, violation, violations
from policies.resource import UNKNOWN, Resource, Resources
from policies.rule import Facts, Violation

_RBAC: Final = "kubernetes:rbac.authorization.k8s.io/v1"
BINDINGS: Final = (f"{_RBAC}:ClusterRoleBinding", f"{_RBAC}:RoleBinding")
ROLES: Final = (f"{_RBAC}:ClusterRole", f"{_RBAC}:Role")
_ADMINISTRATORS: Final = ("system:masters", "kubeadm:cluster-admins")
_RAISING: Final = ("escalate", "bind", "impersonate")
"""Verbs by which somebody gives himself what he has not."""
_RAISED: Final = frozenset({"*", "clusterroles", "roles", "users", "groups", "serviceaccounts"})
"""Resources of which every verb is one of those too."""
_WRITING: Final = frozenset({"*", "create", "update", "patch"})
_NODES: Final = "nodes/proxy"
"""By which whoever may only read runs commands in every pod of a node
(https://kubernetes.io/docs/concepts/security/rbac-good-practices, 2026-11)."""
_REMEDY: Final = "grant the verbs and resources that are needed, by name"
TABLE: Final = (
    Expected(
        "aws:eks/cluster:Cluster",
        "accessConfig.bootstrapClusterCreatorAdminPermissions",
        (False,),
        "makes whoever creates it its administrator",
        absent=True,
    ),
    Expected(
        "gcp:container/cluster:Cluster", "enableLegacyAbac", (False,), "has grants that no role names", absent=False
    ),
    Expected(
        "azure-native:containerservice:ManagedCluster",
        "aadProfile.adminGroupObjectIDs[?]",
        ("none",),
        "makes a group its administrators",
    ),
    Expected(
        "azure-native:containerservice:ManagedCluster",
        "disableLocalAccounts",
        (True,),
        "has an administrator's certificate that nobody can revoke",
        absent=False,
    ),
)
_AKS_CLUSTER_ADMIN: Final = "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"
"""Azure Kubernetes Service RBAC Cluster Admin, which has the same id everywhere."""
_ASSOCIATION: Final = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
GRANTS: Final = (
    (_ASSOCIATION, "policyArn", "AmazonEKSClusterAdminPolicy", "principalArn"),
    ("azure-native:authorization:RoleAssignment", "roleDefinitionId", _AKS_CLUSTER_ADMIN, "principalId"),
    ("gcp:projects/iAMMember:IAMMember", "role", "roles/container.admin", "member"),
    ("gcp:projects/iAMBinding:IAMBinding", "role", "roles/container.admin", "members"),
)
"""The clouds' own grants of a cluster: type, the argument that says what, how that ends, the one that says to whom."""
DEPLOYING: Final = ("release", "deploy", "deploy-workload")
"""What follows a cell's name in the logical names of those who deploy it."""


def no_administrators(facts: Facts, resources: Resources) -> Iterator[Violation]:  # noqa: ARG001 (a check takes both)
    """Roles and bindings that make somebody a cluster's administrator."""
    yield from violations(rules.PODS, resources, TABLE)
    for resource in resources.of(*BINDINGS):
        for measured in _binds(resource):
            limit = "no cluster-admin"
            yield violation(rules.PODS, resources, resource, "makes an administrator", measured, limit, _REMEDY)
    for resource in resources.of(*ROLES):
        for measured in _grants(resource):
            fault, limit = "may do what an administrator may", "verbs and resources by name"
            yield violation(rules.PODS, resources, resource, fault, measured, limit, _REMEDY)
    if resources.stack.kind is Kind.CELL:
        for kind, what, ending, whom in GRANTS:
            for resource in resources.of(kind):
                if str(resource.inputs.get(what)).endswith(ending) and not _deploys(resources, resource, whom):
                    limit = f"{what}: only for who deploys the cell"
                    fault = "makes an administrator of the cluster"
                    yield violation(rules.PODS, resources, resource, fault, f"{what}: …{ending}", limit, _REMEDY)


def _deploys(resources: Resources, grant: Resource, whom: str) -> bool:
    """Whether a grant is to who deploys the cell, by where the principal came from."""
    sources = resources.sources(grant, whom)
    names = {f"{resources.stack.subject}-{part}" for part in DEPLOYING}
    return bool(sources) and all(source.name in names for source in sources)


def _binds(binding: Resource) -> Iterator[str]:
    role = mapping(binding.inputs.get("roleRef"))
    if role.get("name") == "cluster-admin":
        yield "roleRef: cluster-admin"
    for subject in binding.inputs.get("subjects") or []:
        if isinstance(subject, Mapping) and subject.get("name") in _ADMINISTRATORS:
            yield f"subject: {subject['name']}"


def _grants(role: Resource) -> Iterator[str]:
    allowed = role.inputs.get("rules")
    for rule in allowed if isinstance(allowed, list) else []:
        if not isinstance(rule, Mapping):
            continue
        verbs = [verb for verb in rule.get("verbs") or [] if verb is not UNKNOWN]
        named = rule.get("resources") or rule.get("nonResourceURLs") or []
        raised = [one for one in named if one in _RAISED] if "*" in verbs else []
        if raised or ("*" in named and not _WRITING.isdisjoint(verbs)):
            yield f"verbs: {json.dumps(verbs)}, resources: {json.dumps(raised or ['*'])}"
        if _NODES in named and verbs:
            yield f"resources: {_NODES}"
        for verb in verbs:
            if verb in _RAISING:
                yield f"verbs: {verb}"

"""Who may deploy a cell on a cluster that one already has: CI's identity, and only in what is the cell's.

The API server knows CI by OpenID Connect (structured authentication configuration), with the username
`<issuer>#<subject>`. On a cluster of the cell's own, its role holds everywhere; on a shared one it holds in the
namespaces that this stack makes, and the cluster's owner binds it in the services' once they are there.
"""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.stack import Kind, Stack
from cellfleet.inventory.types import Isolation
from components.kubernetes import names
from components.tags import tags

# What the two stacks of a cell make, by API group; no nodes, no webhooks, no CRDs.
_MADE = {
    "": ["configmaps", "limitranges", "namespaces", "resourcequotas", "secrets", "serviceaccounts", "services"],
    "apps": ["deployments"],
    "autoscaling": ["horizontalpodautoscalers"],
    "barmancloud.cnpg.io": ["objectstores"],
    "cert-manager.io": ["certificates", "issuers"],
    "externaldns.k8s.io": ["dnsendpoints"],
    "gateway.envoyproxy.io": ["envoyproxies"],
    "gateway.networking.k8s.io": ["gatewayclasses", "gateways", "httproutes"],
    "monitoring.coreos.com": ["podmonitors"],
    "networking.k8s.io": ["networkpolicies"],
    "objectbucket.io": ["objectbucketclaims"],
    "policy": ["poddisruptionbudgets"],
    "postgresql.cnpg.io": ["clusters", "scheduledbackups"],
    "rbac.authorization.k8s.io": ["roles", "rolebindings"],
    "scheduling.k8s.io": ["priorityclasses"],
}
_VERBS = ["get", "list", "watch", "create", "update", "patch", "delete"]
_WATCHED = {"": ["events", "pods"], "apps": ["replicasets"]}
"""What Pulumi looks at to tell whether a Deployment is there."""


class Identity(pulumi.ComponentResource):
    """The role that deploys the cell, bound to CI's identity where the fleet declares one."""

    def __init__(self, fleet: Fleet, cell: ManagedCell, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cellfleet:kubernetes:Identity", f"{cell.name}-identity", {"cell": cell.name}, opts)
        here = pulumi.ResourceOptions(parent=self)
        labels = tags(fleet, cell)
        if identity := fleet.settings.deploy_identity:
            name = f"{cell.name}-deploy"
            role = k8s.rbac.v1.ClusterRole(
                f"{name}-role",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=name, labels=labels),
                rules=[
                    *(
                        k8s.rbac.v1.PolicyRuleArgs(api_groups=[group], resources=kinds, verbs=_VERBS)
                        for group, kinds in _MADE.items()
                    ),
                    *(
                        k8s.rbac.v1.PolicyRuleArgs(api_groups=[group], resources=kinds, verbs=["get", "list", "watch"])
                        for group, kinds in _WATCHED.items()
                    ),
                ],
                opts=here,
            )
            subjects = [
                k8s.rbac.v1.SubjectArgs(
                    kind="User",
                    api_group="rbac.authorization.k8s.io",
                    name=f"{identity.issuer}#{identity.subject.replace('{stack}', Stack(kind, cell.name).name)}",
                )
                for kind in (Kind.CELL, Kind.WORKLOAD)
            ]
            to = k8s.rbac.v1.RoleRefArgs(
                api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=role.metadata.name
            )
            if cell.isolation is Isolation.HARD:
                metadata = k8s.meta.v1.ObjectMetaArgs(name=name, labels=labels)
                k8s.rbac.v1.ClusterRoleBinding(
                    f"{name}-binding", metadata=metadata, role_ref=to, subjects=subjects, opts=here
                )
            else:
                for namespace in (names.data_namespace(cell), names.gateway_namespace(cell)):
                    k8s.rbac.v1.RoleBinding(
                        f"{namespace}-deploy-binding",
                        metadata=k8s.meta.v1.ObjectMetaArgs(name="deploy", namespace=namespace, labels=labels),
                        role_ref=to,
                        subjects=subjects,
                        opts=here,
                    )
        self.register_outputs({})

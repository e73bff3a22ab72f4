"""Who may do what in a cell's project: its nodes, its services, its certificates' keeper, and CI.

The project is the cell's alone, so the accounts' ids need not name it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
import pulumi_gcp as gcp

from cellfleet.inventory.model import DeployIdentity

# What each stack's deploys make in the project.
_DEPLOY_ROLES: Final[Mapping[str, Sequence[str]]] = {
    "cell": (
        "roles/editor",
        "roles/cloudkms.admin",
        "roles/container.admin",
        "roles/iam.roleAdmin",
        "roles/iam.serviceAccountAdmin",
        "roles/iam.workloadIdentityPoolAdmin",
        "roles/resourcemanager.projectIamAdmin",
        "roles/servicenetworking.networksAdmin",
        "roles/storage.admin",
    ),
    "workload": ("roles/container.admin",),
}


class Identity(pulumi.ComponentResource):
    """The accounts of the cell's nodes, services and certificates, and those that CI deploys as."""

    nodes: gcp.serviceaccount.Account
    services: gcp.serviceaccount.Account
    certificates: gcp.serviceaccount.Account
    ready: Sequence[pulumi.Resource]
    """Grants that nodes need before they start."""

    def __init__(
        self,
        cell: str,
        *,
        project: str,
        deploy_identity: DeployIdentity | None,
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:gcp:Identity", f"{cell}-identity", None, opts)
        self._cell, self._project, self._after = cell, project, list(after)
        self.nodes = self._account("nodes", "The cell's nodes")
        self.services = self._account("services", "The product's pods")
        self.certificates = self._account("certificates", "cert-manager")
        self.ready = [self._grant(self.nodes, "nodes", "roles/container.defaultNodeServiceAccount")]
        self._grant(self.services, "services", "roles/cloudsql.client")
        self._grant(self.services, "services", "roles/cloudsql.instanceUser")
        if deploy_identity is not None:
            self._deploys(deploy_identity)
        self.register_outputs({})

    def let_in(
        self, account: gcp.serviceaccount.Account, name: str, accounts: Mapping[str, str], cluster: pulumi.Resource
    ) -> None:
        """Let Kubernetes service accounts (by namespace and name) be `account`.

        The pool that they are known in comes with the project's first cluster, so this comes after it.
        """
        for kubernetes_name, namespace in accounts.items():
            gcp.serviceaccount.IAMMember(
                f"{self._cell}-{name}-{kubernetes_name}",
                service_account_id=account.name,
                role="roles/iam.workloadIdentityUser",
                member=f"serviceAccount:{self._project}.svc.id.goog[{namespace}/{kubernetes_name}]",
                opts=pulumi.ResourceOptions(parent=self, depends_on=[cluster]),
            )

    def _deploys(self, identity: DeployIdentity) -> None:
        """One account a stack, which only the stack's own subject may be."""
        child = pulumi.ResourceOptions(parent=self, depends_on=self._after)
        subjects = {kind: identity.subject.replace("{stack}", f"{kind}-{self._cell}") for kind in _DEPLOY_ROLES}
        pool = gcp.iam.WorkloadIdentityPool(
            f"{self._cell}-deploys",
            workload_identity_pool_id=f"{self._cell}-deploys",
            display_name="Deploys",
            opts=child,
        )
        gcp.iam.WorkloadIdentityPoolProvider(
            f"{self._cell}-deploys",
            workload_identity_pool_id=pool.workload_identity_pool_id,
            workload_identity_pool_provider_id="oidc",
            oidc={
                "issuer_uri": identity.issuer,
                "allowed_audiences": [identity.audience] if identity.audience else None,
            },
            attribute_mapping={"google.subject": "assertion.sub"},
            attribute_condition=f"assertion.sub in {sorted(subjects.values())!r}",
            opts=pulumi.ResourceOptions(parent=self),
        )
        for kind, roles in _DEPLOY_ROLES.items():
            account = self._account(f"deploy-{kind}", f"Deploys of {kind}-{self._cell}")
            for role in roles:
                self._grant(account, f"deploy-{kind}", role)
            gcp.serviceaccount.IAMMember(
                f"{self._cell}-deploy-{kind}-subject",
                service_account_id=account.name,
                role="roles/iam.workloadIdentityUser",
                member=pulumi.Output.concat("principal://iam.googleapis.com/", pool.name, f"/subject/{subjects[kind]}"),
                opts=pulumi.ResourceOptions(parent=self),
            )

    def _account(self, name: str, purpose: str) -> gcp.serviceaccount.Account:
        return gcp.serviceaccount.Account(
            f"{self._cell}-{name}",
            account_id=f"cell-{name}",
            display_name=purpose,
            opts=pulumi.ResourceOptions(parent=self, depends_on=self._after),
        )

    def _grant(self, account: gcp.serviceaccount.Account, name: str, role: str) -> gcp.projects.IAMMember:
        return gcp.projects.IAMMember(
            f"{self._cell}-{name}-{role.removeprefix('roles/').replace('.', '-').lower()}",
            project=self._project,
            role=role,
            member=account.member,
            opts=pulumi.ResourceOptions(parent=self),
        )

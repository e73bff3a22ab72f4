"""Who acts for a cell on GCP: service accounts, none with a key, and whose tokens each is given for.

Their ids are the same in every cell: the project is the cell's, and an id has at most 30 characters.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import pulumi
from pulumi_gcp import iam, projects, serviceaccount

from cellfleet.inventory.model import DeployIdentity
from components.gcp.place import Place

_NODE_ROLE: Final = "roles/container.defaultNodeServiceAccount"
"""What a node needs to write its logs and metrics, and no more.
https://cloud.google.com/kubernetes-engine/docs/how-to/service-accounts, not rechecked; but this role and all
others here are in a listing of the predefined roles of 2026-06."""
_SERVICE_ROLES: Final = ("roles/cloudsql.client", "roles/cloudsql.instanceUser")
_ACTS_AS: Final = "roles/iam.workloadIdentityUser"

# What deploys of the cell's stack do in its project. Editor lacks all that gives access; each of the others has the
# part of one API. The last may give and take the cell's own roles on the project only: see _may_grant_only.
_GIVES_ROLES: Final = "roles/resourcemanager.projectIamAdmin"
_DEPLOY_ROLES: Final = (
    "roles/editor",
    "roles/cloudkms.admin",
    "roles/dns.admin",
    "roles/iam.serviceAccountAdmin",
    "roles/iam.workloadIdentityPoolAdmin",
    "roles/logging.configWriter",
    "roles/servicenetworking.networksAdmin",
    "roles/storage.admin",
    _GIVES_ROLES,
)
_RELEASE_ROLES: Final = ("roles/container.admin", "roles/publicca.externalAccountKeyCreator")
COPY_ROLES: Final = {"storagetransfer": "roles/pubsub.editor", "storage": "roles/pubsub.publisher"}
"""Of Google's agents, where a bucket is copied: changes are told by Pub/Sub."""


class Identities(pulumi.ComponentResource):
    """The accounts of the machines, of the product's pods and of the cell's certificate manager."""

    def __init__(self, name: str, *, place: Place, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cellfleet:gcp:Identities", name, {}, opts)
        self._place = place
        self.nodes = account(f"{name}-nodes", "cell-nodes", "The cell's machines", place, self)
        self.node_roles = (grant(f"{name}-nodes", _NODE_ROLE, self.nodes, place, self),)
        self.certificates = account(f"{name}-cert-manager", "cell-cert-manager", "cert-manager", place, self)
        self.services = account(f"{name}-services", "cell-services", "The product's pods", place, self)
        for role in _SERVICE_ROLES:
            grant(f"{name}-services", role, self.services, place, self)
        self.register_outputs({})

    def trust(self, cell: str, services: Sequence[str], *after: pulumi.Resource) -> None:
        """Take the tokens of the cluster's service accounts: each service's own, and the certificate manager's.

        `after` is the cluster, with which the pool of its identities comes to be.
        """
        trusted = {f"{cell}-{service}": (self.services, f"{cell}-{service}/{service}") for service in services}
        trusted[f"{cell}-cert-manager"] = (self.certificates, "cert-manager/cert-manager")
        for name, (owner, subject) in trusted.items():
            serviceaccount.IAMMember(
                f"{name}-pods",
                service_account_id=owner.name,
                role=_ACTS_AS,
                member=f"serviceAccount:{self._place.project}.svc.id.goog[{subject}]",
                opts=self._place.under(self, *after),
            )


class DeployIdentities(pulumi.ComponentResource):
    """The accounts that CI deploys as: one a stack, each for that stack's own subject only."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        trusted: DeployIdentity,
        suffix: pulumi.Output[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`suffix` differs from cell to cell and from life to life: GCP keeps a deleted pool's id for 30 days."""
        super().__init__("cellfleet:gcp:DeployIdentities", name, {}, opts)
        subjects = {stack: trusted.subject.replace("{stack}", f"{stack}-{name}") for stack in ("cell", "workload")}
        pool = iam.WorkloadIdentityPool(
            f"{name}-deploy",
            project=place.project,
            workload_identity_pool_id=suffix.apply(lambda known: f"deploy-{known}"),
            display_name="CI deploys of the cell",
            opts=place.under(self),
        )
        self.provider = iam.WorkloadIdentityPoolProvider(
            f"{name}-deploy",
            project=place.project,
            workload_identity_pool_id=pool.workload_identity_pool_id,
            workload_identity_pool_provider_id="deploy",
            attribute_mapping={"google.subject": "assertion.sub"},
            attribute_condition=f"assertion.sub in {json.dumps(list(subjects.values()))}",
            oidc=iam.WorkloadIdentityPoolProviderOidcArgs(
                issuer_uri=trusted.issuer, allowed_audiences=[trusted.audience] if trusted.audience else None
            ),
            opts=place.under(self),
        )
        self.cell = account(f"{name}-deploy", "cell-deploy", f"Deploys of cell-{name}", place, self)
        self.workload = account(f"{name}-release", "cell-release", f"Deploys of workload-{name}", place, self)
        for short, owner, roles, subject in (
            ("deploy", self.cell, _DEPLOY_ROLES, subjects["cell"]),
            ("release", self.workload, _RELEASE_ROLES, subjects["workload"]),
        ):
            serviceaccount.IAMMember(
                f"{name}-{short}-from-ci",
                service_account_id=owner.name,
                role=_ACTS_AS,
                member=pulumi.Output.concat("principal://iam.googleapis.com/", pool.name, f"/subject/{subject}"),
                opts=place.under(self),
            )
            for role in roles:
                condition = _may_grant_only() if role == _GIVES_ROLES else None
                grant(f"{name}-{short}", role, owner, place, self, condition)
        self.register_outputs({})


def account(name: str, id_: str, display_name: str, place: Place, parent: pulumi.Resource) -> serviceaccount.Account:
    """A service account, which nobody is yet."""
    return serviceaccount.Account(
        name, project=place.project, account_id=id_, display_name=display_name, opts=place.under(parent)
    )


def grant(
    name: str,
    role: str,
    owner: serviceaccount.Account | pulumi.Output[str],
    place: Place,
    parent: pulumi.Resource,
    condition: projects.IAMMemberConditionArgs | None = None,
) -> projects.IAMMember:
    """Give a role on the cell's project to a service account, or to a member of another kind."""
    short = role.rsplit("/", 1)[1].replace(".", "-").lower()
    return projects.IAMMember(
        f"{name}-{short}",
        project=place.project,
        role=role,
        member=owner if isinstance(owner, pulumi.Output) else owner.member,
        condition=condition,
        opts=place.under(parent),
    )


def _may_grant_only() -> projects.IAMMemberConditionArgs:
    """The condition under which a deploy may change who has which role on the project: the cell's own roles only.

    Among them is none that could give roles in turn, so a deploy cannot make itself an owner. A list may have 10.
    https://cloud.google.com/iam/docs/setting-limits-on-granting-roles; the number was not rechecked.
    """
    roles = [_NODE_ROLE, *_SERVICE_ROLES, *COPY_ROLES.values(), *_RELEASE_ROLES]
    attribute = "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', [])"
    listed = ", ".join(f"'{role}'" for role in roles)
    return projects.IAMMemberConditionArgs(title="the-cells-own-roles", expression=f"{attribute}.hasOnly([{listed}])")

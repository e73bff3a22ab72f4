"""Who acts for a cell on Azure: managed identities, and whose tokens each is given for. No secret exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pulumi
from pulumi_azure_native import managedidentity

from cellfleet.inventory.model import DeployIdentity
from components.azure.place import Place
from components.azure.roles import Role, grant

AUDIENCE: Final = "api://AzureADTokenExchange"
"""The audience of tokens that Entra exchanges, unless the issuer is told to write another."""


class Identities(pulumi.ComponentResource):
    """The identities of the cluster, of its machines, of the product's pods and of the cell's certificate manager."""

    def __init__(self, name: str, *, place: Place, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cellfleet:azure:Identities", name, {}, opts)
        self._place = place
        self.cluster = identity(f"{name}-cluster", place, self)
        self.machines = identity(f"{name}-machines", place, self)
        self.services = identity(f"{name}-services", place, self)
        self.certificates = identity(f"{name}-certificates", place, self)
        self.assigns_machines = grant(
            f"{name}-assigns-machines",
            Role.MANAGED_IDENTITY_OPERATOR,
            self.cluster.principal_id,
            self.machines.id,
            subscription=place.subscription,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})

    def trust(self, cell: str, services: tuple[str, ...], issuer: pulumi.Input[str]) -> None:
        """Take the tokens of the cluster's service accounts: each service's own, and the certificate manager's."""
        federate(
            self.services,
            {f"{cell}-{service}": f"system:serviceaccount:{cell}-{service}:{service}" for service in services},
            issuer,
            place=self._place,
            parent=self,
        )
        federate(
            self.certificates,
            {f"{cell}-cert-manager": "system:serviceaccount:cert-manager:cert-manager"},
            issuer,
            place=self._place,
            parent=self,
        )


class DeployIdentities(pulumi.ComponentResource):
    """The identities that CI deploys as: one a stack, each for that stack's own subject only."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        trusted: DeployIdentity,
        cluster_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:azure:DeployIdentities", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        subscription = place.subscription
        self.cell = self._trusting(f"{name}-deploy", f"cell-{name}", trusted, place)
        self.workload = self._trusting(f"{name}-deploy-workload", f"workload-{name}", trusted, place)
        whole = f"/subscriptions/{subscription}"
        for role, condition in ((Role.CONTRIBUTOR, None), (Role.USER_ACCESS_ADMINISTRATOR, _may_grant_only())):
            grant(
                f"{name}-deploy-{role.name.lower().replace('_', '-')}",
                role,
                self.cell.principal_id,
                whole,
                subscription=subscription,
                condition=condition,
                opts=child,
            )
        for role in (Role.KUBERNETES_CLUSTER_USER, Role.KUBERNETES_RBAC_CLUSTER_ADMIN):
            grant(
                f"{name}-deploy-workload-{role.name.lower().replace('_', '-')}",
                role,
                self.workload.principal_id,
                cluster_id,
                subscription=subscription,
                opts=child,
            )
        self.register_outputs({})

    def _trusting(
        self, name: str, stack: str, trusted: DeployIdentity, place: Place
    ) -> managedidentity.UserAssignedIdentity:
        made = identity(name, place, self)
        subject = trusted.subject.replace("{stack}", stack)
        federate(made, {name: subject}, trusted.issuer, place=place, parent=self, audience=trusted.audience or AUDIENCE)
        return made


def identity(name: str, place: Place, parent: pulumi.Resource) -> managedidentity.UserAssignedIdentity:
    """A user-assigned identity, which nobody is yet."""
    return managedidentity.UserAssignedIdentity(
        name,
        resource_group_name=place.group,
        location=place.region,
        tags=place.tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def ids(*identities: managedidentity.UserAssignedIdentity) -> pulumi.Output[list[str]]:
    """The ids of identities, to give them to a resource.

    One value, not a list of values: Azure answers with a mapping where it was given a list, and a preview, which takes
    what was given for the answer, could not read a list of which only the elements are unknown.
    """
    return pulumi.Output.all(*(identity.id for identity in identities)).apply(list)


def federate(
    trusting: managedidentity.UserAssignedIdentity,
    subjects: Mapping[str, str],
    issuer: pulumi.Input[str],
    *,
    place: Place,
    parent: pulumi.Resource,
    audience: str = AUDIENCE,
) -> None:
    """Take tokens of these subjects for the identity; `subjects` has a logical name for each.

    One after another: Azure refuses two changes of one identity's credentials at a time.
    """
    after: list[pulumi.Resource] = []
    for name, subject in subjects.items():
        credential = managedidentity.FederatedIdentityCredential(
            name,
            resource_group_name=place.group,
            resource_name_=trusting.name,
            issuer=issuer,
            subject=subject,
            audiences=[audience],
            opts=pulumi.ResourceOptions(parent=parent, depends_on=after),
        )
        after = [credential]


def _may_grant_only() -> str:
    """The condition under which a deploy may give and take roles: a cell's own roles, and to managed identities only.

    Among them is none that could give roles in turn, so a deploy cannot make itself an owner.
    """
    roles = ", ".join(role.value for role in Role if role not in (Role.CONTRIBUTOR, Role.USER_ACCESS_ADMINISTRATOR))
    assignment = "Microsoft.Authorization/roleAssignments"
    return " AND ".join(
        f"((!(ActionMatches{{'{assignment}/{action}'}})) OR "
        f"({source}[{assignment}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{roles}}} AND "
        f"{source}[{assignment}:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {{'ServicePrincipal'}}))"
        for action, source in (("write", "@Request"), ("delete", "@Resource"))
    )

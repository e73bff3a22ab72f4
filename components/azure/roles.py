"""The built-in roles that a cell's principals are given, and how one is given."""

from __future__ import annotations

from enum import StrEnum

import pulumi
from pulumi_azure_native import authorization


class Role(StrEnum):
    """Azure's built-in roles by the ids of their definitions, which are the same in every tenant.

    https://learn.microsoft.com/azure/role-based-access-control/built-in-roles. Compared in 2026-11: the first three
    with Microsoft's own list of 2026-04, the others with templates and older lists that name them.
    """

    CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
    READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
    USER_ACCESS_ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
    MANAGED_IDENTITY_OPERATOR = "f1a07417-d97a-45cb-824c-7a7467783830"
    NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
    DNS_ZONE_CONTRIBUTOR = "befefa01-2a29-4197-83a8-272ff33ce314"
    KEY_VAULT_CONTRIBUTOR = "f25e0fa2-a7c8-4377-a976-54943a77a395"
    KEY_VAULT_CRYPTO_USER = "12338af0-0e69-4776-bea7-57ae8d297424"
    KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
    STORAGE_BLOB_DATA_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
    STORAGE_BLOB_DATA_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
    APP_CONFIGURATION_DATA_READER = "516239f1-63e1-4d78-a4de-a74fb236a071"
    KUBERNETES_CLUSTER_USER = "4abbcc35-e782-43d8-92c5-2d3f1bd2253f"
    KUBERNETES_RBAC_CLUSTER_ADMIN = "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"


def grant(
    name: str,
    role: Role,
    principal_id: pulumi.Input[str],
    scope: pulumi.Input[str],
    *,
    subscription: str,
    opts: pulumi.ResourceOptions,
    condition: str | None = None,
) -> authorization.RoleAssignment:
    """Give a managed identity a role in a scope; the provider names the assignment by a random GUID, as Azure asks.

    The principal's type is told because an identity that was made a second ago is not found everywhere yet, and Azure
    looks it up only where the type is left open.
    """
    return authorization.RoleAssignment(
        name,
        principal_id=principal_id,
        principal_type=authorization.PrincipalType.SERVICE_PRINCIPAL,
        role_definition_id=f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}",
        scope=scope,
        condition=condition,
        condition_version="2.0" if condition else None,
        opts=opts,
    )

"""A cell's keys on Azure: a vault that no public network reaches, a key for each class of data, and who may use them.

Purge protection is on in every state, not only for guarded cells: disks, storage accounts and PostgreSQL refuse a key
from a vault that could be purged, and it cannot be turned on later for what is encrypted already. So what a destroy
leaves is a soft-deleted vault, which costs nothing, holds no data and goes by itself after 90 days.
"""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_azure_native import keyvault, managedidentity

from components.azure.grants import until_granted
from components.azure.place import Place, once_made, squeezed
from components.azure.roles import Role, grant

_LONGEST_VAULT_NAME: Final = 24
_RETENTION_DAYS: Final = 90
"""Cannot be changed once a vault is made, so it is the same in every state."""
_ROTATED_AFTER: Final = "P365D"
_OPERATIONS: Final = {
    "data": (keyvault.JsonWebKeyOperation.WRAP_KEY, keyvault.JsonWebKeyOperation.UNWRAP_KEY),
    "secrets": (keyvault.JsonWebKeyOperation.ENCRYPT, keyvault.JsonWebKeyOperation.DECRYPT),
    "logs": (keyvault.JsonWebKeyOperation.WRAP_KEY, keyvault.JsonWebKeyOperation.UNWRAP_KEY),
}


class Keys(pulumi.ComponentResource):
    """The vault, its keys and the identity that Azure's storage services use them by."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        classes: tuple[str, ...] = ("data", "secrets", "logs"),
        anywhere: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`anywhere`: whoever has a role may use the keys from any network, not only Microsoft's trusted services."""
        super().__init__("cellfleet:azure:Keys", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        stateful = pulumi.ResourceOptions(parent=self, protect=place.guarded)
        self.identity = managedidentity.UserAssignedIdentity(
            f"{name}-encryption",
            resource_group_name=place.group,
            location=place.region,
            tags=place.tags,
            opts=child,
        )
        self.tenant_id = self.identity.tenant_id
        self.vault = keyvault.Vault(
            squeezed(name, "kv", _LONGEST_VAULT_NAME),
            resource_group_name=place.group,
            location=place.region,
            properties=keyvault.VaultPropertiesArgs(
                tenant_id=self.tenant_id,
                sku=keyvault.SkuArgs(family=keyvault.SkuFamily.A, name=keyvault.SkuName.STANDARD),
                enable_rbac_authorization=True,
                enable_soft_delete=True,
                soft_delete_retention_in_days=_RETENTION_DAYS,
                enable_purge_protection=True,
                enabled_for_deployment=False,
                enabled_for_disk_encryption=False,
                enabled_for_template_deployment=False,
                public_network_access="Enabled" if anywhere else "Disabled",
                network_acls=keyvault.NetworkRuleSetArgs(
                    # Storage, disks and PostgreSQL come from Microsoft's networks, not from the cell's.
                    bypass=keyvault.NetworkRuleBypassOptions.AZURE_SERVICES,
                    default_action=keyvault.NetworkRuleAction.ALLOW if anywhere else keyvault.NetworkRuleAction.DENY,
                    ip_rules=[],
                    virtual_network_rules=[],
                ),
            ),
            tags=place.tags,
            opts=stateful,
        )
        self.vault_uri = once_made(self.vault, self.vault.properties).apply(lambda properties: properties.vault_uri)
        self.keys = {
            class_: keyvault.Key(
                f"{name}-{class_}",
                resource_group_name=place.group,
                vault_name=self.vault.name,
                properties=keyvault.KeyPropertiesArgs(
                    kty=keyvault.JsonWebKeyType.RSA,
                    key_size=3072,
                    key_ops=list(_OPERATIONS[class_]),
                    # Versions do not expire: what an old one has encrypted stays readable.
                    rotation_policy=keyvault.RotationPolicyArgs(
                        lifetime_actions=[
                            keyvault.LifetimeActionArgs(
                                action=keyvault.ActionArgs(type=keyvault.KeyRotationPolicyActionType.ROTATE),
                                trigger=keyvault.TriggerArgs(time_after_create=_ROTATED_AFTER),
                            )
                        ]
                    ),
                ),
                tags=place.tags,
                opts=stateful,
            )
            for class_ in classes
        }
        self.grants = [
            grant(
                f"{name}-encryption-{class_}",
                Role.KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER,
                self.identity.principal_id,
                key.id,
                subscription=place.subscription,
                opts=child,
            )
            for class_, key in self.keys.items()
            if class_ != "secrets"
        ]
        self._until_granted = until_granted(f"{name}-keys")
        self.register_outputs({})

    def user(self, parent: pulumi.Resource, *, protect: bool = False) -> pulumi.ResourceOptions:
        """The options of a resource that uses a key: made once the grants are, and again until they are in force."""
        return pulumi.ResourceOptions(parent=parent, protect=protect, depends_on=self.grants, hooks=self._until_granted)

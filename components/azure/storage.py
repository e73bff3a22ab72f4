"""A cell's bucket on Azure: a storage account that only the cell's own network and Entra's tokens open."""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_azure_native import storage

from components.azure.endpoints import PrivateZone, endpoint
from components.azure.identity import ids
from components.azure.keys import Keys
from components.azure.place import Place, once_made, squeezed

_LONGEST_ACCOUNT_NAME: Final = 24
_LOG_DAYS: Final = 400
_COOL_AFTER_DAYS: Final = 90
CONTAINER: Final = "data"


class Bucket(pulumi.ComponentResource):
    """The account, its `data` container with versions of each object, and, encrypted by a key of its own, `logs`."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        keys: Keys,
        sku: storage.SkuName,
        retention_days: int,
        anywhere: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Objects can be had back for `retention_days` after they were deleted or overwritten. `anywhere`: Entra's
        tokens open it from any network."""
        super().__init__("cellfleet:azure:Bucket", name, {}, opts)
        stateful = pulumi.ResourceOptions(parent=self, protect=place.guarded)
        encrypted = storage.EncryptionServiceArgs(enabled=True, key_type=storage.KeyType.ACCOUNT)
        self.account = storage.StorageAccount(
            squeezed(name, "st", _LONGEST_ACCOUNT_NAME),
            resource_group_name=place.group,
            location=place.region,
            kind=storage.Kind.STORAGE_V2,
            sku=storage.SkuArgs(name=sku),
            access_tier=storage.AccessTier.HOT,
            identity=storage.IdentityArgs(
                type=storage.IdentityType.USER_ASSIGNED, user_assigned_identities=ids(keys.identity)
            ),
            encryption=storage.EncryptionArgs(
                key_source=storage.KeySource.MICROSOFT_KEYVAULT,
                # No version: the account takes up the key's next one by itself.
                key_vault_properties=storage.KeyVaultPropertiesArgs(
                    key_name=keys.keys["data"].name, key_vault_uri=keys.vault_uri
                ),
                encryption_identity=storage.EncryptionIdentityArgs(encryption_user_assigned_identity=keys.identity.id),
                require_infrastructure_encryption=True,
                services=storage.EncryptionServicesArgs(blob=encrypted, file=encrypted),
            ),
            enable_https_traffic_only=True,
            minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
            allow_blob_public_access=False,
            allow_shared_key_access=False,
            default_to_o_auth_authentication=True,
            allow_cross_tenant_replication=False,
            is_local_user_enabled=False,
            is_sftp_enabled=False,
            public_network_access=storage.PublicNetworkAccess.ENABLED
            if anywhere
            else storage.PublicNetworkAccess.DISABLED,
            network_rule_set=storage.NetworkRuleSetArgs(
                default_action=storage.DefaultAction.ALLOW if anywhere else storage.DefaultAction.DENY,
                bypass=storage.Bypass.NONE,
                ip_rules=[],
                virtual_network_rules=[],
            ),
            tags=place.tags,
            opts=keys.user(self, protect=place.guarded),
        )
        self.id = self.account.id
        soft_delete = storage.DeleteRetentionPolicyArgs(enabled=True, days=retention_days)
        self._blobs = storage.BlobServiceProperties(
            f"{name}-blobs",
            resource_group_name=place.group,
            account_name=self.account.name,
            blob_services_name="default",
            is_versioning_enabled=True,
            change_feed=storage.ChangeFeedArgs(enabled=True, retention_in_days=retention_days),
            delete_retention_policy=soft_delete,
            container_delete_retention_policy=soft_delete,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.container = storage.BlobContainer(
            f"{name}-data",
            resource_group_name=place.group,
            account_name=self.account.name,
            container_name=CONTAINER,
            public_access=storage.PublicAccess.NONE,
            opts=pulumi.ResourceOptions.merge(stateful, pulumi.ResourceOptions(depends_on=[self._blobs])),
        )
        if "logs" in keys.keys:
            scope = storage.EncryptionScope(
                f"{name}-logs",
                resource_group_name=place.group,
                account_name=self.account.name,
                encryption_scope_name="logs",
                source=storage.EncryptionScopeSource.MICROSOFT_KEY_VAULT,
                key_vault_properties=storage.EncryptionScopeKeyVaultPropertiesArgs(key_uri=keys.keys["logs"].key_uri),
                opts=keys.user(self),
            )
            storage.BlobContainer(
                f"{name}-logs",
                resource_group_name=place.group,
                account_name=self.account.name,
                container_name="logs",
                default_encryption_scope=scope.name,
                deny_encryption_scope_override=True,
                public_access=storage.PublicAccess.NONE,
                opts=pulumi.ResourceOptions.merge(stateful, pulumi.ResourceOptions(depends_on=[self._blobs])),
            )
        storage.ManagementPolicy(
            f"{name}-lifecycle",
            resource_group_name=place.group,
            account_name=self.account.name,
            management_policy_name="default",
            policy=storage.ManagementPolicySchemaArgs(
                rules=[
                    _rule("old-versions", versions_days=retention_days),
                    _rule("cool", prefix=f"{CONTAINER}/", cool_after_days=_COOL_AFTER_DAYS),
                    _rule("old-logs", prefix="logs/", delete_after_days=_LOG_DAYS),
                ]
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._blobs]),
        )
        self.url = pulumi.Output.concat("https://", self.account.name, f".blob.core.windows.net/{CONTAINER}")
        self._group = place.group
        self.register_outputs({})

    def reachable_from(self, name: str, subnet_id: pulumi.Input[str], zone: PrivateZone, place: Place) -> None:
        """Give the account an address in a subnet of the cell's."""
        endpoint(name, self.id, "blob", place=place, subnet_id=subnet_id, zone=zone, parent=self)

    def copied_to(self, name: str, other: Bucket, *, other_provider: pulumi.ProviderResource) -> None:
        """Copy each object, those that are there already among them, to another account's container as it is written.

        The receiving account names the copying first, under the name `default`; the giving one then takes up that id.
        """
        received = storage.ObjectReplicationPolicy(
            f"{name}-received",
            resource_group_name=other._group,
            account_name=other.account.name,
            object_replication_policy_id="default",
            source_account=self.id,
            destination_account=other.id,
            rules=[
                storage.ObjectReplicationPolicyRuleArgs(
                    source_container=self.container.name,
                    destination_container=other.container.name,
                    filters=storage.ObjectReplicationPolicyFilterArgs(min_creation_time="1601-01-01T00:00:00Z"),
                )
            ],
            opts=pulumi.ResourceOptions(parent=other, provider=other_provider, depends_on=[self._blobs, other._blobs]),
        )
        storage.ObjectReplicationPolicy(
            f"{name}-given",
            resource_group_name=self._group,
            account_name=self.account.name,
            object_replication_policy_id=received.policy_id,
            source_account=self.id,
            destination_account=other.id,
            rules=[
                storage.ObjectReplicationPolicyRuleArgs(
                    rule_id=once_made(received, received.rules).apply(
                        lambda rules: rules[0].rule_id if rules else None
                    ),
                    source_container=self.container.name,
                    destination_container=other.container.name,
                    filters=storage.ObjectReplicationPolicyFilterArgs(min_creation_time="1601-01-01T00:00:00Z"),
                )
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )


def _rule(
    name: str,
    *,
    prefix: str | None = None,
    versions_days: int | None = None,
    cool_after_days: int | None = None,
    delete_after_days: int | None = None,
) -> storage.ManagementPolicyRuleArgs:
    current = storage.ManagementPolicyBaseBlobArgs(
        tier_to_cool=storage.DateAfterModificationArgs(days_after_modification_greater_than=cool_after_days)
        if cool_after_days
        else None,
        delete=storage.DateAfterModificationArgs(days_after_modification_greater_than=delete_after_days)
        if delete_after_days
        else None,
    )
    return storage.ManagementPolicyRuleArgs(
        name=name,
        type=storage.RuleType.LIFECYCLE,
        enabled=True,
        definition=storage.ManagementPolicyDefinitionArgs(
            filters=storage.ManagementPolicyFilterArgs(
                blob_types=["blockBlob"], prefix_match=[prefix] if prefix else None
            ),
            actions=storage.ManagementPolicyActionArgs(
                base_blob=current if cool_after_days or delete_after_days else None,
                version=storage.ManagementPolicyVersionArgs(
                    delete=storage.DateAfterCreationArgs(days_after_creation_greater_than=versions_days)
                )
                if versions_days
                else None,
            ),
        ),
    )

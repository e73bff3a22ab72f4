"""A cell's PostgreSQL on Azure: a flexible server in the cell's own network, encrypted by the cell's own key.

Only Entra's tokens open it: there is no password, so none is in any state. Azure keeps geo-redundant backups in the
paired region and nowhere else; where a cell's backups go elsewhere, a replica stands there instead (see `elsewhere`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
from pulumi_azure_native import dbforpostgresql as postgresql
from pulumi_azure_native import managedidentity

from cellfleet.inventory import model
from components.azure import sizes
from components.azure.endpoints import PrivateZone
from components.azure.keys import Keys
from components.azure.place import Place

VERSION: Final = postgresql.PostgresMajorVersion.POSTGRES_MAJOR_VERSION_17
PORT: Final = 5432
_LEAST_RETENTION_DAYS: Final = 7
"""https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-compute, 2026-01: 7 to 35."""
_SETTINGS: Final = {"require_secure_transport": "on", "ssl_min_protocol_version": "TLSv1.2", "log_checkpoints": "on"}
# After a failover the server and its standby have changed places, which is no reason to move them back.
_MOVED_BY_FAILOVER: Final = ["availabilityZone", "highAvailability.standbyAvailabilityZone"]


class Database(pulumi.ComponentResource):
    """The writer with its standby in another zone, and the class's readers."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        readers_place: Place,
        size: model.Database,
        zones: Sequence[str],
        subnet_id: pulumi.Input[str],
        private_zone: PrivateZone,
        keys: Keys,
        backup_keys: Keys | None,
        retention_days: int,
        administrator: managedidentity.UserAssignedIdentity,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`backup_keys` are those of the paired region; None: backups stay in the cell's own region, in all its zones.

        Readers hold nothing of their own and come and go with the class, so they are in a group that is not locked.
        """
        super().__init__("cellfleet:azure:Database", name, {}, opts)
        self.size = size
        identities = [keys.identity.id, *([backup_keys.identity.id] if backup_keys else [])]
        self.server = postgresql.Server(
            f"{name}-database",
            resource_group_name=place.group,
            location=place.region,
            create_mode=postgresql.CreateMode.CREATE,
            version=VERSION,
            sku=_sku(size),
            storage=_storage(size),
            availability_zone=zones[0],
            high_availability=postgresql.HighAvailabilityArgs(
                mode=postgresql.PostgreSqlFlexibleServerHighAvailabilityMode.ZONE_REDUNDANT
                if len(zones) > 1
                else postgresql.PostgreSqlFlexibleServerHighAvailabilityMode.SAME_ZONE,
                standby_availability_zone=zones[1 % len(zones)],
            ),
            network=_network(subnet_id, private_zone),
            auth_config=postgresql.AuthConfigArgs(
                active_directory_auth=postgresql.MicrosoftEntraAuth.ENABLED,
                password_auth=postgresql.PasswordBasedAuth.DISABLED,
                tenant_id=keys.tenant_id,
            ),
            identity=_identity(identities),
            data_encryption=postgresql.DataEncryptionArgs(
                type=postgresql.DataEncryptionType.AZURE_KEY_VAULT,
                # Without a version: the server takes up the key's next one by itself.
                primary_key_uri=keys.keys["data"].key_uri,
                primary_user_assigned_identity_id=keys.identity.id,
                geo_backup_key_uri=backup_keys.keys["data"].key_uri if backup_keys else None,
                geo_backup_user_assigned_identity_id=backup_keys.identity.id if backup_keys else None,
            ),
            backup=postgresql.BackupArgs(
                backup_retention_days=max(retention_days, _LEAST_RETENTION_DAYS),
                geo_redundant_backup=postgresql.GeographicallyRedundantBackup.ENABLED
                if backup_keys
                else postgresql.GeographicallyRedundantBackup.DISABLED,
            ),
            maintenance_window=postgresql.MaintenanceWindowArgs(
                custom_window="Enabled", day_of_week=0, start_hour=3, start_minute=0
            ),
            tags=place.tags,
            opts=pulumi.ResourceOptions.merge(
                keys.user(self, protect=place.guarded),
                pulumi.ResourceOptions(
                    depends_on=[*private_zone.links, *(backup_keys.grants if backup_keys else [])],
                    ignore_changes=_MOVED_BY_FAILOVER,
                ),
            ),
        )
        # One after another: a server refuses a change while it makes another.
        self.last: pulumi.Resource = postgresql.AdministratorsMicrosoftEntra(
            f"{name}-database-services",
            resource_group_name=place.group,
            server_name=self.server.name,
            object_id=administrator.principal_id,
            principal_name=administrator.name,
            principal_type=postgresql.PrincipalType.SERVICE_PRINCIPAL,
            tenant_id=administrator.tenant_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        for setting, value in _SETTINGS.items():
            self.last = postgresql.Configuration(
                f"{name}-database-{setting.replace('_', '-')}",
                resource_group_name=place.group,
                server_name=self.server.name,
                configuration_name=setting,
                value=value,
                source="user-override",
                opts=pulumi.ResourceOptions(parent=self, depends_on=[self.last]),
            )
        for number in range(1, size.replicas + 1):
            self.last = replica(
                f"{name}-reader-{number}",
                place=readers_place,
                of=self,
                zone=zones[number % len(zones)],
                subnet_id=subnet_id,
                private_zone=private_zone,
                keys=keys,
                parent=self,
            )
        self.endpoint = pulumi.Output.concat(self.server.fully_qualified_domain_name, f":{PORT}")
        self.register_outputs({})


def replica(
    name: str,
    *,
    place: Place,
    of: Database,
    zone: str | None,
    subnet_id: pulumi.Input[str],
    private_zone: PrivateZone,
    keys: Keys,
    parent: pulumi.Resource,
    protect: bool = False,
) -> postgresql.Server:
    """A reader of the same size, in this or another region, made once the writer's last change is."""
    return postgresql.Server(
        name,
        resource_group_name=place.group,
        location=place.region,
        create_mode=postgresql.CreateMode.REPLICA,
        source_server_resource_id=of.server.id,
        sku=_sku(of.size),
        storage=_storage(of.size),
        availability_zone=zone,
        network=_network(subnet_id, private_zone),
        identity=_identity([keys.identity.id]),
        data_encryption=postgresql.DataEncryptionArgs(
            type=postgresql.DataEncryptionType.AZURE_KEY_VAULT,
            primary_key_uri=keys.keys["data"].key_uri,
            primary_user_assigned_identity_id=keys.identity.id,
        ),
        tags=place.tags,
        opts=pulumi.ResourceOptions.merge(
            keys.user(parent, protect=protect),
            pulumi.ResourceOptions(depends_on=[of.last, *private_zone.links], ignore_changes=["availabilityZone"]),
        ),
    )


def _sku(size: model.Database) -> postgresql.SkuArgs:
    return postgresql.SkuArgs(
        name=sizes.database(size.vcpus, size.memory_gib), tier=postgresql.SkuTier.MEMORY_OPTIMIZED
    )


def _storage(size: model.Database) -> postgresql.StorageArgs:
    """Not growing by itself: what is declared stays true, and the fleet's capacity rules see a cell fill."""
    return postgresql.StorageArgs(
        storage_size_gb=sizes.storage(size.storage_gib), auto_grow=postgresql.StorageAutoGrow.DISABLED
    )


def _network(subnet_id: pulumi.Input[str], private_zone: PrivateZone) -> postgresql.NetworkArgs:
    return postgresql.NetworkArgs(
        delegated_subnet_resource_id=subnet_id,
        private_dns_zone_arm_resource_id=private_zone.id,
        public_network_access=postgresql.ServerPublicNetworkAccessState.DISABLED,
    )


def _identity(ids: Sequence[pulumi.Output[str]]) -> postgresql.UserAssignedIdentityArgs:
    return postgresql.UserAssignedIdentityArgs(
        type=postgresql.IdentityType.USER_ASSIGNED,
        user_assigned_identities=pulumi.Output.all(*ids).apply(
            lambda known: {id_: postgresql.UserIdentityArgs() for id_ in known}
        ),
    )

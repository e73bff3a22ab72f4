"""A cell's PostgreSQL on GCP: Cloud SQL in Google's network next to the cell's, encrypted by the cell's own key.

Only IAM's tokens open it: there is no password, so none is in any state. Backups are kept in the cell's backup region;
Cloud SQL encrypts them with the instance's key, which is in the cell's own region: what survives that region's loss
is the standby (`replication`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
from pulumi_gcp import serviceaccount, sql

from cellfleet.inventory import model
from components.gcp import sizes
from components.gcp.keys import Keys
from components.gcp.network import Network
from components.gcp.place import Place

VERSION: Final = "POSTGRES_17"
PORT: Final = 5432
_NAME: Final = "cell"
"""The database that services share; an instance's own, `postgres`, is for administration."""
_FLAGS: Final = {"cloudsql.iam_authentication": "on", "log_checkpoints": "on", "log_lock_waits": "on"}


class Database(pulumi.ComponentResource):
    """The writer with its standby in another zone, the class's readers, and the product's pods as its user."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        size: model.Database,
        zones: Sequence[str],
        network: Network,
        keys: Keys,
        backup: model.Backup,
        user: serviceaccount.Account,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Raises Failure where Cloud SQL has nothing of the size."""
        super().__init__("cellfleet:gcp:Database", name, {}, opts)
        self.size = size
        self.instance = sql.DatabaseInstance(
            f"{name}-database",
            project=place.project,
            region=place.region,
            database_version=VERSION,
            encryption_key_name=keys.keys["data"].id,
            deletion_protection=place.guarded,
            settings=settings(
                place,
                size,
                network,
                availability_type="REGIONAL" if len(zones) > 1 else "ZONAL",
                zones=zones[:2],
                backup=sql.DatabaseInstanceSettingsBackupConfigurationArgs(
                    enabled=True,
                    location=backup.region,
                    start_time="02:00",
                    point_in_time_recovery_enabled=True,
                    transaction_log_retention_days=backup.retention_days,
                    backup_retention_settings=sql.DatabaseInstanceSettingsBackupConfigurationBackupRetentionSettingsArgs(
                        retained_backups=backup.retention_days, retention_unit="COUNT"
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions.merge(
                place.under(self, network.managed_services, *keys.grants, holds_state=True),
                # After a failover writer and standby have changed zones, which is no reason to move them back.
                pulumi.ResourceOptions(ignore_changes=["settings.locationPreference"]),
            ),
        )
        sql.Database(
            f"{name}-database",
            name=_NAME,
            project=place.project,
            instance=self.instance.name,
            # Goes with its instance.
            deletion_policy="ABANDON",
            opts=place.under(self, holds_state=True),
        )
        sql.User(
            f"{name}-database-services",
            project=place.project,
            instance=self.instance.name,
            # PostgreSQL's names have at most 63 characters, so IAM's leave this out.
            name=user.email.apply(lambda known: known.removesuffix(".gserviceaccount.com")),
            type="CLOUD_IAM_SERVICE_ACCOUNT",
            # A user of IAM's has no right in any database until somebody gives it; this one's migrations make tables.
            database_roles=["cloudsqlsuperuser"],
            # One that owns tables cannot be dropped; it goes with its instance.
            deletion_policy="ABANDON",
            opts=place.under(self),
        )
        for number in range(1, size.replicas + 1):
            replica(
                f"{name}-reader-{number}",
                place=place,
                of=self,
                zones=[zones[number % len(zones)]],
                network=network,
                keys=keys,
                parent=self,
            )
        self.endpoint = self.instance.private_ip_address.apply(lambda known: f"{known}:{PORT}")
        self.register_outputs({})


def replica(
    name: str,
    *,
    place: Place,
    of: Database,
    zones: Sequence[str],
    network: Network,
    keys: Keys,
    parent: pulumi.Resource,
    holds_state: bool = False,
) -> sql.DatabaseInstance:
    """A reader of the same size, in this or another region."""
    return sql.DatabaseInstance(
        name,
        project=place.project,
        region=place.region,
        database_version=VERSION,
        instance_type="READ_REPLICA_INSTANCE",
        master_instance_name=of.instance.name,
        encryption_key_name=keys.keys["data"].id,
        deletion_protection=place.guarded and holds_state,
        settings=settings(place, of.size, network, availability_type="ZONAL", zones=zones, protect=holds_state),
        opts=place.under(parent, network.managed_services, *keys.grants, holds_state=holds_state),
    )


def settings(
    place: Place,
    size: model.Database,
    network: Network,
    *,
    availability_type: str,
    zones: Sequence[str],
    backup: sql.DatabaseInstanceSettingsBackupConfigurationArgs | None = None,
    protect: bool = True,
) -> sql.DatabaseInstanceSettingsArgs:
    """Of the writer and of readers alike. `zones`: the instance's and, after it, its standby's; none: Google's choice.

    The disk does not grow by itself: what is declared stays true, and the fleet's capacity rules see a cell fill.
    """
    return sql.DatabaseInstanceSettingsArgs(
        tier=sizes.database(size.vcpus, size.memory_gib),
        edition=sizes.SQL_EDITION,
        availability_type=availability_type,
        location_preference=sql.DatabaseInstanceSettingsLocationPreferenceArgs(
            zone=zones[0], secondary_zone=zones[1] if len(zones) > 1 else None
        )
        if zones
        else None,
        disk_type="PD_SSD",
        disk_size=sizes.storage(size.storage_gib),
        disk_autoresize=False,
        ip_configuration=sql.DatabaseInstanceSettingsIpConfigurationArgs(
            ipv4_enabled=False,
            private_network=network.network.id,
            allocated_ip_range=network.leased_range,
            enable_private_path_for_google_cloud_services=False,
            ssl_mode="ENCRYPTED_ONLY",
        ),
        backup_configuration=backup,
        database_flags=[
            sql.DatabaseInstanceSettingsDatabaseFlagArgs(name=name, value=value) for name, value in _FLAGS.items()
        ],
        insights_config=sql.DatabaseInstanceSettingsInsightsConfigArgs(
            query_insights_enabled=True, record_application_tags=True, record_client_address=False
        ),
        maintenance_window=sql.DatabaseInstanceSettingsMaintenanceWindowArgs(day=7, hour=3, update_track="stable"),
        deletion_protection_enabled=place.guarded and protect,
        retain_backups_on_delete=place.guarded and protect,
        user_labels=dict(place.labels),
    )

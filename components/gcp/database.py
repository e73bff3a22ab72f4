"""A cell's PostgreSQL: Cloud SQL, private, in two zones, encrypted with the cell's key, entered by identity.

There is no password: services sign in as the cell's own service account, which IAM lets in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
import pulumi_gcp as gcp

from cellfleet.inventory.model import Database as DatabaseSize
from components.gcp.network import POSTGRESQL
from components.gcp.sizes import database_tier

_VERSION: Final = "POSTGRES_17"
_DATABASE: Final = "product"
_MOST_LOG_DAYS: Final = 35
"""Days of transaction logs that the Enterprise Plus edition keeps at most (Cloud SQL documentation, November 2026)."""

_SIGN_IN: Final = [{"name": "cloudsql.iam_authentication", "value": "on"}]


class Database(pulumi.ComponentResource):
    """The writer, its readers in the cell's region, and where a standby is declared, the one elsewhere."""

    writer: gcp.sql.DatabaseInstance
    endpoint: pulumi.Output[str]

    def __init__(
        self,
        cell: str,
        *,
        region: str,
        zones: Sequence[str],
        size: DatabaseSize,
        network: pulumi.Input[str],
        backup_region: str,
        retention_days: int,
        key: pulumi.Input[str],
        client: pulumi.Input[str],
        guarded: bool,
        labels: Mapping[str, str],
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`client` is the email of the service account that services sign in as."""
        super().__init__("cellfleet:gcp:Database", f"{cell}-database", {"replicas": size.replicas}, opts)
        self._network, self._guarded, self._labels, self._size = network, guarded, labels, size
        elsewhere = zones[1] if len(zones) > 1 else None
        self.writer = gcp.sql.DatabaseInstance(
            f"{cell}-database",
            database_version=_VERSION,
            region=region,
            encryption_key_name=key,
            deletion_protection=guarded,
            settings=self._settings(
                availability_type="REGIONAL" if elsewhere else "ZONAL",
                location_preference={"zone": zones[0], "secondary_zone": elsewhere},
                backup_configuration={
                    "enabled": True,
                    "location": backup_region,
                    "start_time": "02:00",
                    "point_in_time_recovery_enabled": True,
                    "transaction_log_retention_days": min(retention_days, _MOST_LOG_DAYS),
                    "backup_retention_settings": {"retained_backups": retention_days, "retention_unit": "COUNT"},
                },
                maintenance_window={"day": 7, "hour": 3, "update_track": "stable"},
                retain_backups_on_delete=guarded,
            ),
            opts=pulumi.ResourceOptions(parent=self, protect=guarded, depends_on=list(after)),
        )
        child = pulumi.ResourceOptions(parent=self)
        gcp.sql.Database(
            f"{cell}-product", instance=self.writer.name, name=_DATABASE, deletion_policy="ABANDON", opts=child
        )
        gcp.sql.User(
            f"{cell}-services",
            instance=self.writer.name,
            type="CLOUD_IAM_SERVICE_ACCOUNT",
            # PostgreSQL's names are too short for the whole of it
            name=pulumi.Output.from_input(client).apply(lambda email: email.removesuffix(".gserviceaccount.com")),
            deletion_policy="ABANDON",
            opts=child,
        )
        for number in range(1, size.replicas + 1):
            self.replica(f"{cell}-reader-{number}", region=region, key=key, zone=zones[number % len(zones)], opts=child)
        self.endpoint = pulumi.Output.concat(self.writer.private_ip_address, f":{POSTGRESQL}")
        self.register_outputs({})

    def replica(
        self,
        name: str,
        *,
        region: str,
        key: pulumi.Input[str],
        zone: str | None = None,
        opts: pulumi.ResourceOptions,
    ) -> gcp.sql.DatabaseInstance:
        """A reader of the writer; one in another region can be promoted."""
        return gcp.sql.DatabaseInstance(
            name,
            database_version=_VERSION,
            region=region,
            encryption_key_name=key,
            instance_type="READ_REPLICA_INSTANCE",
            master_instance_name=self.writer.name,
            replica_configuration={"failover_target": False},
            deletion_protection=self._guarded,
            settings=self._settings(availability_type="ZONAL", location_preference={"zone": zone} if zone else None),
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=self._guarded)),
        )

    def _settings(self, **particular: object) -> gcp.sql.DatabaseInstanceSettingsArgs:
        return gcp.sql.DatabaseInstanceSettingsArgs(
            tier=database_tier(self._size),
            edition="ENTERPRISE_PLUS",
            disk_type="PD_SSD",
            disk_size=self._size.storage_gib,
            disk_autoresize=True,
            deletion_protection_enabled=self._guarded,
            database_flags=[gcp.sql.DatabaseInstanceSettingsDatabaseFlagArgs(**flag) for flag in _SIGN_IN],
            ip_configuration={
                "ipv4_enabled": False,
                "private_network": self._network,
                "ssl_mode": "ENCRYPTED_ONLY",
                "server_ca_mode": "GOOGLE_MANAGED_CAS_CA",
            },
            insights_config={"query_insights_enabled": True, "record_application_tags": False},
            user_labels=self._labels,
            **particular,  # type: ignore[arg-type]
        )

"""What holds a cell's state on Azure: keys, database, bucket, and their copies elsewhere."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from cellfleet.failure import Failure
from cellfleet.inventory.azure_pairs import pair
from cellfleet.inventory.model import ManagedCell
from components.azure import sizes
from components.azure.elsewhere import Copy, copies, home_sku
from components.azure.grants import not_yet_granted
from tests.components.azure.recorded import CELL, as_declared, recorded
from tests.fleets import fleet

OWN = "33333333-3333-4333-8333-333333333333"
OTHER = "44444444-4444-4444-8444-444444444444"
REPLICATION = {"region": "westus3", "rpo_minutes": 5, "rto_minutes": 60}
STANDBY = {f"cells.{CELL}.replication": REPLICATION}


def cell(changes: dict[str, Any]) -> ManagedCell:
    (found,) = (
        one for one in fleet({f"cells.{CELL}.{k}": v for k, v in changes.items()}).managed() if one.name == CELL
    )
    return found


@pytest.mark.parametrize("changes", [{}, STANDBY])
def test_no_public_network_reaches_a_vault_a_bucket_or_a_database(changes: dict[str, Any]) -> None:
    made = recorded(changes)
    for vault in made.of("keyvault:Vault"):
        properties = vault.inputs["properties"]
        assert properties["publicNetworkAccess"] == "Disabled"
        assert properties["networkAcls"]["defaultAction"] == "Deny"
        assert properties["enableRbacAuthorization"] is True
        assert properties["enablePurgeProtection"] is True
    for account in made.of("storage:StorageAccount"):
        assert account.inputs["publicNetworkAccess"] == "Disabled"
        assert account.inputs["networkRuleSet"]["defaultAction"] == "Deny"
        assert account.inputs["allowBlobPublicAccess"] is False
        assert account.inputs["allowSharedKeyAccess"] is False
        assert account.inputs["enableHttpsTrafficOnly"] is True
        assert account.inputs["minimumTlsVersion"] == "TLS1_2"
    assert {container.inputs["publicAccess"] for container in made.of("storage:BlobContainer")} == {"None"}
    for server in made.of("dbforpostgresql:Server"):
        assert server.inputs["network"]["publicNetworkAccess"] == "Disabled"


@pytest.mark.parametrize("changes", [{}, STANDBY])
def test_what_a_key_encrypts_is_made_after_the_grant_of_that_key(changes: dict[str, Any]) -> None:
    made = recorded(changes)
    granted = {r.urn for r in made.of("authorization:RoleAssignment") if r.name.endswith("-encryption-data")}
    assert len(granted) == len(made.of("keyvault:Vault"))
    for kind in ("compute:DiskEncryptionSet", "storage:StorageAccount", "dbforpostgresql:Server"):
        for resource in made.of(kind):
            assert granted & set(resource.dependencies), resource.urn


@pytest.mark.parametrize(
    ("errors", "again"),
    [
        (["KeyVaultAccessForbidden: wrapKey is not allowed"], True),
        (["The managed identity does not have permission on the key"], True),
        (["AuthorizationFailed: the client has no authorization for Microsoft.KeyVault/vaults/write"], False),
        (["SubscriptionFeature: 'Microsoft.Compute/EncryptionAtHost' feature is not enabled"], True),
        (["SkuNotAvailable: no capacity"], False),
        (["SkuNotAvailable", "KeyVaultAccessForbidden"], False),
        (["KeyVaultAccessForbidden"] * 21, False),
        ([], False),
    ],
)
def test_a_grant_that_is_not_in_force_yet_is_waited_for_and_nothing_else(errors: list[str], again: bool) -> None:
    assert not_yet_granted(errors) is again


def test_each_class_of_data_has_a_key_that_renews_itself() -> None:
    keys = {key.name: key.inputs["properties"] for key in as_declared().of("keyvault:Key")}
    assert {name for name in keys if "centralus" not in name} == {f"{CELL}-{c}" for c in ("data", "secrets", "logs")}
    for properties in keys.values():
        (rotation,) = properties["rotationPolicy"]["lifetimeActions"]
        assert rotation == {"action": {"type": "rotate"}, "trigger": {"timeAfterCreate": "P365D"}}
        assert "attributes" not in properties["rotationPolicy"], "an expired version could not be read with"


def test_the_database_is_opened_by_tokens_alone() -> None:
    server = as_declared().one("dbforpostgresql:Server", "-database").inputs
    assert server["authConfig"]["passwordAuth"] == "Disabled"
    assert server["authConfig"]["activeDirectoryAuth"] == "Enabled"
    assert "administratorLoginPassword" not in server
    settings = {
        s.inputs["configurationName"]: s.inputs["value"] for s in as_declared().of("dbforpostgresql:Configuration")
    }
    assert settings["require_secure_transport"] == "on"


def test_the_class_and_the_cell_decide_the_database() -> None:
    made = recorded(
        {f"cells.{CELL}.class": "large", f"cells.{CELL}.backup": {"region": "centralus", "retention_days": 3}}
    )
    writer = made.one("dbforpostgresql:Server", "-database").inputs
    assert writer["sku"] == {"name": "Standard_E16ds_v5", "tier": "MemoryOptimized"}
    assert writer["storage"]["storageSizeGB"] == 4096
    assert writer["backup"] == {"backupRetentionDays": 7, "geoRedundantBackup": "Enabled"}
    assert writer["highAvailability"] == {"mode": "ZoneRedundant", "standbyAvailabilityZone": "2"}
    readers = [s.inputs for s in made.of("dbforpostgresql:Server") if "-reader-" in s.name]
    assert [(r["createMode"], r["availabilityZone"], r["sku"]) for r in readers] == [
        ("Replica", "2", writer["sku"]), ("Replica", "3", writer["sku"]),
    ]  # fmt: skip


def test_a_servers_parts_are_changed_one_after_another() -> None:
    """As they are registered, each waits for the one before it: a server refuses a change while it makes another."""
    parts = [r for r in as_declared().custom() if r.type.startswith("azure-native:dbforpostgresql:")]
    assert len(parts) == 6
    behind = {part.urn: set(part.dependencies) for part in parts}
    order = sorted(parts, key=lambda part: len(_before(part.urn, behind)))
    for before, part in pairwise(order):
        assert before.urn in part.dependencies


def _before(urn: str, behind: dict[str, set[str]]) -> set[str]:
    direct = behind[urn] & behind.keys()
    return direct.union(*(_before(on, behind) for on in direct))


@pytest.mark.parametrize(("gib", "size"), [(1, 32), (500, 512), (2049, 4096), (32767, 32767)])
def test_a_disk_is_of_the_next_size_that_azure_has(gib: int, size: int) -> None:
    assert sizes.storage(gib) == size


def test_a_disk_that_azure_has_not_is_refused_in_a_sentence() -> None:
    with pytest.raises(Failure, match="holds 32768 GiB; the largest has 32767"):
        sizes.storage(32768)


def test_deleted_objects_can_be_had_back_for_the_cells_retention() -> None:
    blobs = as_declared().one("storage:BlobServiceProperties").inputs
    assert blobs["isVersioningEnabled"] is True
    assert blobs["changeFeed"] == {"enabled": True, "retentionInDays": 35}
    assert blobs["deleteRetentionPolicy"] == {"enabled": True, "days": 35}
    assert blobs["containerDeleteRetentionPolicy"] == {"enabled": True, "days": 35}


@pytest.mark.parametrize(
    ("changes", "where", "sku"),
    [
        ({}, (Copy(OWN, "centralus", backups=True),), "Standard_RAGZRS"),
        ({"zones": ["1"]}, (Copy(OWN, "centralus", backups=True),), "Standard_RAGRS"),
        ({"backup": {"region": "westus3"}}, (Copy(OWN, "westus3", database=True, bucket=True),), "Standard_ZRS"),
        (
            {"replication": REPLICATION},
            (Copy(OWN, "centralus", backups=True), Copy(OWN, "westus3", database=True, bucket=True)),
            "Standard_RAGZRS",
        ),
        (
            {"replication": {**REPLICATION, "region": "centralus"}},
            (Copy(OWN, "centralus", backups=True, database=True, bucket=True),),
            "Standard_RAGZRS",
        ),
        ({"backup": {"region": "eastus2", "account": OTHER}}, (Copy(OTHER, "eastus2", bucket=True),), "Standard_ZRS"),
        (
            {"backup": {"region": "centralus", "account": OTHER}},
            (Copy(OWN, "centralus", backups=True), Copy(OTHER, "centralus", bucket=True)),
            "Standard_ZRS",
        ),
    ],
    ids=["paired", "one zone", "unpaired", "standby", "standby in the pair", "another account", "pair and account"],
)
def test_backups_go_where_they_are_declared_to_and_nowhere_else(
    changes: dict[str, Any], where: tuple[Copy, ...], sku: str
) -> None:
    assert copies(cell(changes)) == where
    assert home_sku(cell(changes)) == sku


def test_pairs_are_two_regions_and_mostly_mutual() -> None:
    assert pair("eastus2") == "centralus"
    assert pair("germanywestcentral") == "germanynorth"
    assert pair("polandcentral") is None


def test_geo_redundant_backups_are_encrypted_by_a_key_of_their_region() -> None:
    made = as_declared()
    server = made.one("dbforpostgresql:Server", "-database")
    keys = {urn.rsplit("::", 1)[1] for urn in server.property_dependencies["dataEncryption"] if ":Key::" in urn}
    assert keys == {f"{CELL}-data", f"{CELL}-centralus-data"}


def test_backups_that_cannot_go_there_by_themselves_are_a_live_copy() -> None:
    made = recorded({f"cells.{CELL}.backup": {"region": "westus3"}})
    assert made.one("dbforpostgresql:Server", f"{CELL}-database").inputs["backup"]["geoRedundantBackup"] == "Disabled"
    standby = made.one("dbforpostgresql:Server", "-westus3-database").inputs
    assert (standby["location"], standby["createMode"]) == ("westus3", "Replica")
    given = made.one("storage:ObjectReplicationPolicy", "-given")
    received = made.one("storage:ObjectReplicationPolicy", "-received")
    assert received.inputs["objectReplicationPolicyId"] == "default"
    assert received.urn in given.property_dependencies["objectReplicationPolicyId"]


def test_a_copy_elsewhere_has_a_provider_pinned_to_that_place() -> None:
    made = recorded({f"cells.{CELL}.backup": {"region": "eastus2", "account": OTHER}})
    pinned = {
        resource.urn: (resource.inputs["subscriptionId"], resource.inputs["location"])
        for resource in made.custom()
        if resource.type == "pulumi:providers:azure-native"
    }
    assert sorted(pinned.values()) == sorted([(OWN, "eastus2"), (OTHER, "eastus2")])
    for resource in made.custom():
        if "Elsewhere" in resource.urn and resource.urn not in pinned:
            assert pinned[resource.provider.rsplit("::", 1)[0]] == (OTHER, "eastus2"), resource.urn


@pytest.mark.parametrize("state", ["active", "retired"])
def test_a_standby_is_guarded_like_the_cell(state: str) -> None:
    made = recorded({**STANDBY, f"cells.{CELL}.state": state})
    assert made.one("dbforpostgresql:Server", "-westus3-database").protect is (state == "active")
    locks = {lock.name for lock in made.of("authorization:ManagementLockAtResourceGroupLevel")}
    assert (f"{CELL}-westus3-lock" in locks) is (state == "active")

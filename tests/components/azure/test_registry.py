"""A registry's copy on Azure."""

from __future__ import annotations

import json

from components.azure.roles import Role
from tests.components.registries import registry

AZURE = registry("azure-native")


def test_the_store_takes_tokens_only_and_its_values_are_written_as_who_deploys() -> None:
    store = AZURE.one("appconfiguration:ConfigurationStore").inputs
    assert store["sku"] == {"name": "Standard"}, "the least that takes a key of one's own"
    assert store["disableLocalAuth"]
    assert store["dataPlaneProxy"] == {"authenticationMode": "Pass-through"}
    assert store["enablePurgeProtection"]
    assert "keyVaultProperties" in store["encryption"]
    assert store["identity"]["type"] == "UserAssigned"


def test_there_is_a_value_for_the_head_and_one_for_each_cell_of_the_fleet() -> None:
    values = {each.inputs["keyValueName"]: each.inputs["value"] for each in AZURE.of("appconfiguration:KeyValue")}
    assert sorted(values) == [
        *(f"cell.{name}" for name in ("de-gcp-1", "de-gcp-2", "us-aws-1", "us-azure-1", "us-gcp-1", "us-k8s-1")),
        "head",
    ]
    assert json.loads(values["head"])["generation"] == 1


def test_no_blob_is_ever_changed_for_the_provider_would_delete_it_first() -> None:
    blobs = AZURE.of("storage:Blob")
    assert blobs
    assert all(each.inputs["blobName"].endswith(".json.gz") for each in blobs), "names of contents; the head is none"


def test_the_account_takes_tokens_only() -> None:
    account = AZURE.one("storage:StorageAccount").inputs
    assert account["allowSharedKeyAccess"] is False
    assert account["allowBlobPublicAccess"] is False
    assert account["publicNetworkAccess"] == "Enabled"
    assert account["encryption"]["keySource"] == "Microsoft.Keyvault"


def test_the_reader_reads_both_and_nobody_acts_as_it_yet() -> None:
    given = {each.inputs["roleDefinitionId"].rpartition("/")[2] for each in AZURE.of("authorization:RoleAssignment")}
    assert given == {
        Role.STORAGE_BLOB_DATA_READER,
        Role.APP_CONFIGURATION_DATA_READER,
        Role.KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER,
    }
    assert not AZURE.of("managedidentity:FederatedIdentityCredential")


def test_no_lock_keeps_the_records_of_cells_that_are_no_more() -> None:
    assert not AZURE.of("authorization:ManagementLockAtResourceGroupLevel")

"""What a cell on GCP keeps: its database, its bucket, their copies, and the sizes that its class gives them."""

from __future__ import annotations

from typing import Any

import pytest

from components.gcp import sizes
from tests.components.gcp.recorded import CELL, as_declared, recorded
from tests.components.recorded import values

SQL = "sql/databaseInstance:DatabaseInstance"
BUCKET = "storage/bucket:Bucket"
JOB = "storage/transferJob:TransferJob"
STANDBY = {f"cells.{CELL}.replication": {"region": "us-west1", "rpo_minutes": 5, "rto_minutes": 60}}


def test_the_database_survives_a_zone_and_can_be_had_back_from_any_minute() -> None:
    writer = as_declared().one(SQL, "-database").inputs["settings"]
    assert (writer["tier"], writer["edition"]) == ("db-perf-optimized-N-4", "ENTERPRISE_PLUS")
    assert writer["availabilityType"] == "REGIONAL"
    assert writer["locationPreference"] == {"zone": "us-central1-a", "secondaryZone": "us-central1-b"}
    assert (writer["diskSize"], writer["diskAutoresize"]) == (500, False)
    kept = writer["backupConfiguration"]
    assert (kept["enabled"], kept["pointInTimeRecoveryEnabled"], kept["location"]) == (True, True, "us-east4")
    assert (kept["transactionLogRetentionDays"], kept["backupRetentionSettings"]["retainedBackups"]) == (35, 35)


def test_nobody_opens_the_database_unencrypted_or_by_a_password() -> None:
    made = as_declared()
    for instance in made.of(SQL):
        assert instance.inputs["settings"]["ipConfiguration"]["sslMode"] == "ENCRYPTED_ONLY"
        flags = {flag["name"]: flag["value"] for flag in instance.inputs["settings"]["databaseFlags"]}
        assert flags["cloudsql.iam_authentication"] == "on"
    (user,) = made.of("sql/user:User")
    assert user.inputs["type"] == "CLOUD_IAM_SERVICE_ACCOUNT"


def test_each_reader_of_the_class_is_in_another_zone_than_the_one_before() -> None:
    made = recorded({f"cells.{CELL}.class": "large"})
    readers = [r for r in made.of(SQL) if "-reader-" in r.name]
    assert [r.inputs["settings"]["locationPreference"]["zone"] for r in readers] == ["us-central1-b", "us-central1-c"]
    assert {r.inputs["settings"]["tier"] for r in readers} == {"db-perf-optimized-N-16"}
    assert all(r.inputs["instanceType"] == "READ_REPLICA_INSTANCE" for r in readers)


def test_a_standby_is_a_reader_under_the_key_of_its_own_region() -> None:
    made = recorded(STANDBY)
    standby = made.one(SQL, "-us-west1-database")
    assert standby.inputs["region"] == "us-west1"
    assert standby.protect
    assert [urn.rsplit("::", 1)[1] for urn in standby.property_dependencies["encryptionKeyName"]] == [
        f"{CELL}-us-west1-data"
    ]
    grants = [r for r in made.of("kms/cryptoKeyIAMMember:CryptoKeyIAMMember") if "us-west1" in r.name]
    assert all(r.urn in standby.dependencies for r in grants)


@pytest.mark.parametrize(
    ("changes", "jobs"),
    [
        ({}, ["us-east4"]),
        (STANDBY, ["us-east4", "us-west1"]),
        ({f"cells.{CELL}.replication": {"region": "us-east4", "rpo_minutes": 5, "rto_minutes": 60}}, ["us-east4"]),
    ],
    ids=["backup", "backup and standby", "both in one place"],
)
def test_the_bucket_is_copied_to_each_other_place_once(changes: dict[str, Any], jobs: list[str]) -> None:
    made = recorded(changes)
    assert [r.name for r in made.of(JOB)] == [f"{CELL}-to-{where}" for where in jobs]
    assert [r.inputs["location"] for r in made.of(BUCKET)] == ["us-central1", *jobs]
    for job in made.of(JOB):
        assert job.inputs["name"] == "", "a name that Pulumi makes up is none that the API takes"
        granted = [
            r for r in made.of("storage/bucketIAMMember:BucketIAMMember") if r.name.startswith(f"{CELL}-bucket-read")
        ]
        assert len(granted) == 2
        assert all(r.urn in job.dependencies for r in granted), "or the job could not start"


def test_a_backup_in_another_account_is_made_with_that_accounts_apis_keys_and_agents() -> None:
    made = recorded({f"cells.{CELL}.backup": {"region": "us-central1", "account": "acme-us-backups"}})
    name = f"{CELL}-us-central1-backup"
    theirs = [r for r in made.custom() if r.name.startswith(name) and not r.type.startswith("pulumi:")]
    projects = {p for r in theirs for p in values(dict(r.inputs), lambda key: key == "project")}
    assert projects == {"acme-us-backups"}
    assert {r.provider.split("::")[3] for r in theirs} == {f"{name}-gcp"}
    assert made.one("kms/keyRing:KeyRing", "-backup-keys").inputs["project"] == "acme-us-backups"
    (job,) = made.of(JOB)
    assert job.inputs["project"] == "acme-us-gcp-1"
    assert made.one(SQL, "-database").inputs["settings"]["backupConfiguration"]["location"] == "us-central1"


def test_a_bucket_is_private_encrypted_and_keeps_what_was_overwritten() -> None:
    for bucket in as_declared().of(BUCKET):
        told = bucket.inputs
        assert (told["uniformBucketLevelAccess"], told["publicAccessPrevention"]) == (True, "enforced")
        assert told["versioning"] == {"enabled": True}
        assert "defaultKmsKeyName" in told["encryption"]
        forgotten = [rule for rule in told["lifecycleRules"] if rule["action"]["type"] == "Delete"]
        assert [rule["condition"] for rule in forgotten] == [{"daysSinceNoncurrentTime": 35, "withState": "ARCHIVED"}]


def test_the_cluster_encrypts_its_secrets_disks_and_traffic() -> None:
    made = as_declared()
    cluster = made.one("container/cluster:Cluster")
    assert cluster.inputs["databaseEncryption"]["state"] == "ENCRYPTED"
    assert [urn.rsplit("::", 1)[1] for urn in cluster.property_dependencies["databaseEncryption"]] == [
        f"{CELL}-secrets"
    ]
    assert cluster.inputs["inTransitEncryptionConfig"] == "IN_TRANSIT_ENCRYPTION_INTER_NODE_TRANSPARENT"
    assert cluster.inputs["datapathProvider"] == "ADVANCED_DATAPATH"
    assert cluster.inputs["workloadIdentityConfig"] == {"workloadPool": "acme-us-gcp-1.svc.id.goog"}
    assert cluster.inputs["removeDefaultNodePool"] is True
    assert "nodeConfig" in cluster.ignore_changes
    pool = made.one("container/nodePool:NodePool").inputs["nodeConfig"]
    assert "bootDiskKmsKey" in pool
    assert pool["shieldedInstanceConfig"] == {"enableSecureBoot": True, "enableIntegrityMonitoring": True}
    assert pool["workloadMetadataConfig"] == {"mode": "GKE_METADATA"}


@pytest.mark.parametrize(
    ("nodes", "zones", "each"),
    [(3, ["us-central1-a", "us-central1-b", "us-central1-c"], 1), (4, ["us-central1-a", "us-central1-b"], 2),
     (4, ["us-central1-a", "us-central1-b", "us-central1-c"], 2)],
)  # fmt: skip
def test_a_cell_has_at_least_the_machines_of_its_class(nodes: int, zones: list[str], each: int) -> None:
    made = recorded({"classes.small.nodes.count": nodes, f"cells.{CELL}.zones": zones})
    pool = made.one("container/nodePool:NodePool").inputs
    assert (pool["nodeCount"], pool["nodeLocations"]) == (each, zones)
    assert pool["nodeConfig"]["machineType"] == "n2-standard-4"


@pytest.mark.parametrize(
    ("vcpus", "memory", "node", "tier"),
    [(1, 1, 2, 2), (4, 16, 4, 4), (4, 17, 8, 4), (5, 33, 16, 8), (48, 384, 96, 48), (64, 512, 128, 64)],
)
def test_the_smallest_size_that_is_large_enough_is_taken(vcpus: int, memory: int, node: int, tier: int) -> None:
    assert sizes.node(vcpus, memory) == f"n2-standard-{node}"
    assert sizes.database(vcpus, memory) == f"db-perf-optimized-N-{tier}"
    assert sizes.database(128, 864) == "db-perf-optimized-N-128"
    assert sizes.storage(5) == 10

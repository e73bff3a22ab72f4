"""A registry's copy on GCP."""

from __future__ import annotations

import json

from policies.resource import UNKNOWN
from tests.components.registries import registry

GCP = registry("gcp")


def test_the_database_is_recoverable_encrypted_and_protected() -> None:
    database = GCP.one("firestore/database:Database")
    assert database.inputs["locationId"] == "us-central1"
    assert database.inputs["cmekConfig"]["kmsKeyName"] is UNKNOWN
    assert database.inputs["pointInTimeRecoveryEnablement"] == "POINT_IN_TIME_RECOVERY_ENABLED"
    assert database.inputs["deleteProtectionState"] == "DELETE_PROTECTION_ENABLED"
    assert database.inputs["deletionPolicy"] == "DELETE", "the provider's default leaves it behind"
    grants = {each.urn for each in GCP.of("kms/cryptoKeyIAMMember:CryptoKeyIAMMember")}
    assert grants <= {*database.dependencies}, "it is made once its agent may use the key"
    gone = registry("gcp", empty=True).one("firestore/database:Database").inputs
    assert gone["deleteProtectionState"] == "DELETE_PROTECTION_DISABLED"


def test_there_is_a_document_for_the_head_and_one_for_each_cell_of_the_fleet() -> None:
    documents = [each.inputs for each in GCP.of("firestore/document:Document")]
    assert sorted((each["collection"], each["documentId"]) for each in documents) == [
        *(("cells", name) for name in ("de-gcp-1", "de-gcp-2", "us-aws-1", "us-azure-1", "us-gcp-1", "us-k8s-1")),
        ("registry", "head"),
    ]
    (head,) = [each for each in documents if each["documentId"] == "head"]
    assert json.loads(json.loads(head["fields"])["body"]["stringValue"])["generation"] == 1


def test_the_bucket_is_private_and_the_apis_are_turned_on_and_never_off() -> None:
    bucket = GCP.one("storage/bucket:Bucket").inputs
    assert bucket["uniformBucketLevelAccess"]
    assert bucket["publicAccessPrevention"] == "enforced"
    assert bucket["versioning"]["enabled"]
    services = [each.inputs for each in GCP.of("projects/service:Service")]
    assert {each["service"].partition(".")[0] for each in services} == {"cloudkms", "firestore", "iam", "storage"}
    assert not any(each["disableOnDestroy"] for each in services)
    agents = {each.inputs["service"] for each in GCP.of("projects/serviceIdentity:ServiceIdentity")}
    assert agents == {"firestore.googleapis.com", "storage.googleapis.com"}


def test_the_reader_reads_this_bucket_and_this_database_only() -> None:
    (member,) = GCP.of("storage/bucketIAMMember:BucketIAMMember")
    assert member.inputs["role"] == "roles/storage.objectViewer"
    (grant,) = GCP.of("projects/iAMMember:IAMMember")
    assert grant.inputs["role"] == "roles/datastore.viewer"
    assert grant.inputs["condition"]["expression"] is UNKNOWN, "it names the database"
    assert not GCP.of("serviceaccount/iAMMember:IAMMember"), "nobody may act as it yet"

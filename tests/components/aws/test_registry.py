"""A registry's copy on AWS."""

from __future__ import annotations

import json

from policies.resource import UNKNOWN
from tests.components.aws.recorded import statements
from tests.components.registries import registry

AWS = registry("aws")


def test_the_table_is_on_demand_recoverable_encrypted_and_protected() -> None:
    table = AWS.one("dynamodb/table:Table").inputs
    assert table["billingMode"] == "PAY_PER_REQUEST"
    assert table["pointInTimeRecovery"] == {"enabled": True}
    assert table["serverSideEncryption"]["enabled"]
    assert table["serverSideEncryption"]["kmsKeyArn"] is UNKNOWN, "its own key's, not AWS's"
    assert table["deletionProtectionEnabled"]
    assert not registry("aws", empty=True).one("dynamodb/table:Table").inputs["deletionProtectionEnabled"]


def test_there_is_an_item_for_the_head_and_one_for_each_cell_of_the_fleet() -> None:
    items = [json.loads(each.inputs["item"]) for each in AWS.of("dynamodb/tableItem:TableItem")]
    bodies = {item["name"]["S"]: json.loads(item["body"]["S"]) for item in items}
    assert sorted(bodies) == [
        *(f"cell/{name}" for name in ("de-gcp-1", "de-gcp-2", "us-aws-1", "us-azure-1", "us-gcp-1", "us-k8s-1")),
        "head",
    ]
    assert (bodies["head"]["epoch"], bodies["head"]["generation"], bodies["head"]["locality"]) == (1, 1, "us")
    assert bodies["cell/us-aws-1"]["name"] == "us-aws-1"


def test_the_bucket_is_private_versioned_encrypted_and_answers_tls_only() -> None:
    block = AWS.one("s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    assert all(block[flag] for flag in block if flag.startswith(("block", "ignore", "restrict")))
    assert AWS.one("s3/bucketVersioning:BucketVersioning").inputs["versioningConfiguration"]["status"] == "Enabled"
    (rule,) = AWS.one("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs["rules"]
    assert rule["noncurrentVersionExpiration"]["noncurrentDays"] == 35
    objects = AWS.of("s3/bucketObjectv2:BucketObjectv2")
    assert {each.inputs["key"] for each in objects if "content" in each.inputs} == {"head.json"}
    assert all("acl" not in each.inputs for each in objects)


def test_the_reader_reads_and_is_nobody_elses_to_take() -> None:
    role = AWS.one("iam/role:Role").inputs
    (trust,) = statements(role["assumeRolePolicy"])
    assert trust["Principal"] == {"AWS": "arn:aws:iam::999999999999:root"}
    assert AWS.one("iam/rolePolicy:RolePolicy").inputs["policy"] is UNKNOWN, "it names what is made here and no more"

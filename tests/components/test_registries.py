"""What holds for a registry's copy on every cloud: the head comes last, shards are files, and types are the SDKs'."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from cellfleet.failure import Failure
from cellfleet.inventory.pseudonym import tenant_key
from cellfleet.registry.bundle import Bundle, Shard, bundle
from cellfleet.registry.head import ShardEntry
from cellfleet.registry.snapshot import build
from components import shards
from components.azure.registry import refuse_large
from policies.resource import Resource
from sandbox.inputs import problems
from tests.components.registries import registry
from tests.fleets import fleet

CONTENTS = {
    "aws": ("s3/bucketObjectv2:BucketObjectv2", "dynamodb/tableItem:TableItem"),
    "gcp": ("storage/bucketObject:BucketObject", "firestore/document:Document"),
    "azure-native": ("storage:Blob", "appconfiguration:KeyValue"),
    "kubernetes": ("core/v1:ConfigMap",),
}
"""What each copy's content is kept as."""


def contents(sdk: str) -> list[Resource]:
    return [each for kind in CONTENTS[sdk] for each in registry(sdk).of(kind)]


@pytest.mark.parametrize("sdk", CONTENTS)
def test_a_head_is_written_after_all_that_it_names_and_after_its_number_is_claimed(sdk: str) -> None:
    written = contents(sdk)
    heads = [each for each in written if each.name.endswith("-head")]
    assert heads
    for head in heads:
        named = {each.urn for each in written if each.parent == head.parent and each not in heads}
        assert len(named) >= 3
        assert named <= {*head.dependencies}
        assert any(urn.endswith("::claim") for urn in head.dependencies)


@pytest.mark.parametrize("sdk", ["aws", "gcp", "azure-native"])
def test_shards_are_files_whose_content_is_in_no_state(sdk: str) -> None:
    files = [each.inputs["source"] for each in contents(sdk) if "source" in each.inputs]
    assert files
    for file in files:
        body = Path(file["path"]).read_bytes()
        assert gzip.decompress(body).endswith(b"\n")
        assert "text" not in file


def test_each_argument_is_one_of_the_sdks() -> None:
    made = [each for each in registry("aws").custom() if not each.type.startswith("pulumi:")]
    assert {each.name: found for each in made if (found := problems(each.type, each.inputs))} == {}


def test_each_copy_is_in_its_own_place_of_the_control_accounts() -> None:
    pinned = {
        each.name: each.inputs for each in registry("pulumi:providers").recording.resources if "providers" in each.type
    }
    assert pinned["control-aws-us-east-1"]["allowedAccountIds"] == '["999999999999"]'
    assert pinned["control-aws-us-east-1"]["region"] == "us-east-1"
    assert (pinned["control-gcp-us-central1"]["project"], pinned["control-gcp-us-central1"]["region"]) == (
        "acme-control",
        "us-central1",
    )
    assert pinned["control-azure-eastus2"]["location"] == "eastus2"
    for cluster in ("gke-us-a", "gke-us-b"):
        assert pinned[f"registry-us-{cluster}"]["context"] == cluster
        assert pinned[f"registry-us-{cluster}"]["enableConfigMapMutable"] == "true", "a head is never missing"


def test_copies_are_guarded_while_a_cell_of_the_locality_serves() -> None:
    def guarded(*, empty: bool) -> set[str]:
        return {each.type for each in registry("aws", empty=empty).recording.resources if each.protect}

    assert guarded(empty=False) == {
        "aws:kms/key:Key", "aws:s3/bucket:Bucket", "aws:dynamodb/table:Table",
        "gcp:kms/keyRing:KeyRing", "gcp:kms/cryptoKey:CryptoKey", "gcp:storage/bucket:Bucket",
        "gcp:firestore/database:Database",
        "azure-native:resources:ResourceGroup", "azure-native:keyvault:Vault", "azure-native:keyvault:Key",
        "azure-native:storage:StorageAccount", "azure-native:storage:BlobContainer",
        "azure-native:appconfiguration:ConfigurationStore",
        "kubernetes:core/v1:Namespace",
    }  # fmt: skip
    assert guarded(empty=True) == set()


def test_everything_says_whose_it_is() -> None:
    tagged = [
        given
        for each in registry("aws").custom()
        for name in ("tags", "labels")
        if (given := each.inputs.get(name)) is not None
    ]
    assert len(tagged) > 10
    assert all(given["locality"] == "us" and given["managed-by"] == "cellfleet" for given in tagged)


def test_sections_with_the_same_content_are_one_object() -> None:
    published = bundle(build(fleet(), "us", None, tenant_key(fleet())), shards.LARGEST)
    names = [shard.name for shard in published.shards]
    assert len({*names}) < len(names), "a fleet without tenants has sections that are alike"
    assert [shard.name for shard in shards.objects(published)] == list(dict.fromkeys(names))


def test_a_head_that_azure_does_not_take_is_refused_in_a_sentence() -> None:
    many = tuple(Shard(ShardEntry("tenants", n, 1, "0" * 64, 900_000), b"") for n in range(100))
    with pytest.raises(Failure, match="App Configuration takes 9,500"):
        refuse_large("us", Bundle("us", "k", "d", many, {}))

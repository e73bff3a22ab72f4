"""A whole cell on AWS, as its program registers it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from components.tags import tags
from sandbox import types
from sandbox.inputs import problems
from tests.components.aws.recorded import (
    CELL,
    OTHER_ACCOUNT,
    STANDBY,
    as_declared,
    recorded,
    renamed,
    with_standby,
)
from tests.fleets import fleet

LONGEST = "abcdefghij-klmnopq-9"
RANDOM = 8  # characters that Pulumi's auto-naming adds: a dash and seven digits
# Resource types with a name that Pulumi makes, and the most characters that it may have (each service's API reference).
LONGEST_NAMES = {
    "backup/vault:Vault": 50,
    "backup/selection:Selection": 50,
    "eks/nodeGroup:NodeGroup": 63,
    "iam/role:Role": 64,
    "kms/alias:Alias": 256 - len("alias/"),
    "lb/loadBalancer:LoadBalancer": 32,
    "lb/targetGroup:TargetGroup": 32,
    "rds/clusterInstance:ClusterInstance": 63,
    "s3/bucket:Bucket": 63,
}
STATEFUL = {
    "aws:backup/vault:Vault",
    "aws:kms/key:Key",
    "aws:rds/cluster:Cluster",
    "aws:rds/clusterInstance:ClusterInstance",
    "aws:rds/globalCluster:GlobalCluster",
    "aws:route53/zone:Zone",
    "aws:s3/bucket:Bucket",
    "aws:secretsmanager/secret:Secret",
}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        STANDBY,
        STANDBY | OTHER_ACCOUNT | {f"cells.{CELL}.class": "large"},
        {f"cells.{CELL}.state": "provisioning", "fleet.deploy_from": [], "fleet.contact": ...},
        {f"cells.{CELL}.zones": ["us-west-2a", "us-west-2b"], "fleet.deploy_identity": ...},
    ],
    ids=["as declared", "with a standby", "large, backed up elsewhere", "bare", "two zones, no identity"],
)
def test_the_sdk_takes_every_argument(changes: dict[str, Any]) -> None:
    found = {r.name: problems(r.type, r.inputs) for r in recorded(changes).custom()}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_whatever_takes_tags_has_the_cells_and_only_a_name_more() -> None:
    made = fleet(STANDBY)
    expected = tags(made, next(made.managed()))
    for resource in with_standby().custom():
        if "tags" in types.arguments(resource.type):
            given = dict(resource.inputs.get("tags", {}))
            assert given.pop("Name", CELL).startswith(CELL), resource.urn
            assert given == expected, resource.urn


def test_nodes_disks_and_their_interfaces_are_tagged_too() -> None:
    template = as_declared().one("ec2/launchTemplate:LaunchTemplate")
    specifications = template.inputs["tagSpecifications"]
    assert {one["resourceType"] for one in specifications} == {"instance", "volume", "network-interface"}
    assert all(one["tags"]["cell"] == CELL for one in specifications)


def test_every_resource_has_an_explicit_provider_of_the_cells_account() -> None:
    resources = with_standby()
    accounts = {str(provider.inputs["allowedAccountIds"]) for provider in resources.providers().values()}
    assert accounts == {'["111111111111"]'}
    assert {resources.region_of(r) for r in resources.custom()} == {"us-west-2", "us-east-1", "us-east-2"}


def test_only_copies_and_the_standby_are_elsewhere() -> None:
    resources = with_standby()
    elsewhere = {
        r.urn.split("::")[2].split("$")[-2] for r in resources.custom() if resources.region_of(r) != "us-west-2"
    }
    assert elsewhere == {f"cellfleet:aws:{part}" for part in ("Backup", "Copy", "Storage", "Standby")}


def test_another_account_is_entered_by_its_role_only() -> None:
    resources = recorded(OTHER_ACCOUNT)
    (stranger,) = [p for p in resources.providers().values() if "222222222222" in p.inputs["allowedAccountIds"]]
    assert "arn:aws:iam::222222222222:role/cellfleet-backup" in str(stranger.inputs["assumeRoles"])


def test_what_holds_state_is_protected_while_the_cell_is_in_use() -> None:
    protected = {r.type for r in with_standby().custom() if r.protect}
    assert protected == STATEFUL
    assert all(r.protect for r in with_standby().custom() if r.type in STATEFUL)


@pytest.mark.parametrize("state", ["provisioning", "retired"])
def test_a_destroy_leaves_nothing_behind_otherwise(state: str) -> None:
    resources = recorded(STANDBY | {f"cells.{CELL}.state": state})
    assert not [r.urn for r in resources.recording.resources if r.protect or r.retain_on_delete]
    for kind in ("s3/bucket:Bucket", "backup/vault:Vault", "route53/zone:Zone"):
        assert all(r.inputs["forceDestroy"] for r in resources.of(kind)), kind
    for cluster in resources.of("rds/cluster:Cluster"):
        assert cluster.inputs["skipFinalSnapshot"]
        assert not cluster.inputs["deletionProtection"]
    assert all(key.inputs["deletionWindowInDays"] == 7 for key in resources.of("kms/key:Key"))
    assert resources.one("secretsmanager/secret:Secret").inputs["recoveryWindowInDays"] == 0


def test_a_standby_where_the_backups_are_shares_their_copy() -> None:
    same = {f"cells.{CELL}.replication": {"region": "us-east-1", "rpo_minutes": 5, "rto_minutes": 60}}
    resources = recorded(same)
    assert len(resources.providers()) == 2
    assert len(resources.of("s3/bucket:Bucket")) == 2
    assert len(resources.of("kms/key:Key")) == 4


def test_names_keep_within_every_limit_for_the_longest_cell_name() -> None:
    resources = recorded(
        renamed(LONGEST) | {f"cells.{LONGEST}.replication": STANDBY[f"cells.{CELL}.replication"]}, LONGEST
    )
    for kind, longest in LONGEST_NAMES.items():
        for resource in resources.of(kind):
            assert len(resource.name) + RANDOM <= longest, resource.urn
            assert re.fullmatch(r"[a-z][a-z0-9-]*[a-z0-9]", resource.name), resource.urn
    names = [(r.type, r.name) for r in resources.recording.resources]
    assert len(names) == len(set(names))


def test_dedicated_differs_by_data_only() -> None:
    def shape(changes: dict[str, Any]) -> list[tuple[str, str]]:
        return sorted((r.type, r.name) for r in recorded(changes).custom())

    assert shape({f"cells.{CELL}.tenancy": "dedicated"}) == shape({})


def test_a_promotion_finds_what_it_needs_among_the_outputs() -> None:
    assert set(with_standby().recording.outputs["standby"]) == {
        "region",
        "global_database",
        "database",
        "database_reader",
        "bucket",
        "data_key",
    }
    assert as_declared().recording.outputs["standby"] == {}

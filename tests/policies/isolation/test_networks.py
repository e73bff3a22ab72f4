"""The tables of networks, ranges, tags and firewalls, held to the SDKs: a type that does not exist never speaks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from docs.taggable import taggable
from policies.isolation import joins, ranges, tags, trusted
from policies.isolation.openings import aws, azure, gcp
from sandbox import types

TOKENS = {
    *joins.REMOTE,
    *joins.NETWORKS,
    *(lets.type for lets in joins.LETS_IN),
    *ranges.RANGES,
    *tags._INNER,
    *tags._CONTENT,
    *(trusted._ROLE, trusted._PROVIDER, trusted._CREDENTIAL, *trusted._MEMBERS, *trusted._BINDINGS),
    *(*aws._GROUPS, *aws._ACLS, aws._IN, aws._OUT, aws._EITHER, aws._CLUSTER),
    *(*gcp._POLICIES, *gcp._POLICY_RULES, *azure._NODES),
}


@pytest.mark.parametrize("pattern", sorted({*joins.ALWAYS, *(f"{begins}*" for begins in joins.LINKS)}))
def test_what_joins_networks_is_in_an_sdk(pattern: str) -> None:
    assert pattern.startswith("kubernetes:") or types.any_like(pattern)


@pytest.mark.parametrize("token", sorted(TOKENS))
def test_a_type_is_one_of_the_sdk_s(token: str) -> None:
    if not types.is_custom_kind(token):
        assert types.arguments(token)


@pytest.mark.parametrize(
    ("token", "path"),
    [
        *((token, range_.path) for token, rows in ranges.RANGES.items() for range_ in rows),
        *((lets.type, lets.path) for lets in joins.LETS_IN),
        *joins.REMOTE.items(),
        *tags._INNER.items(),
    ],
)
def test_a_path_begins_with_an_argument_of_the_sdk_s(token: str, path: str) -> None:
    if not types.is_custom_kind(token):
        assert {*path.partition(".")[0].split("/")} <= {*types.arguments(token)}


def test_the_table_of_what_takes_tags_is_the_sdks() -> None:
    assert Path(tags._TABLE).read_text() == taggable()


@pytest.mark.parametrize(
    ("token", "argument"),
    [
        ("aws:ec2/vpc:Vpc", "tags"),
        ("aws:autoscaling/group:Group", "tags"),
        ("azure-native:storage:StorageAccount", "tags"),
        ("gcp:storage/bucket:Bucket", "labels"),
        ("gcp:container/cluster:Cluster", "resourceLabels"),
        ("gcp:monitoring/notificationChannel:NotificationChannel", "userLabels"),
        ("aws:ec2/route:Route", None),
        ("gcp:compute/network:Network", None),
        ("gcp:cloudidentity/group:Group", None),
        ("azure-native:network:Subnet", None),
    ],
)
def test_a_type_takes_tags_where_its_constructor_does(token: str, argument: str | None) -> None:
    assert tags._taggable().get(token) == argument
    if argument:
        assert argument in types.arguments(token)


def test_the_table_has_a_module_a_line() -> None:
    table = json.loads(tags._TABLE.read_text())
    lines = len(tags._TABLE.read_text().splitlines())
    assert lines == sum(len(modules) + 2 for modules in table.values()) + 2

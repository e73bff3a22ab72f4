"""A whole cell on GCP, as its program registers it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cellfleet.failure import Failure
from components.tags import tags
from sandbox import types
from sandbox.inputs import problems
from tests.components.gcp.recorded import CELL, as_declared, recorded
from tests.components.recorded import values
from tests.fleets import fleet

LONGEST = "abcdefghij-klmnopq-9"
STANDBY = {f"cells.{CELL}.replication": {"region": "us-east4", "rpo_minutes": 5, "rto_minutes": 60}}
OTHER_ACCOUNT = {f"cells.{CELL}.backup": {"region": "us-central1", "account": "acme-us-backups"}}
STATEFUL = {
    "container/cluster:Cluster", "dns/managedZone:ManagedZone", "kms/cryptoKey:CryptoKey", "kms/keyRing:KeyRing",
    "sql/database:Database", "storage/bucket:Bucket",
}  # fmt: skip
LABELS = ("labels", "userLabels", "resourceLabels")
RANDOM = 8  # characters that the provider's auto-naming adds
RFC1035 = r"[a-z]([-a-z0-9]*[a-z0-9])?"

# From the reference of each API, November 2026.
NAMES = {
    "compute/address:Address": (63, RFC1035),
    "compute/firewall:Firewall": (63, RFC1035),
    "compute/globalAddress:GlobalAddress": (63, RFC1035),
    "compute/network:Network": (63, RFC1035),
    "compute/route:Route": (63, RFC1035),
    "compute/router:Router": (63, RFC1035),
    "compute/routerNat:RouterNat": (63, RFC1035),
    "compute/subnetwork:Subnetwork": (63, RFC1035),
    "container/cluster:Cluster": (40, RFC1035),
    "container/nodePool:NodePool": (40, RFC1035),
    "dns/managedZone:ManagedZone": (63, RFC1035),
    "kms/cryptoKey:CryptoKey": (63, r"[a-zA-Z0-9_-]+"),
    "kms/keyRing:KeyRing": (63, r"[a-zA-Z0-9_-]+"),
    "serviceaccount/account:Account": (30, r"[a-z][-a-z0-9]{4,}[a-z0-9]"),
    "sql/databaseInstance:DatabaseInstance": (84, r"[a-z][-a-z0-9]*"),
    "storage/bucket:Bucket": (63, r"[a-z0-9][-a-z0-9]*[a-z0-9]"),
}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        STANDBY,
        OTHER_ACCOUNT,
        {f"cells.{CELL}.class": "large"},
        {
            f"cells.{CELL}.state": "provisioning", "fleet.deploy_from": [], "fleet.contact": ...,
            "fleet.deploy_identity": ..., "fleet.control.gcp": ...,
        },
    ],
    ids=["as declared", "with a standby", "backed up to another account", "large", "bare"],
)  # fmt: skip
def test_the_sdk_takes_every_argument(changes: dict[str, Any]) -> None:
    found = {r.name: problems(r.type, r.inputs) for r in recorded(changes).custom()}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_whatever_takes_labels_has_the_cells_and_no_others() -> None:
    made = fleet()
    wanted = tags(made, next(cell for cell in made.managed() if cell.name == CELL))
    labelled = 0
    for resource in as_declared().custom():
        takes = [name for name in LABELS if name in types.arguments(resource.type)]
        if takes and not types.is_provider(resource.type):
            # A notification channel's `labels` are where it sends; its user labels are what others call labels.
            argument = takes[-1]
            assert resource.inputs.get(argument) == wanted, resource.urn
            labelled += 1
    for kind, where in (("container/nodePool:NodePool", "nodeConfig"), ("container/cluster:Cluster", "nodeConfig")):
        assert as_declared().one(kind).inputs[where]["resourceLabels"] == wanted
    for instance in as_declared().of("sql/databaseInstance:DatabaseInstance"):
        assert instance.inputs["settings"]["userLabels"] == wanted
    assert labelled == 12


def test_no_provider_adds_a_label_of_its_own() -> None:
    providers = [r for r in recorded(OTHER_ACCOUNT).custom() if types.is_provider(r.type)]
    assert {r.inputs["addPulumiAttributionLabel"] for r in providers} == {"false"}
    assert {(r.inputs["project"], r.inputs["region"]) for r in providers} == {
        ("acme-us-gcp-1", "us-central1"), ("acme-us-backups", "us-central1"),
    }  # fmt: skip


def test_everything_is_in_the_cells_region_or_where_its_backups_go() -> None:
    by_place: dict[str, set[str]] = {}
    for resource in as_declared().custom():
        if not types.is_provider(resource.type):
            for where in values(dict(resource.inputs), lambda key: key in ("location", "region")):
                by_place.setdefault(where, set()).add(resource.type.removeprefix("gcp:"))
    assert set(by_place) == {"us-central1", "us-east4"}
    assert by_place["us-east4"] == {
        "kms/keyRing:KeyRing", "storage/bucket:Bucket", "sql/databaseInstance:DatabaseInstance",
    }  # fmt: skip
    assert [d.inputs["region"] for d in as_declared().of("sql/databaseInstance:DatabaseInstance")] == [
        "us-central1", "us-central1",
    ], "of the database only its backups are there"  # fmt: skip


def test_everything_is_in_the_cells_project() -> None:
    projects = {p for r in as_declared().custom() for p in values(dict(r.inputs), lambda key: key == "project")}
    assert projects == {"acme-us-gcp-1"}


def test_names_are_within_gcps_limits_however_long_the_cells_is() -> None:
    """The name of a cell has at most 20 characters; what auto-naming adds is counted where it adds."""
    cell = fleet().cells[CELL].model_dump(by_alias=True, mode="json", exclude_none=True)
    standby = {path.replace(CELL, LONGEST): value for path, value in STANDBY.items()}
    checked = set()
    for resource in recorded({f"cells.{LONGEST}": cell, **standby, f"cells.{CELL}": ...}, LONGEST).custom():
        kind = resource.type.removeprefix("gcp:")
        if kind in NAMES:
            longest, pattern = NAMES[kind]
            name = resource.inputs.get("accountId") or resource.name + "0" * RANDOM
            assert len(name) <= longest, resource.urn
            assert re.fullmatch(pattern, name), resource.urn
            checked.add(kind)
    assert checked == set(NAMES)


@pytest.mark.parametrize(
    ("state", "guarded"),
    [("provisioning", False), ("active", True), ("cordoned", True), ("draining", True), ("retired", False)],
)
def test_state_is_guarded_from_active_until_retired(state: str, guarded: bool) -> None:
    made = recorded({f"cells.{CELL}.state": state, **STANDBY})
    stateful = [r for r in made.custom() if r.type.removeprefix("gcp:") in STATEFUL]
    assert {r.type.removeprefix("gcp:") for r in stateful} == STATEFUL
    assert {r.protect for r in stateful} == {guarded}
    assert made.one("container/cluster:Cluster").inputs["deletionProtection"] is guarded
    for instance in made.of("sql/databaseInstance:DatabaseInstance"):
        kept = guarded and "-reader-" not in instance.name
        told = instance.inputs["settings"]
        assert instance.protect is kept, "readers come and go with the class"
        assert [instance.inputs["deletionProtection"], told["deletionProtectionEnabled"]] == [kept, kept]
        assert told["retainBackupsOnDelete"] is kept, "a destroy leaves nothing behind"
    for bucket in made.of("storage/bucket:Bucket"):
        assert bucket.inputs["forceDestroy"] is not guarded
        assert (bucket.inputs["softDeletePolicy"]["retentionDurationSeconds"] > 0) is guarded
    assert made.one("dns/managedZone:ManagedZone").inputs["forceDestroy"] is not guarded


def test_every_resource_waits_until_the_projects_apis_are_on() -> None:
    made = as_declared()
    apis = {r.urn for r in made.of("projects/service:Service")}
    assert len(apis) == 17
    for resource in made.custom():
        if resource.type != "gcp:projects/service:Service" and not types.is_provider(resource.type):
            needs = set(resource.dependencies) & apis
            assert needs == apis or resource.type == "gcp:projects/serviceIdentity:ServiceIdentity", resource.urn
    assert {r.inputs["disableOnDestroy"] for r in made.of("projects/service:Service")} == {False}


def test_no_password_and_no_key_of_an_account_is_anywhere() -> None:
    named = [
        (resource.name, value)
        for resource in as_declared().custom()
        for value in values(dict(resource.inputs), _is_secret)
    ]
    assert named == []
    assert as_declared().of("serviceaccount/key:Key") == []


def test_a_budget_of_the_cells_project_tells_the_contact() -> None:
    made = as_declared()
    budget = made.one("billing/budget:Budget").inputs
    assert budget["billingAccount"] == "01A2B3-C4D5E6-F70819"
    assert budget["amount"]["specifiedAmount"] == {"units": "4200"}
    assert made.one("monitoring/notificationChannel:NotificationChannel").inputs["labels"] == {
        "email_address": "cells@acme.io"
    }
    (paying,) = [r for r in made.custom() if r.name == f"{CELL}-billing"]
    assert (paying.inputs["userProjectOverride"], paying.inputs["billingProject"]) == ("true", "acme-us-gcp-1")
    assert made.one("billing/budget:Budget").provider.startswith(paying.urn)
    bare = recorded({"fleet.control.gcp": {"account": "acme-control", "region": "us-central1"}})
    assert bare.of("billing/budget:Budget") == [], "none where the inventory names no billing account"


def test_logs_stay_in_the_cells_region_under_its_own_key() -> None:
    made = as_declared()
    bucket = made.one("logging/projectBucketConfig:ProjectBucketConfig")
    assert (bucket.inputs["location"], bucket.inputs["retentionDays"]) == ("us-central1", 90)
    assert [urn.rsplit("::", 1)[1] for urn in bucket.property_dependencies["cmekSettings"]] == [f"{CELL}-logs"]
    sinks = {
        r.inputs.get("name", r.name): r.inputs.get("disabled", False)
        for r in made.of("logging/projectSink:ProjectSink")
    }
    assert sinks == {f"{CELL}-logs": False, "_Default": True}, "the default one keeps logs anywhere"


def test_a_cell_without_a_standby_says_so_and_one_with_it_says_where() -> None:
    assert as_declared().recording.outputs["standby"] == {}
    told = recorded(STANDBY).recording.outputs["standby"]
    assert told["region"] == "us-east4"
    assert set(told) == {"region", "database", "database_instance", "bucket", "key", "network_id"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({f"cells.{CELL}.pod_cidr": "100.64.0.0/20"}, "too small to divide"),
        ({f"cells.{CELL}.pod_cidr": "100.64.0.0/19"}, "has room for 16 nodes; up to 18"),
        ({"classes.small.nodes.vcpus": 300}, "no size of GCP's n2-standard series"),
        ({"classes.small.database.memory_gib": 2000}, "no size of GCP's db-perf-optimized-N series"),
        ({"classes.small.database.storage_gib": 99999}, "no disk of Cloud SQL holds 99999 GiB"),
    ],
)
def test_what_gcp_has_not_is_refused_in_a_sentence(changes: dict[str, Any], says: str) -> None:
    more = {"classes.small.nodes.count": 15} if "18" in says else {}
    with pytest.raises(Failure, match=re.escape(says)) as raised:
        recorded({**changes, **more})
    assert raised.value.remedy.startswith("give the cell")


def _is_secret(key: str) -> bool:
    return re.search(r"password|secret$|privatekey", key, re.IGNORECASE) is not None

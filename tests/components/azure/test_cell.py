"""A whole cell on Azure, as its program registers it."""

from __future__ import annotations

import re
from typing import Any

import pulumi
import pytest

from cellfleet.failure import Failure
from components.azure.aliases import without_versions
from components.tags import tags
from policies.resource import Resource
from sandbox import types
from sandbox.inputs import problems
from tests.components.azure.recorded import CELL, as_declared, recorded
from tests.components.recorded import Resources, values
from tests.fleets import fleet

OTHER = "44444444-4444-4444-8444-444444444444"
LONGEST = "abcdefghij-klmnopq-9"
STATEFUL = {"keyvault:Vault", "keyvault:Key", "storage:StorageAccount", "storage:BlobContainer", "dns:Zone"}
RANDOM = 8  # characters that the provider's auto-naming adds

# https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
NAMES = {
    "compute:DiskEncryptionSet": (80, r"[\w-]+"),
    "containerservice:AgentPool": (12, r"[a-z][a-z0-9]*"),
    "containerservice:ManagedCluster": (63, r"[a-zA-Z0-9][\w-]*[a-zA-Z0-9]"),
    "dbforpostgresql:Server": (63, r"[a-z0-9][a-z0-9-]*[a-z0-9]"),
    "keyvault:Key": (127, r"[a-zA-Z0-9-]+"),
    "keyvault:Vault": (24, r"[a-zA-Z][a-zA-Z0-9]*"),
    "managedidentity:FederatedIdentityCredential": (120, r"[a-zA-Z0-9][\w-]{2,}"),
    "managedidentity:UserAssignedIdentity": (128, r"[a-zA-Z0-9][\w-]{2,}"),
    "network:PrivateEndpoint": (64, r"[a-zA-Z0-9][\w.-]*\w"),
    "network:PublicIPAddress": (80, r"[a-zA-Z0-9][\w.-]*\w"),
    "network:VirtualNetwork": (64, r"[a-zA-Z0-9][\w.-]*\w"),
    "operationalinsights:Workspace": (63, r"[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]"),
    "resources:ResourceGroup": (90, r"[\w.()-]*[\w()-]"),
    "storage:StorageAccount": (24, r"[a-z0-9]+"),
}
NAMED_AS_GIVEN = {"keyvault:Key", "managedidentity:FederatedIdentityCredential"}
STANDBY = {f"cells.{CELL}.replication": {"region": "westus3", "rpo_minutes": 5, "rto_minutes": 60}}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        STANDBY,
        {f"cells.{CELL}.class": "large"},
        {f"cells.{CELL}.state": "provisioning", "fleet.deploy_from": [], "fleet.contact": ...},
        {f"cells.{CELL}.backup": {"region": "eastus2", "account": OTHER}},
    ],
    ids=["as declared", "with a standby", "large", "bare", "backed up to another account"],
)
def test_the_sdk_takes_every_argument(changes: dict[str, Any]) -> None:
    found = {r.name: problems(r.type, r.inputs) for r in recorded(changes).custom()}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_whatever_takes_tags_has_the_cells_and_no_others() -> None:
    made = fleet()
    wanted = tags(made, next(cell for cell in made.managed() if cell.name == CELL))
    untagged = [r.name for r in _with_argument(as_declared(), "tags") if r.inputs.get("tags") != wanted]
    assert untagged == []
    assert len(_with_argument(as_declared(), "tags")) > 40


def test_everything_is_in_the_cells_region_or_where_its_backups_go() -> None:
    by_location: dict[str, set[str]] = {}
    for resource in _with_argument(as_declared(), "location"):
        by_location.setdefault(str(resource.inputs.get("location")), set()).add(resource.type.split(":", 1)[1])
    assert set(by_location) == {"eastus2", "centralus", "global"}
    assert by_location["centralus"] == {
        "keyvault:Vault", "managedidentity:UserAssignedIdentity", "resources:ResourceGroup",
    }  # fmt: skip
    assert by_location["global"] == {"dns:Zone", "privatedns:PrivateZone", "privatedns:VirtualNetworkLink"}


@pytest.mark.parametrize("changes", [{}, STANDBY])
def test_names_are_within_azures_limits_however_long_the_cells_is(changes: dict[str, Any]) -> None:
    """The name of a cell has at most 20 characters; what auto-naming adds is counted where it adds."""
    moved = {path.replace(CELL, LONGEST): value for path, value in changes.items()}
    cell = {**fleet().cells[CELL].model_dump(by_alias=True, mode="json", exclude_none=True)}
    made = recorded({f"cells.{LONGEST}": cell, **moved, f"cells.{CELL}": ...}, LONGEST)
    checked = set()
    for resource in made.custom():
        kind = resource.type.split(":", 1)[1]
        if kind in NAMES:
            longest, pattern = NAMES[kind]
            given = resource.inputs.get("agentPoolName")
            name = given or resource.name + "0" * (0 if kind in NAMED_AS_GIVEN else RANDOM)
            assert len(name) <= longest, resource.urn
            assert re.fullmatch(pattern, name), resource.urn
            checked.add(kind)
    assert checked == set(NAMES)


def test_aliases_of_the_sdks_own_making_are_left_out_and_ours_are_kept() -> None:
    ours, theirs = pulumi.Alias(name="before"), pulumi.Alias(type_="azure-native:network/v20240101:Subnet")
    opts = pulumi.ResourceOptions(aliases=[theirs, ours])
    given = pulumi.ResourceTransformationArgs(pulumi.Resource.__new__(pulumi.Resource), "t", "n", {}, opts)
    assert without_versions(given).opts.aliases == [ours]


@pytest.mark.parametrize("backup", [{"region": "centralus"}, {"region": "westus3", "account": OTHER}])
def test_no_two_resources_have_one_urn_even_where_names_are_cut(backup: dict[str, str]) -> None:
    made = recorded({**STANDBY, f"cells.{CELL}.backup": backup})
    urns = [resource.urn for resource in made.recording.resources]
    assert len(urns) == len(set(urns))
    assert len(made.of("keyvault:Vault")) == 3


@pytest.mark.parametrize(
    ("state", "guarded"),
    [("provisioning", False), ("active", True), ("cordoned", True), ("draining", True), ("retired", False)],
)
def test_state_is_guarded_from_active_until_retired(state: str, guarded: bool) -> None:
    made = recorded({f"cells.{CELL}.state": state})
    stateful = [r for r in made.custom() if r.type.removeprefix("azure-native:") in STATEFUL]
    assert {r.type.removeprefix("azure-native:") for r in stateful} == STATEFUL
    assert {r.protect for r in [*stateful, made.one("dbforpostgresql:Server", "-database")]} == {guarded}
    locks = made.of("authorization:ManagementLockAtResourceGroupLevel")
    assert len(locks) == (2 if guarded else 0)
    assert len(made.of("authorization:ManagementLockByScope")) == (1 if guarded else 0)


def test_a_lock_is_made_after_what_it_locks_so_that_it_goes_first() -> None:
    made = as_declared()
    lock = made.one("authorization:ManagementLockAtResourceGroupLevel", "-state-lock")
    for kind in ("keyvault:Vault", "storage:StorageAccount", "dbforpostgresql:Server", "operationalinsights:Workspace"):
        assert any(resource.urn in lock.dependencies for resource in made.of(kind)), kind


def test_what_cannot_be_made_again_is_in_a_locked_group_and_what_a_resize_replaces_is_not() -> None:
    made = as_declared()

    def groups(*kinds: str) -> set[str]:
        found = [on for kind in kinds for r in made.of(kind) for on in r.property_dependencies["resourceGroupName"]]
        return {urn.rsplit("::", 1)[1] for urn in found if ":ResourceGroup::" in urn}

    locked = {f"{CELL}-state", f"{CELL}-centralus"}
    assert groups("authorization:ManagementLockAtResourceGroupLevel") == locked
    assert groups("keyvault:Vault", "keyvault:Key") == locked
    assert groups("storage:StorageAccount", "operationalinsights:Workspace") == {f"{CELL}-state"}
    assert groups("containerservice:AgentPool", "network:NatGateway", "dns:RecordSet", "dns:Zone") == {CELL}
    (writer,) = [r for r in made.of("dbforpostgresql:Server") if r.name.endswith("-database")]
    assert any(urn.endswith(f"::{CELL}-state") for urn in writer.property_dependencies["resourceGroupName"])


def test_no_password_and_no_key_of_an_account_is_anywhere() -> None:
    named = [
        (resource.name, value)
        for resource in as_declared().custom()
        for value in values(
            dict(resource.inputs), lambda key: bool(re.search(r"password$|secret$|connectionstring", key, re.I))
        )
    ]
    assert named == []


def test_a_budget_of_the_whole_subscription_tells_the_contact() -> None:
    made = as_declared().one("consumption:Budget")
    assert made.inputs["scope"] == "/subscriptions/33333333-3333-4333-8333-333333333333"
    assert made.inputs["amount"] == 4200
    assert made.inputs["timePeriod"]["startDate"].endswith("-01T00:00:00Z")
    assert "timePeriod" in made.ignore_changes
    assert [told["contactEmails"] for told in made.inputs["notifications"].values()] == [["cells@acme.io"]] * 3
    assert recorded({"fleet.contact": ...}).one("consumption:Budget").inputs["notifications"] == {}


def test_more_replicas_than_azure_allows_are_refused_in_a_sentence() -> None:
    with pytest.raises(Failure, match="asks for 5 readers and 1 standbys") as raised:
        recorded({"classes.small.database.replicas": 5, **STANDBY})
    assert "at most 4 database replicas" in raised.value.remedy


def test_a_cell_without_a_standby_says_so_and_one_with_it_says_where() -> None:
    assert as_declared().recording.outputs["standby"] == {}
    told = recorded(STANDBY).recording.outputs["standby"]
    assert told["region"] == "westus3"
    assert set(told) == {"region", "resource_group", "database", "database_id", "bucket", "key", "network_id"}


def _with_argument(made: Resources, argument: str) -> list[Resource]:
    return [r for r in made.custom() if not types.is_provider(r.type) and argument in types.arguments(r.type)]

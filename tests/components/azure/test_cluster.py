"""A cell's Kubernetes on Azure."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import yaml

from cellfleet.failure import Failure
from components.azure import sizes
from components.azure.kubeconfig import of
from tests.components.azure.recorded import CELL, as_declared, recorded


def cluster(changes: dict[str, Any] | None = None) -> dict[str, Any]:
    return dict(recorded(changes).one("containerservice:ManagedCluster").inputs)


def test_the_api_server_has_a_public_address_for_the_declared_ranges_only() -> None:
    access = cluster()["apiServerAccessProfile"]
    assert access["authorizedIPRanges"] == ["203.0.113.0/24"]
    assert access["enablePrivateCluster"] is False


def test_without_declared_ranges_the_api_server_has_none() -> None:
    access = cluster({"fleet.deploy_from": []})["apiServerAccessProfile"]
    assert access["enablePrivateCluster"] is True
    assert access["enablePrivateClusterPublicFQDN"] is False
    assert "authorizedIPRanges" not in access


def test_nodes_meet_the_api_server_inside_the_network() -> None:
    for changes in ({}, {"fleet.deploy_from": []}):
        access = cluster(changes)["apiServerAccessProfile"]
        assert access["enableVnetIntegration"] is True
        assert access["disableRunCommand"] is True


def test_only_entras_tokens_open_it() -> None:
    made = cluster()
    assert made["disableLocalAccounts"] is True
    assert made["enableRBAC"] is True
    assert made["aadProfile"]["enableAzureRBAC"] is True


def test_everything_at_rest_is_encrypted_by_the_cells_own_keys() -> None:
    made = as_declared()
    inputs = made.one("containerservice:ManagedCluster").inputs
    kms = inputs["securityProfile"]["azureKeyVaultKms"]
    assert (kms["enabled"], kms["keyVaultNetworkAccess"]) == (True, "Private")
    on = made.one("containerservice:ManagedCluster").property_dependencies
    assert any(urn.endswith(f"Key::{CELL}-secrets") for urn in on["securityProfile"])
    assert any("DiskEncryptionSet" in urn for urn in on["diskEncryptionSetID"])
    pools = [*inputs["agentPoolProfiles"], *(dict(pool.inputs) for pool in made.of("containerservice:AgentPool"))]
    assert all(pool["enableEncryptionAtHost"] and not pool["enableNodePublicIP"] for pool in pools)


def test_the_cluster_is_made_once_its_identity_has_all_its_roles() -> None:
    made = as_declared()
    before = made.one("containerservice:ManagedCluster").dependencies
    granted = [r.urn for r in made.of("authorization:RoleAssignment") if f"::{CELL}-cluster-" in r.urn]
    assert len(granted) == 8
    assert {*granted, made.one("authorization:RoleAssignment", "-assigns-machines").urn} <= set(before)


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, {"1": 1, "2": 1, "3": 1}),
        ({"classes.small.nodes.count": 5}, {"1": 2, "2": 2, "3": 1}),
        ({"classes.small.nodes.count": 2}, {"1": 1, "2": 1}),
        ({f"cells.{CELL}.zones": ["3"]}, {"3": 3}),
    ],
)
def test_the_classs_machines_are_spread_over_the_cells_zones(changes: dict[str, Any], counts: dict[str, int]) -> None:
    pools = recorded(changes).of("containerservice:AgentPool")
    assert {pool.inputs["availabilityZones"][0]: pool.inputs["count"] for pool in pools} == counts
    assert {pool.inputs["mode"] for pool in pools} == {"User"}


def test_a_pool_of_another_size_has_another_name_so_that_it_is_made_before_the_old_one_goes() -> None:
    def names(class_: str) -> list[str]:
        pools = recorded({f"cells.{CELL}.class": class_}).of("containerservice:AgentPool")
        return [pool.inputs["agentPoolName"] for pool in pools]

    assert names("small") == ["z1d4sv5", "z2d4sv5", "z3d4sv5"]
    assert names("large") == ["z1d16sv5", "z2d16sv5", "z3d16sv5"]


@pytest.mark.parametrize(
    ("vcpus", "memory_gib", "machine"),
    [(2, 8, "Standard_D2s_v5"), (4, 17, "Standard_D8s_v5"), (5, 4, "Standard_D8s_v5"), (96, 384, "Standard_D96s_v5")],
)
def test_a_machine_is_the_smallest_that_has_both(vcpus: int, memory_gib: int, machine: str) -> None:
    assert sizes.node(vcpus, memory_gib) == machine


@pytest.mark.parametrize(("vcpus", "memory_gib"), [(97, 8), (2, 385)])
def test_a_machine_that_azure_has_not_is_refused_in_a_sentence(vcpus: int, memory_gib: int) -> None:
    with pytest.raises(Failure, match=f"a node {vcpus} vCPUs and {memory_gib} GiB"):
        sizes.node(vcpus, memory_gib)


def test_a_kubeconfig_says_how_to_get_a_credential_and_holds_none() -> None:
    theirs = {
        "clusters": [
            {"name": "c", "cluster": {"server": "https://c.example:443", "certificate-authority-data": "Q0E="}}
        ],
        "users": [{"name": "u", "user": {"client-key-data": "c2VjcmV0", "token": "secret"}}],
    }
    ours = json.loads(of(base64.b64encode(yaml.safe_dump(theirs).encode()).decode()))
    assert ours["clusters"][0]["cluster"] == theirs["clusters"][0]["cluster"]
    assert [set(user["user"]) for user in ours["users"]] == [{"exec"}]
    assert ours["users"][0]["user"]["exec"]["command"] == "kubelogin"
    assert ours["contexts"] == [{"name": "c", "context": {"cluster": "c", "user": "c"}}]

"""Where a locality's routers are deployed to, and what their stack says of itself."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest

from cellfleet.engine.record import Recording, record
from cellfleet.failure import Failure
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pseudonym import VARIABLE
from cellfleet.inventory.stack import Stack
from stacks import program_of
from stacks.clusters import addresses
from tests.fleets import fleet, text


def recorded(of: Fleet, locality: str = "us") -> Recording:
    stack = f"routing-{locality}"
    return record(program_of(of, Stack.parse(stack)), stack=stack, project="acme-production")


@functools.cache
def whole() -> Recording:
    return recorded(fleet())


def test_every_cluster_has_a_provider_of_its_own_and_the_same_objects() -> None:
    contexts = {
        each.urn: each.inputs["context"] for each in whole().resources if each.type == "pulumi:providers:kubernetes"
    }
    assert sorted(contexts.values()) == ["gke-us-a", "gke-us-b"]
    made: dict[str, set[str]] = {context: set() for context in contexts.values()}
    for each in whole().resources:
        if each.custom and each.provider:
            context = contexts[each.provider.rpartition("::")[0]]
            assert each.name.startswith(f"routing-us-{context}")
            made[context].add(each.name.removeprefix(f"routing-us-{context}"))
    assert made["gke-us-a"] == made["gke-us-b"]


def test_a_cluster_waits_for_the_one_before_it() -> None:
    by_name = {each.name: each for each in whole().resources if each.custom and each.provider}
    waited_for: set[str] = set()
    names = ["routing-us-gke-us-b-configuration"]
    while names:  # a namespace comes before all that is in it
        found = {urn.rsplit("::", 1)[1] for urn in by_name[names.pop()].dependencies} - waited_for
        waited_for |= found
        names += found & by_name.keys()
    assert {"routing-us-gke-us-a-deployment", "routing-us-gke-us-a-configuration"} <= waited_for
    assert not any("gke-us-b" in urn for urn in by_name["routing-us-gke-us-a"].dependencies)


def test_it_exports_the_cells_that_it_routes_the_hosts_and_a_digest() -> None:
    outputs = whole().outputs
    assert outputs["cells"] == ["us-aws-1", "us-azure-1", "us-gcp-1", "us-k8s-1"]
    assert outputs["hosts"] == ["*.acme.io", "*.ingest.us.acme.io", "*.us.acme.io", "us.acme.io"]
    assert len(outputs["digest"]) == 64
    without = recorded(fleet({"cells.us-gcp-1.state": "retired"})).outputs
    assert without["cells"] == ["us-aws-1", "us-azure-1", "us-k8s-1"]
    assert without["digest"] != outputs["digest"]


def test_another_localitys_release_changes_nothing() -> None:
    assert recorded(fleet({"cells.de-gcp-1.release": "1"})).outputs == whole().outputs


def test_tenants_are_found_and_those_of_other_localities_are_hashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "k" * 64)
    (tmp_path / "tenants.csv").write_text(
        "id,slug,cell,group,requests_per_second,storage_gib\n1,otter,us-aws-1,,1,1\n2,newt,de-gcp-1,,1,1\n"
    )
    (tmp_path / "cells.yaml").write_text(text({"tenants": {"file": "tenants.csv", "authority": "inventory"}}))
    recording = recorded(load(tmp_path / "cells.yaml"))
    (configuration,) = (each for each in recording.resources if each.name == "routing-us-gke-us-a-configuration")
    told = str(configuration.inputs["data"])
    assert "otter" in told
    assert "newt" not in told
    assert "routing-us-gke-us-a-tenant-key" in {each.name for each in recording.resources}


ADDRESSES: list[tuple[dict[str, Any], dict[str, str | None]]] = [
    ({}, {"gke-us-a": "203.0.113.10", "gke-us-b": "203.0.113.11"}),
    ({"routers.us.addresses": ["routers.us.acme.io"]}, {"gke-us-a": None, "gke-us-b": None}),
    ({"routers.us.addresses": ...}, {"gke-us-a": None, "gke-us-b": None}),
    ({"routers.us.clusters": ["a", "b", "c"]}, {"a": None, "b": None, "c": None}),
]


@pytest.mark.parametrize(("changes", "given"), ADDRESSES)
def test_each_cluster_has_its_address_where_there_is_one_for_each(
    changes: dict[str, Any], given: dict[str, str | None]
) -> None:
    assert addresses(fleet(changes), "us") == given


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"routers.us.clusters": ["gke-us-a"]}, "not in two different clusters"),
    ({"routers.us.clusters": ["gke-us-a", "gke-us-a"]}, "not in two different clusters"),
    ({"routers.us.clusters": ["gke-us-a", "onprem-us-1"]}, "in onprem-us-1, cell us-k8s-1's cluster"),
    (
        {
            "routers.us.clusters": ["gke-us-a", "onprem-us-1-dallas"],
            "cells.us-k8s-1.replication": {"region": "dallas", "rpo_minutes": 5, "rto_minutes": 60},
        },
        "in onprem-us-1-dallas, cell us-k8s-1's cluster",
    ),
    ({"routers.us": ...}, "Locality 'us' has no routers"),
]


@pytest.mark.parametrize(("changes", "told"), WRONG)
def test_clusters_that_will_not_do_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(Failure, match=told):
        recorded(fleet(changes))

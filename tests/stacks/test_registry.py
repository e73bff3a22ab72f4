"""What the registry stack publishes, and what of it nobody may see."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from cellfleet.engine.record import Recording, record
from cellfleet.failure import Failure
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Kind, Stack, stacks_of
from cellfleet.registry.snapshot import build
from stacks import program_of
from stacks.tenants import deployment_key, tenants_of
from tests.components.registries import PLACES
from tests.fleets import document, fleet

TENANTS = """\
id,slug,cell,group,requests_per_second,storage_gib
7001,contoso,us-aws-1,,1,1
7002,initech,de-gcp-1,,1,1
"""


def with_tenants(folder: Path, changes: dict[str, Any] | None = None) -> Fleet:
    """The test fleet with a copy on each cloud and a tenant in each locality."""
    tenants = {"tenants": {"file": "tenants.csv", "authority": "directory"}, "routers.us.places": PLACES}
    declared = document({**tenants, **(changes or {})})
    for cell in declared["cells"].values():
        cell.setdefault("pod_cidr", "100.64.0.0/14")
    (folder / "cells.yaml").write_text(json.dumps(declared))
    (folder / "tenants.csv").write_text(TENANTS)
    return load(folder / "cells.yaml")


def recorded(made: Fleet, locality: str = "us") -> Recording:
    stack = Stack(Kind.REGISTRY, locality)
    return record(program_of(made, stack), stack=stack.name, project=made.project)


def test_it_says_what_is_published_as_which_generation_and_which_cells_routers_may_route(tmp_path: Path) -> None:
    made = with_tenants(tmp_path, {"cells.us-gcp-1.state": "provisioning", "cells.us-azure-1.state": "draining"})
    outputs = recorded(made).outputs
    digest = build(made, "us", tenants_of(made), deployment_key(made)).digest
    assert outputs == {
        "epoch": 1.0,
        "generation": 1.0,
        "digest": digest,
        "routed": ["us-aws-1", "us-azure-1", "us-k8s-1"],
    }


def test_no_tenant_is_in_what_pulumi_keeps_in_the_open_and_none_of_another_locality_in_what_is_stored(
    tmp_path: Path,
) -> None:
    recording = recorded(with_tenants(tmp_path))
    stored = set()
    for resource in recording.resources:
        in_the_open = {name: value for name, value in resource.inputs.items() if name not in resource.secrets}
        text = json.dumps(in_the_open, default=str)
        assert not [name for name in ("contoso", "initech", "7001", "7002") if name in text], resource.urn
        if "source" in resource.inputs:
            stored.add(resource.inputs["source"]["path"])
    texts = "".join(gzip.decompress(Path(path).read_bytes()).decode() for path in stored)
    assert "contoso" in texts
    assert "initech" not in texts


def test_a_tenant_that_moves_changes_neither_the_names_nor_the_number_of_resources_but_of_a_shard(
    tmp_path: Path,
) -> None:
    before = {each.urn for each in recorded(with_tenants(tmp_path)).resources}
    made = with_tenants(tmp_path)
    (tmp_path / "tenants.csv").write_text(TENANTS.replace("us-aws-1", "us-gcp-1"))
    after = {each.urn for each in recorded(made).resources}
    assert len(before) == len(after)
    assert {urn.rpartition("::")[2][-8:] for urn in before ^ after} == {".json.gz"}


def test_every_locality_with_routers_has_its_registry_before_its_routing() -> None:
    names = [stack.name for stack in stacks_of(fleet())]
    assert names[-4:] == ["registry-us", "registry-de", "routing-us", "routing-de"]
    assert "registry-de" not in [stack.name for stack in stacks_of(fleet({"routers.de": ...}))]


def test_a_locality_without_routers_has_nowhere_to_be_copied_to() -> None:
    with pytest.raises(Failure, match="'jp' has no routers"):
        recorded(fleet(), "jp")

"""The routers' stack under the real engine: what a change of the map does to what runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pulumi
import pytest

from cellfleet.inventory.load import load
from cellfleet.inventory.pseudonym import VARIABLE
from cellfleet.inventory.stack import Stack
from stacks import program_of
from tests.fleets import text
from tests.sandbox.engine import Engine, counts

# A program that the engine cuts off leaves its event loop to the garbage collector; that is pulumi's, not ours.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
_ROW = "{0},tenant-{0},{1},,1,1\n"


def test_a_tenant_that_moves_changes_one_object_of_each_cluster_in_place(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "k" * 64)

    def program(cell: str) -> None:
        rows = "".join(_ROW.format(number, "us-aws-1" if number else cell) for number in range(50))
        (tmp_path / "tenants.csv").write_text(f"id,slug,cell,group,requests_per_second,storage_gib\n{rows}")
        (tmp_path / "cells.yaml").write_text(text({"tenants": {"file": "tenants.csv", "authority": "inventory"}}))
        program_of(load(tmp_path / "cells.yaml"), Stack.parse("routing-us"))()

    engine = replace(engine, project="acme-production")
    registered = ["us-aws-1", "us-azure-1", "us-gcp-1", "us-k8s-1"]
    engine.stack("registry-us", lambda: pulumi.export("routed", registered)).up()
    before = engine.stack("routing-us", lambda: program("us-aws-1")).up()
    assert counts(before).keys() == {"create"}
    after = engine.stack("routing-us", lambda: program("us-gcp-1")).up()
    assert counts(after) == {"same": counts(before)["create"] - 2, "update": 2}
    assert before.outputs["digest"].value != after.outputs["digest"].value
    stack = engine.stack("routing-us", lambda: program("us-gcp-1"))
    assert counts(stack.up()) == {"same": counts(before)["create"]}
    for path in (engine.folder / "state").rglob("*routing-us*.json"):
        assert "tenant-1 " not in path.read_text()
    stack.destroy()
    assert engine.held("routing-us") == []

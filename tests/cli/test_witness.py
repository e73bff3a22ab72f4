"""`cellfleet cell witness`: the way from one cell to another, or that there is none."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from cellfleet.cli import VIOLATED
from cellfleet.cli.witness import witness
from cellfleet.failure import Failure
from tests.fleets import DOCUMENT


def inventory(folder: Path, contexts: tuple[str, str]) -> Path:
    """Two cells on clusters that one already has: the programs that are recorded the fastest."""
    document: dict[str, Any] = copy.deepcopy(DOCUMENT)
    one = document["cells"]["us-k8s-1"]
    document["cells"] = {
        "us-k8s-1": {**one, "account": contexts[0]},
        "us-k8s-2": {**one, "id": 40, "cidr": "10.0.240.0/20", "account": contexts[1]},
    }
    document["localities"] = {"us": {**document["localities"]["us"], "new_tenants": "us-k8s-1"}}
    document["defaults"] = {"pod_cidr": "100.64.0.0/14"}
    del document["routers"]["de"]
    path = folder / "cells.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    return path


def test_that_there_is_no_way_is_told_with_what_was_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = inventory(tmp_path, ("onprem-1", "onprem-2"))
    assert witness("us-k8s-1", "us-k8s-2", inventory=path) == 0
    assert capsys.readouterr().out.startswith("no way leads from us-k8s-1 to us-k8s-2: ")
    assert witness(inventory=path, output="json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["format_version"] == 1
    assert said["summary"]["cells"] == 2
    assert said["ways"] == []


def test_a_way_is_told_edge_by_edge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = inventory(tmp_path, ("onprem-1", "onprem-1"))
    assert witness("us-k8s-1", "us-k8s-2", inventory=path) == VIOLATED
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "us-k8s-1 can reach us-k8s-2 in 2 steps:",
        "  1. account: us-k8s-1 is in the account onprem-1",
        "  2. account: us-k8s-2 is in the account onprem-1",
    ]
    assert witness(inventory=path, output="json") == VIOLATED
    ways = json.loads(capsys.readouterr().out)["ways"]
    assert [(way["from"], way["to"]) for way in ways] == [("us-k8s-1", "us-k8s-2"), ("us-k8s-2", "us-k8s-1")]


def test_a_cell_that_there_is_not_is_a_bad_invocation(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no cell 'us-k8s-3'"):
        witness("us-k8s-3", inventory=inventory(tmp_path, ("onprem-1", "onprem-2")))


def test_a_cell_that_has_no_stack_is_said_not_to_have_been_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = inventory(tmp_path, ("onprem-1", "onprem-2"))
    document = yaml.safe_load(path.read_text())
    document["cells"]["us-k8s-2"]["state"] = "planned"
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    assert witness("us-k8s-2", inventory=path) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("nothing of us-k8s-2 itself was looked at")


def test_a_cell_and_itself_are_no_two(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="Everything in us-k8s-1 is one"):
        witness("us-k8s-1", "us-k8s-1", inventory=inventory(tmp_path, ("onprem-1", "onprem-2")))

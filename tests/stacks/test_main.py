"""What plain Pulumi runs, recorded in this process where its Python language host is absent."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest
import yaml

from cellfleet.engine.record import record
from cellfleet.inventory.stack import Stack
from sandbox import process
from stacks import __main__ as plain
from stacks import program_of
from tests.engine.tiny import ROOT, environment_of_engine
from tests.fleets import document, fleet

STACK = "cell-us-k8s-1"


@pytest.fixture
def inventory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    file = tmp_path / "cells.yaml"
    declared = document()
    for cell in declared["cells"].values():
        cell["pod_cidr"] = "100.64.0.0/14"
    file.write_text(json.dumps(declared))
    monkeypatch.setenv("CELLFLEET_INVENTORY", str(file))
    return file


def test_plain_pulumi_registers_what_cellfleet_does(inventory: Path) -> None:
    assert inventory.exists()
    theirs = record(plain.main, stack=STACK, project="acme-production")
    ours = record(program_of(fleet(), Stack.parse(STACK)), stack=STACK, project="acme-production")
    assert [(made.urn, made.inputs) for made in theirs.resources] == [
        (made.urn, made.inputs) for made in ours.resources
    ]
    assert theirs.outputs.keys() == ours.outputs.keys()


@pytest.mark.parametrize(
    ("stack", "project", "told"),
    [
        (STACK, "acme-staging", "names the project 'acme-staging', but"),
        ("cell-us-k8s-9", "acme-production", "asks for no stack 'cell-us-k8s-9'. Its stacks are cell-us-aws-1, "),
        ("prod", "acme-production", "'prod' names no stack; stacks are cell-NAME"),
    ],
)
def test_a_mistake_is_told_to_the_engine_without_a_stack_trace(
    inventory: Path, stack: str, project: str, told: str
) -> None:
    assert inventory.exists()
    with pytest.raises(pulumi.RunError, match=told):
        record(plain.main, stack=stack, project=project)


def test_an_inventory_that_is_wrong_ends_in_its_findings(inventory: Path) -> None:
    inventory.write_text("version: 1\n")
    with pytest.raises(pulumi.RunError, match=r"cells\.yaml:\d+:\d+: INV-"):
        record(plain.main, stack=STACK, project="acme-production")


def test_pulumi_yaml_names_the_examples_project_and_disables_default_providers() -> None:
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    example = yaml.safe_load((ROOT / "cells.yaml").read_text())["fleet"]
    assert project["name"] == f"{example['name']}-{example['environment']}"
    assert project["config"] == {"pulumi:disable-default-providers": ["*"]}
    assert "backend" not in project, "it would override where one is logged in"


@pytest.mark.skipif(not shutil.which("pulumi-language-python"), reason="Pulumi's Python language host is not on PATH")
def test_a_plain_preview_after_cellfleet_up_changes_nothing(tmp_path: Path) -> None:
    stack = "cell-de-k8s-1"
    folder = tmp_path / ".cellfleet/sandbox"
    shutil.copy(ROOT / "cells.yaml", tmp_path)
    shutil.copy(ROOT / "tenants.csv", tmp_path)
    process.start(folder)
    try:
        environment = environment_of_engine() | process.environment(folder)
        for command, cwd in (
            ([ROOT / ".venv/bin/cellfleet", "up", stack, "--sandbox", "--yes"], tmp_path),
            (["pulumi", "preview", "-s", stack, "--expect-no-changes", "--non-interactive"], ROOT),
        ):
            done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr
    finally:
        process.stop(folder)
        (ROOT / f".cellfleet/config/Pulumi.{stack}.yaml").unlink(missing_ok=True)

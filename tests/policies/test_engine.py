"""The resource rules where it counts: given to the real engine as packs, in `cellfleet up`, and on deployed state."""

from __future__ import annotations

import copy
import fnmatch
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pulumi.automation import errors

from cellfleet.engine import install
from cellfleet.inventory.stack import Kind, Stack
from sandbox import process
from stacks import program_of
from tests.engine.tiny import environment_of_engine
from tests.fleets import DOCUMENT
from tests.policies.case import Case, merged, patched, read
from tests.policies.seed import change, seeded
from tests.policies.test_folders import CASES
from tests.sandbox.engine import ROOT, Engine

pytestmark = pytest.mark.xdist_group("policies")

ONE_ARGUMENT = {"stack", "set", "change", "finds"}


def seeds() -> dict[str, Path]:
    """Of each rule and stack, the first case that is nothing but one changed argument of its real program."""
    found: dict[str, Path] = {}
    for path in (path for path in CASES if path.parent.name == "fails"):
        case = read(path).content
        if "stack" in case and len(case.get("set", ())) == 1 and {*case} <= ONE_ARGUMENT:
            found.setdefault(f"{path.parts[-3]} {case['stack']}", path)
    return found


SEEDS = seeds()
A_RULE_EACH = {key.split()[0]: path for key, path in reversed(SEEDS.items())}


def pack(rule: str) -> str:
    return str(ROOT / "policies" / ("capacity" if rule.startswith("CAP") else "isolation") / "pack")


def declare(folder: Path, case: Mapping[str, Any]) -> Path:
    """Write the inventory of a case."""
    document = merged(copy.deepcopy(DOCUMENT), case.get("change", {}))
    file = folder / "cells.yaml"
    file.write_text(json.dumps({**document, "defaults": {"pod_cidr": "100.64.0.0/14"}}))
    return file


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("policies") / ".cellfleet/sandbox"
    process.start(folder)
    yield Engine(folder, patched({}).project)
    process.stop(folder)


def prepare(engine: Engine, stack: Stack) -> None:
    """Make, empty, the stacks that a workload or dns reads."""
    cells = [cell.name for cell in patched({}).managed()] if stack.kind is Kind.DNS else [stack.subject]
    if stack.kind in (Kind.WORKLOAD, Kind.DNS):
        for cell in cells:
            engine.stack(Stack(Kind.CELL, cell).name, lambda: None)


@pytest.mark.parametrize(("key", "path"), SEEDS.items(), ids=SEEDS)
def test_a_pack_stops_a_seeded_program_in_the_engine(
    key: str, path: Path, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = key.split()[0]
    case = read(path)
    monkeypatch.setenv("CELLFLEET_INVENTORY", str(declare(tmp_path, case.content)))
    stack = Stack.parse(case.content["stack"])
    prepare(engine, stack)
    program = seeded(program_of(case.facts().fleet, stack), *case.arguments)
    with pytest.raises(errors.CommandError) as stopped:
        engine.stack(stack.name, program).preview(policy_packs=[pack(rule)], color="never")
    assert re.search(rf" {rule} +\(", str(stopped.value)), str(stopped.value)[-3000:]
    assert "[mandatory]" in str(stopped.value)
    assert engine.held(stack.name) == []


@pytest.mark.parametrize(("rule", "path"), A_RULE_EACH.items(), ids=A_RULE_EACH)
def test_up_makes_nothing_of_a_seeded_program(rule: str, path: Path, tmp_path: Path) -> None:
    case = read(path)
    declare(tmp_path, case.content)
    process.start(tmp_path / ".cellfleet/sandbox")
    try:
        stack = Stack.parse(case.content["stack"])
        asked = [stack.name] if stack.kind is not Kind.WORKLOAD else [f"cell-{stack.subject}", "dns", stack.name]
        command = [sys.executable, "-m", "tests.policies.seeded_up", str(path), "up", *asked, "--sandbox", "--yes"]
        environment = {**environment_of_engine(), "PYTHONPATH": str(ROOT), "CI": "true", "NO_COLOR": "1"}
        run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert run.returncode == 5, run.stderr[-3000:]
        assert f"{rule}:" in run.stderr
        assert Engine(tmp_path / ".cellfleet/sandbox").held(stack.name) == []
    finally:
        process.stop(tmp_path / ".cellfleet/sandbox")


@pytest.fixture(scope="module")
def deployed(engine: Engine) -> Mapping[str, dict[str, Any]]:
    """The states of all stacks that seeds are of, as they are deployed with nothing wrong."""
    fleet = patched({})
    wanted = {Stack.parse(read(path).content["stack"]) for path in SEEDS.values()}
    wanted |= {Stack(Kind.CELL, stack.subject) for stack in wanted if stack.kind is Kind.WORKLOAD}
    if any(stack.kind is not Kind.CELL for stack in wanted):
        wanted |= {Stack(Kind.DNS), *(Stack(Kind.CELL, cell.name) for cell in fleet.managed())}
    wanted |= {Stack(Kind.REGISTRY, stack.subject) for stack in wanted if stack.kind is Kind.ROUTING}
    states = {}
    for stack in sorted(wanted, key=lambda one: [*Kind].index(one.kind)):
        made = engine.stack(stack.name, program_of(fleet, stack))
        made.up(color="never")
        states[stack.name] = json.loads(json.dumps(made.export_stack().deployment))
    return states


@pytest.mark.parametrize(("key", "path"), SEEDS.items(), ids=SEEDS)
def test_analyze_finds_it_in_deployed_state(
    key: str, path: Path, engine: Engine, deployed: Mapping[str, dict[str, Any]], tmp_path: Path
) -> None:
    rule = key.split()[0]
    case = read(path)
    clean = copy.deepcopy(deployed[case.content["stack"]])
    if not case.content.get("change"):
        assert rule not in analyzed(engine, clean, declare(tmp_path, {}), rule)
    violated = analyzed(engine, tampered(clean, case), declare(tmp_path, case.content), rule)
    assert rule in violated


def tampered(state: dict[str, Any], case: Case) -> dict[str, Any]:
    """A deployed state in which somebody has changed what the case changes."""
    for argument in case.arguments:
        matching = [
            resource for resource in state["resources"]
            if resource["type"] == argument.type and fnmatch.fnmatch(resource["urn"].rpartition("::")[2], argument.name)
        ]  # fmt: skip
        assert matching
        for resource in matching:
            for side in ("inputs", "outputs"):
                change(resource[side], argument.path, argument.value)
            resource.get("propertyDependencies", {}).pop(argument.path, None)
    return state


def analyzed(engine: Engine, state: dict[str, Any], inventory: Path, rule: str) -> set[str]:
    """The policies that `pulumi policy analyze` says are violated, those that stop something."""
    file = inventory.with_name("state.json")
    file.write_text(json.dumps({"version": 3, "deployment": state}))
    command = [str(install.find(ROOT).executable), "policy", "analyze", "--json", "--file", str(file)]
    run = subprocess.run(
        [*command, "--policy-pack", pack(rule)],
        cwd=inventory.parent,
        env={**os.environ, **process.environment(engine.folder), "CELLFLEET_INVENTORY": str(inventory)},
        capture_output=True,
        text=True,
    )
    events = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    told = [event["policyEvent"] for event in events if "policyEvent" in event]
    assert told or not run.returncode, run.stdout[-2000:] + run.stderr[-2000:]
    return {policy["policyName"] for policy in told if policy["enforcementLevel"] == "mandatory"}

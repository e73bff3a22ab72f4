"""The resource rules where it counts: given to the real engine as packs, in `cellfleet up`, and on deployed state."""

from __future__ import annotations

import copy
import fnmatch
import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cellfleet.engine import install
from cellfleet.inventory.finding import Scope
from cellfleet.inventory.stack import Kind, Stack
from policies.catalogue import RULES
from sandbox import process
from stacks import program_of
from tests.engine.tiny import environment_of_engine
from tests.fleets import DOCUMENT
from tests.policies.case import Case, merged, patched, read
from tests.policies.seed import Argument, change
from tests.policies.test_folders import CASES
from tests.sandbox.engine import ROOT, Engine

pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the SDKs warn of modules of their own
]

SEEDED_UP = [sys.executable, "-m", "tests.policies.seeded_up"]
ONE_ARGUMENT = {"stack", "set", "change", "finds"}


@dataclass(frozen=True)
class Seeds:
    """Cases of different rules, each nothing but one changed argument of the same real program."""

    stack: Stack
    change: Mapping[str, Any]
    """What the inventory is changed by for all of them."""
    cases: dict[str, Case] = field(default_factory=dict)
    """By rule."""

    @property
    def arguments(self) -> list[Argument]:
        return [argument for case in self.cases.values() for argument in case.arguments]

    def told(self, rule: str, *, deployed: bool = False) -> str:
        """The policy that tells a rule: capacity does not stop what is deployed already."""
        return f"{rule}-advice" if deployed and rule.startswith("CAP") else rule


def seeds() -> dict[str, Seeds]:
    """The first case of each rule on each stack, those together that one run can show."""
    found: dict[str, Seeds] = {}
    for path in (path for path in CASES if path.parent.name == "fails"):
        case, rule = read(path), path.parts[-3]
        if len(case.arguments) != 1 or not {*case.content} <= ONE_ARGUMENT:
            continue
        stack, changed = case.content["stack"], case.content.get("change", {})
        (argument,) = case.arguments
        # what the provider is changed to changes what other rules measure
        key = f"{stack} {json.dumps(changed)} {argument.type if ':providers:' in argument.type else ''}"
        some = found.setdefault(key, Seeds(Stack.parse(stack), changed))
        taken = {(argument.type, argument.path.partition(".")[0].partition("[")[0]) for argument in some.arguments}
        if (argument.type, argument.path.partition(".")[0].partition("[")[0]) not in taken:
            some.cases.setdefault(rule, case)
    shown = {rule for some in found.values() if not some.change for rule in some.cases}
    for some in found.values():
        if some.change:  # only where that is the one way to show a rule
            for rule in shown & some.cases.keys():
                del some.cases[rule]
            shown |= some.cases.keys()
    return {f"{some.stack.name} {'+'.join(some.cases)}": some for some in found.values() if some.cases}


SEEDED = seeds()
OF_CELLS = [some for some in SEEDED.values() if not some.change and some.stack.kind in (Kind.CELL, Kind.WORKLOAD)]
each_stack = pytest.mark.parametrize("some", SEEDED.values(), ids=SEEDED)


def test_every_rule_of_resources_is_among_them() -> None:
    shown = {rule for some in SEEDED.values() for rule in some.cases}
    # ISO-07 is of a resource that is read and not made, ISO-16 of several stacks together
    assert {id for id, rule in RULES.items() if Scope.RESOURCES in rule.scope} - shown == {"ISO-07", "ISO-16"}


def packs(rules: Iterable[str]) -> list[str]:
    """The options that give the engine the packs that some rules are in."""
    names = sorted({"capacity" if rule.startswith("CAP") else "isolation" for rule in rules})
    return [part for name in names for part in ("--policy-pack", str(ROOT / "policies" / name / "pack"))]


def declare(folder: Path, changed: Mapping[str, Any]) -> Path:
    """Write the inventory that violates nothing, with a change."""
    document = merged(copy.deepcopy(DOCUMENT), changed)
    file = folder / "cells.yaml"
    file.write_text(json.dumps({**document, "defaults": {"pod_cidr": "100.64.0.0/14"}}))
    return file


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("policies") / ".cellfleet/sandbox"
    process.start(folder)
    yield Engine(folder, patched({}).project)
    process.stop(folder)


@each_stack
def test_up_makes_nothing_of_a_seeded_program(some: Seeds, tmp_path: Path) -> None:
    run = up(some, tmp_path)
    told = run.stdout + run.stderr
    assert [rule for rule in some.cases if not re.search(rf"\b{rule}\b", told)] == [], told[-3000:]


@pytest.mark.parametrize("some", OF_CELLS, ids=lambda some: f"{some.stack.name} {'+'.join(some.cases)}")
def test_the_packs_stop_a_seeded_program_in_the_engine(some: Seeds, tmp_path: Path) -> None:
    run = up(some, tmp_path, "--output", "json", *packs(some.cases))
    told = {stack["stack"]: stack["message"] for stack in json.loads(run.stdout)["stacks"]}[some.stack.name]
    assert [rule for rule in some.cases if f"{rule}: " not in told] == [], told


def up(some: Seeds, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`cellfleet up` of the seeded program; nothing is made of it, for rules refuse it."""
    declare(folder, some.change)
    (folder / "arguments").write_bytes(pickle.dumps(some.arguments))
    process.start(folder / ".cellfleet/sandbox")
    try:
        before = [f"cell-{some.stack.subject}", "dns"] if some.stack.kind is Kind.WORKLOAD else []
        asked = [*before, some.stack.name]
        run = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.policies.seeded_up",
                some.stack.name,
                "up",
                *asked,
                "--sandbox",
                "--yes",
                *options,
            ],
            cwd=folder,
            env={**environment_of_engine(), "PYTHONPATH": str(ROOT), "CI": "true", "NO_COLOR": "1"},
            capture_output=True,
            text=True,
        )
        assert run.returncode == 5, run.stderr[-3000:]
        assert Engine(folder / ".cellfleet/sandbox").held(some.stack.name) == []
        return run
    finally:
        process.stop(folder / ".cellfleet/sandbox")


@pytest.fixture(scope="module")
def deployed(engine: Engine) -> Mapping[str, dict[str, Any]]:
    """The states of all stacks that seeds are of, as they are deployed with nothing wrong."""
    fleet = patched({})
    wanted = {stack for some in OF_CELLS for stack in (Stack(Kind.CELL, some.stack.subject), some.stack)}
    states = {}
    for stack in sorted(wanted, key=lambda one: [*Kind].index(one.kind)):
        made = engine.stack(stack.name, program_of(fleet, stack))
        made.up(color="never")
        states[stack.name] = made.export_stack().deployment
    return states


@pytest.mark.xdist_group("policies")  # they share what is deployed
@pytest.mark.parametrize("some", OF_CELLS, ids=lambda some: f"{some.stack.name} {'+'.join(some.cases)}")
def test_analyze_finds_it_in_deployed_state(
    some: Seeds, engine: Engine, deployed: Mapping[str, dict[str, Any]], tmp_path: Path
) -> None:
    inventory = declare(tmp_path, {})
    clean = copy.deepcopy(deployed[some.stack.name])
    told = {some.told(rule, deployed=True) for rule in some.cases}
    assert analyzed(engine, clean, inventory, some.cases) & told == set()
    assert told - analyzed(engine, tampered(clean, some), inventory, some.cases) == set()


@pytest.mark.xdist_group("policies")  # they share what is deployed
def test_analyze_finds_a_reference_to_another_cells_stack(
    engine: Engine, deployed: Mapping[str, dict[str, Any]], tmp_path: Path
) -> None:
    state, inventory = copy.deepcopy(deployed["cell-us-k8s-1"]), declare(tmp_path, {})
    urn = state["resources"][0]["urn"].split("::pulumi:pulumi:Stack")[0]
    theirs = f"organization/{patched({}).project}/cell-us-aws-1"
    named = {"name": theirs}
    state["resources"].append(
        {
            "urn": f"{urn}::pulumi:pulumi:StackReference::theirs", "custom": True, "external": True, "id": theirs,
            "type": "pulumi:pulumi:StackReference", "inputs": named, "outputs": {**named, "outputs": {}},
        }
    )  # fmt: skip
    assert "ISO-07" in analyzed(engine, state, inventory, ["ISO-07"])


@pytest.mark.xdist_group("policies")  # they share what is deployed
def test_analyze_tells_an_id_that_is_written_out_from_one_of_what_the_stack_makes(
    engine: Engine, deployed: Mapping[str, dict[str, Any]], tmp_path: Path
) -> None:
    stack, case = (
        Stack.parse("cell-us-aws-1"),
        read(ROOT / "tests/policies/ISO-02/fails/aws-subnet-in-another-network.yaml"),
    )
    clean, inventory = copy.deepcopy(deployed[stack.name]), declare(tmp_path, {})
    assert "ISO-02" not in analyzed(engine, clean, inventory, ["ISO-02"])
    assert "ISO-02" in analyzed(engine, tampered(clean, Seeds(stack, {}, {"ISO-02": case})), inventory, ["ISO-02"])


def tampered(state: dict[str, Any], some: Seeds) -> dict[str, Any]:
    """A deployed state in which somebody has changed what the cases change."""
    for argument in some.arguments:
        matching = [
            resource for resource in state["resources"]
            if resource["type"] == argument.type and fnmatch.fnmatch(resource["urn"].rpartition("::")[2], argument.name)
        ]  # fmt: skip
        assert matching, argument
        for resource in matching:
            # as of what a program writes out
            resource.get("propertyDependencies", {})[argument.path.partition(".")[0].partition("[")[0]] = []
            for side in ("inputs", "outputs"):
                change(resource[side], argument.path, argument.value)
    return state


def analyzed(engine: Engine, state: dict[str, Any], inventory: Path, rules: Iterable[str]) -> set[str]:
    """The policies that `pulumi policy analyze` says are violated."""
    file = inventory.with_name("state.json")
    file.write_text(json.dumps({"version": 3, "deployment": state}))
    run = subprocess.run(
        [str(install.find(ROOT).executable), "policy", "analyze", "--json", "--file", str(file), *packs(rules)],
        cwd=inventory.parent,
        env={**os.environ, **process.environment(engine.folder), "CELLFLEET_INVENTORY": str(inventory)},
        capture_output=True,
        text=True,
    )
    events = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    told = [event["policyEvent"] for event in events if "policyEvent" in event]
    assert told or not run.returncode, run.stdout[-2000:] + run.stderr[-2000:]
    return {policy["policyName"] for policy in told}


def test_what_is_accepted_of_what_a_program_makes_is_said_in_its_outputs(tmp_path: Path) -> None:
    (some,) = [some for some in SEEDED.values() if some.stack.name == "cell-us-k8s-1" and "ISO-06" in some.cases]
    declare(tmp_path, {})
    (tmp_path / "arguments").write_bytes(pickle.dumps([*some.cases["ISO-06"].arguments]))
    sandbox = tmp_path / ".cellfleet/sandbox"
    process.start(sandbox)
    try:
        environment = {**environment_of_engine(), "PYTHONPATH": str(ROOT), "CI": "true", "NO_COLOR": "1"}
        command = [*SEEDED_UP, some.stack.name, "up", some.stack.name, "--sandbox", "--yes"]
        run = subprocess.run(
            [*command, "--accept", "ISO-06=moved next week"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stderr[-3000:]
        output = subprocess.run(
            [str(install.find(ROOT).executable), "stack", "output", "accepted", "--json", "--stack", some.stack.name],
            cwd=tmp_path / ".cellfleet/sandboxed/work" / some.stack.name,
            env={**environment, **process.environment(sandbox)},
            capture_output=True,
            text=True,
        )
        assert json.loads(output.stdout) == {"ISO-06": "moved next week"}, output.stderr
    finally:
        process.stop(sandbox)

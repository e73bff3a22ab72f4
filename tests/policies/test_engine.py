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

import pulumi
import pytest
from pulumi.automation import errors

from cellfleet.engine import install
from cellfleet.inventory.finding import Scope
from cellfleet.inventory.stack import Kind, Stack
from policies.catalogue import RULES
from sandbox import process
from stacks import program_of
from tests.engine.tiny import environment_of_engine
from tests.fleets import DOCUMENT
from tests.policies.case import Case, merged, patched, read
from tests.policies.seed import Argument, change, seeded
from tests.policies.test_folders import CASES
from tests.sandbox.engine import ROOT, Engine

pytestmark = [
    pytest.mark.xdist_group("policies"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the SDKs warn of modules of their own
]

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
        key = f"{stack} {json.dumps(changed)}" if changed else stack
        some = found.setdefault(key, Seeds(Stack.parse(stack), changed))
        taken = {(argument.type, argument.path.partition(".")[0].partition("[")[0]) for argument in some.arguments}
        (argument,) = case.arguments
        if (argument.type, argument.path.partition(".")[0].partition("[")[0]) not in taken:
            some.cases.setdefault(rule, case)
    shown = {rule for some in found.values() if not some.change for rule in some.cases}
    for some in found.values():
        if some.change:  # only where that is the one way to show a rule
            for rule in shown & some.cases.keys():
                del some.cases[rule]
            shown |= some.cases.keys()
    return {some.stack.name if not some.change else key: some for key, some in found.items() if some.cases}


SEEDED = seeds()
OF_CELLS = [some for some in SEEDED.values() if not some.change and some.stack.kind in (Kind.CELL, Kind.WORKLOAD)]
each_stack = pytest.mark.parametrize("some", SEEDED.values(), ids=SEEDED)


def test_every_rule_of_resources_is_among_them() -> None:
    shown = {rule for some in SEEDED.values() for rule in some.cases}
    # ISO-07 is of a resource that is read and not made, ISO-16 of several stacks together
    assert {id for id, rule in RULES.items() if Scope.RESOURCES in rule.scope} - shown == {"ISO-07", "ISO-16"}


def packs(rules: Iterable[str]) -> list[str]:
    names = {"capacity" if rule.startswith("CAP") else "isolation" for rule in rules}
    return [str(ROOT / "policies" / name / "pack") for name in sorted(names)]


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


def prepare(engine: Engine, stack: Stack) -> None:
    """Make, empty, the stacks that a workload or dns reads."""
    cells = [cell.name for cell in patched({}).managed()] if stack.kind is Kind.DNS else [stack.subject]
    for cell in cells if stack.kind in (Kind.WORKLOAD, Kind.DNS) else ():
        engine.stack(Stack(Kind.CELL, cell).name, lambda: None)


@each_stack
def test_the_packs_stop_a_seeded_program_in_the_engine(
    some: Seeds, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELLFLEET_INVENTORY", str(declare(tmp_path, some.change)))
    prepare(engine, some.stack)
    program = seeded(program_of(patched(some.change), some.stack), *some.arguments)
    with pytest.raises(errors.CommandError) as stopped:
        engine.stack(some.stack.name, program).preview(policy_packs=packs(some.cases), color="never")
    told = str(stopped.value)
    assert [rule for rule in some.cases if not re.search(rf"\[mandatory\].* {rule} ", told)] == [], told[-3000:]
    assert engine.held(some.stack.name) == []


@each_stack
def test_up_makes_nothing_of_a_seeded_program(some: Seeds, tmp_path: Path) -> None:
    declare(tmp_path, some.change)
    (tmp_path / "arguments").write_bytes(pickle.dumps(some.arguments))
    process.start(tmp_path / ".cellfleet/sandbox")
    try:
        asked = [some.stack.name] if some.stack.kind is not Kind.WORKLOAD else [f"cell-{some.stack.subject}"]
        asked = list(dict.fromkeys([*asked, *(["dns"] if some.stack.kind is Kind.WORKLOAD else []), some.stack.name]))
        run = subprocess.run(
            [sys.executable, "-m", "tests.policies.seeded_up", some.stack.name, "up", *asked, "--sandbox", "--yes"],
            cwd=tmp_path,
            env={**environment_of_engine(), "PYTHONPATH": str(ROOT), "CI": "true", "NO_COLOR": "1"},
            capture_output=True,
            text=True,
        )
        assert run.returncode == 5, run.stderr[-3000:]
        told = run.stdout + run.stderr
        assert [rule for rule in some.cases if not re.search(rf"\b{rule}\b", told)] == [], told[-3000:]
        assert Engine(tmp_path / ".cellfleet/sandbox").held(some.stack.name) == []
    finally:
        process.stop(tmp_path / ".cellfleet/sandbox")


def test_the_pack_stops_a_program_that_reads_another_cells_stack(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELLFLEET_INVENTORY", str(declare(tmp_path, {})))
    fleet, stack = patched({}), Stack(Kind.CELL, "us-k8s-1")
    engine.stack("cell-us-aws-1", lambda: None)

    def program() -> None:
        pulumi.StackReference("theirs", stack_name=f"organization/{fleet.project}/cell-us-aws-1")
        program_of(fleet, stack)()

    with pytest.raises(errors.CommandError, match=r"\[mandatory\].* ISO-07 "):
        engine.stack(stack.name, program).preview(policy_packs=packs(["ISO-07"]), color="never")


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


@pytest.mark.parametrize(
    "some", [some for some in SEEDED.values() if not some.change], ids=lambda some: some.stack.name
)
def test_analyze_finds_it_in_deployed_state(
    some: Seeds, engine: Engine, deployed: Mapping[str, dict[str, Any]], tmp_path: Path
) -> None:
    inventory = declare(tmp_path, {})
    clean = copy.deepcopy(deployed[some.stack.name])
    told = {some.told(rule, deployed=True) for rule in some.cases}
    assert analyzed(engine, clean, inventory, some.cases) & told == set()
    assert told - analyzed(engine, tampered(clean, some), inventory, some.cases) == set()


def tampered(state: dict[str, Any], some: Seeds) -> dict[str, Any]:
    """A deployed state in which somebody has changed what the cases change."""
    for argument in some.arguments:
        matching = [
            resource for resource in state["resources"]
            if resource["type"] == argument.type and fnmatch.fnmatch(resource["urn"].rpartition("::")[2], argument.name)
        ]  # fmt: skip
        assert matching, argument
        for resource in matching:
            for side in ("inputs", "outputs"):
                change(resource[side], argument.path, argument.value)
    return state


def analyzed(engine: Engine, state: dict[str, Any], inventory: Path, rules: Iterable[str]) -> set[str]:
    """The policies that `pulumi policy analyze` says are violated."""
    file = inventory.with_name("state.json")
    file.write_text(json.dumps({"version": 3, "deployment": state}))
    given = [part for path in packs(rules) for part in ("--policy-pack", path)]
    run = subprocess.run(
        [str(install.find(ROOT).executable), "policy", "analyze", "--json", "--file", str(file), *given],
        cwd=inventory.parent,
        env={**os.environ, **process.environment(engine.folder), "CELLFLEET_INVENTORY": str(inventory)},
        capture_output=True,
        text=True,
    )
    events = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    told = [event["policyEvent"] for event in events if "policyEvent" in event]
    assert told or not run.returncode, run.stdout[-2000:] + run.stderr[-2000:]
    return {policy["policyName"] for policy in told}

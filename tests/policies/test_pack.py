"""The policy packs as Pulumi is given them: what they say of themselves, and what their configuration changes."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pulumi_policy
import pytest
import yaml
from pulumi.automation import events
from pulumi.automation.errors import CommandError

from cellfleet.inventory.stack import Stack
from policies.asked import ACCEPT, AS_OF
from policies.capacity.family import CAPACITY
from policies.isolation.family import ISOLATION
from policies.pack import ADVICE, policies_of, served
from policies.rule import Family
from sandbox import process
from stacks import program_of
from tests.fleets import fleet, text
from tests.sandbox.engine import ROOT, Engine

pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.xdist_group("pack"),
]

FAMILIES = {"isolation": ISOLATION, "capacity": CAPACITY}
each_pack = pytest.mark.parametrize(("name", "family"), FAMILIES.items(), ids=FAMILIES)


@each_pack
def test_each_rule_is_a_policy_that_stops_and_one_that_tells(name: str, family: Family) -> None:
    assert (ROOT / "policies" / name / "pack").stat().st_mode & 0o111
    remember, *policies = served(family, pulumi_policy)
    assert isinstance(remember, pulumi_policy.ResourceValidationPolicy)
    assert [policy.name for policy in policies] == [id + more for id in family.rules for more in ("", ADVICE)]
    for policy in policies:
        rule = family.rules[policy.name.removesuffix(ADVICE)]
        stops = policy.name == rule.id
        level = pulumi_policy.EnforcementLevel.MANDATORY if stops else pulumi_policy.EnforcementLevel.ADVISORY
        assert policy.enforcement_level is level
        assert policy.severity is (pulumi_policy.Severity.HIGH if stops else pulumi_policy.Severity.LOW)
        assert policy.display_name == rule.title
        assert policy.description == f"{rule.title}. {rule.why}"
        assert policy.remediation_steps == rule.remedy
        assert policy.url == f"docs/rules.md#{rule.id.lower()}"
        assert policy.tags == [family.prefix.lower()]


@each_pack
def test_what_can_be_set_is_the_rules_numbers_with_their_bounds(name: str, family: Family) -> None:
    assert FAMILIES[name] is family
    for policy in policies_of(family):
        assert [*policy.schema] == [number.name for number in policy.rule.numbers]
        for number in policy.rule.numbers:
            schema = policy.schema[number.name]
            jsonschema.Draft202012Validator.check_schema(schema)
            assert schema["description"].startswith(f"{number.meaning}; {number.default:.12g}, where ")
            assert "default" not in schema, "the engine would fill it in, before what the inventory sets"
            valid = jsonschema.Draft202012Validator(schema).is_valid
            assert valid(number.default)
            assert valid(number.least)
            assert not valid(number.least - 0.1)
            assert valid(number.most + 0.1) is (number.most == float("inf"))


@each_pack
def test_its_folder_says_what_pulumi_runs(name: str, family: Family) -> None:
    described = yaml.safe_load((ROOT / "policies" / name / "PulumiPolicy.yaml").read_text())
    assert described["runtime"]["name"] == "python"
    main = ROOT / "policies" / name / described["main"]
    assert f'PolicyPack("cellfleet-{name}", served({name.upper()}, pulumi_policy))' in main.read_text()
    assert described["description"]
    assert family.prefix


@each_pack
@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("CELLFLEET_INVENTORY", "nowhere.yaml", "nowhere.yaml: INV-01 there is no such file"),
        (AS_OF, "tomorrow", "CELLFLEET_AS_OF is 'tomorrow', which is no day. Write it as 2026-12-31."),
        (ACCEPT, "ISO-09=we know", "Findings of 'ISO-09' cannot be accepted: it cannot be waived."),
    ],
)
def test_what_it_cannot_understand_stops_it_with_a_sentence(
    name: str, family: Family, variable: str, value: str, told: str, tmp_path: Path
) -> None:
    assert FAMILIES[name] is family
    (tmp_path / "policies").mkdir()  # where pulumi is called there may be other code of that name
    (tmp_path / "policies/__init__.py").write_text("raise SystemExit('another')")
    environment = {**os.environ, variable: value, "CELLFLEET_PYTHON": sys.executable}
    pack = subprocess.run(
        [ROOT / "policies" / name / "pack"], cwd=tmp_path, capture_output=True, text=True, env=environment, timeout=60
    )
    assert (pack.returncode, pack.stdout) == (1, "")
    assert pack.stderr.startswith(told)


# --- with the real engine ---------------------------------------------------------------------------------------------

STACK = "cell-us-k8s-1"
OVERLAP: dict[str, Any] = {"cells.us-k8s-1.cidr": "10.0.16.0/20"}
WAIVED: dict[str, Any] = {
    "cells.us-k8s-1.zones": ["rack-1"],
    "waivers": [
        {"rule": "CAP-07", "subjects": ["cells.us-k8s-1"], "owner": "ctrl", "reason": "soon", "expires": "2027-01-31"}
    ],
}


@dataclass(frozen=True)
class Previewed:
    """What a preview with a pack came to."""

    levels: Mapping[str, str]
    """`mandatory` or `advisory`, of each policy that had something to tell."""
    refused: bool
    told: str


class Previews:
    """Previews of a cell that was never deployed, by its program alone: nobody but the pack judges it."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder

    def run(
        self, name: str, changes: dict[str, Any], configuration: Mapping[str, Any], *, form: str = "pack"
    ) -> Previewed:
        """`form` is what of a pack's folder the engine is given: its program, or `.` for the folder itself."""
        (self.folder / "cells.yaml").write_text(text(changes))
        configured = self.folder / "configuration.json"
        configured.write_text(json.dumps(configuration))
        levels: dict[str, str] = {}

        def hear(event: events.EngineEvent) -> None:
            if event.policy_event:
                levels[event.policy_event.policy_name] = event.policy_event.enforcement_level

        stack = self.engine.stack(STACK, program_of(fleet(changes), Stack.parse(STACK)))
        given = str(ROOT / "policies" / name / form)
        try:
            ran = stack.preview(
                policy_packs=[given], policy_pack_configs=[str(configured)], on_event=hear, color="never"
            )
        except CommandError as error:
            return Previewed(levels, True, str(error))
        return Previewed(levels, False, ran.stdout)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("pack") / ".cellfleet/sandbox"
    process.start(folder)
    yield Engine(folder, "acme-production")
    process.stop(folder)


@pytest.fixture
def previews(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Previews]:
    monkeypatch.setenv("CELLFLEET_INVENTORY", str(tmp_path / "cells.yaml"))
    monkeypatch.setenv(AS_OF, "2026-11-24")
    monkeypatch.setenv("CELLFLEET_PYTHON", sys.executable)
    yield Previews(engine, tmp_path)
    gc.collect()  # what pulumi left open goes with the test that opened it


@pytest.mark.parametrize(
    ("pack", "changes", "configuration", "levels"),
    [
        ("isolation", OVERLAP, {}, {"ISO-04": "mandatory"}),
        ("isolation", OVERLAP, {"ISO-04": {"enforcementLevel": "advisory"}}, {"ISO-04": "advisory"}),
        ("isolation", OVERLAP, {"ISO-04": "disabled"}, {}),
        ("capacity", {}, {}, {}),
        ("capacity", {}, {"CAP-07": {"zones": 4}}, {"CAP-07": "mandatory"}),
        ("capacity", {"policies.CAP-07.zones": 4}, {}, {"CAP-07": "mandatory"}),
        ("capacity", {"policies.CAP-07.zones": 4}, {"CAP-07": {"zones": 2}}, {}),
        ("capacity", {}, {"CAP-07": {"zone": 4}}, {"CAP-07": "mandatory", "CAP-07-advice": "advisory"}),
        ("capacity", WAIVED, {"CAP-07": {"zones": 1}}, {}),
        ("capacity", WAIVED, {}, {"CAP-07-advice": "advisory"}),
        ("capacity", WAIVED, {"CAP-07-advice": "mandatory"}, {"CAP-07-advice": "mandatory"}),
    ],
    ids=["overlap", "overlap-told", "overlap-off", "clean", "number", "number-here", "number-before", "no-number",
         "number-of-advice", "waived", "waived-stops"],
)  # fmt: skip
def test_a_packs_configuration_changes_what_stops(
    previews: Previews,
    pack: str,
    changes: dict[str, Any],
    configuration: Mapping[str, Any],
    levels: Mapping[str, str],
) -> None:
    came = previews.run(pack, changes, configuration)
    assert came.levels == levels, came.told
    assert came.refused is ("mandatory" in levels.values()), came.told


def test_a_number_out_of_its_bounds_is_refused_by_the_engine(previews: Previews) -> None:
    came = previews.run("capacity", {}, {"CAP-09": {"used": 2}})
    assert came.refused
    assert "used" in came.told
    assert not came.levels


LISTENING = """\
import os, sys

def hear(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        with open(os.environ["HEARD"], "a") as file:
            print(event, arguments[-1] if event == "socket.connect" else arguments[0], file=file)

sys.addaudithook(hear)
with open(os.environ["HEARD"], "a") as file:
    print("listens", file=file)
"""


@each_pack
def test_a_pack_asks_no_network(
    previews: Previews, name: str, family: Family, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(LISTENING)
    monkeypatch.setenv("HEARD", str(tmp_path / "heard"))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    assert previews.run(name, {}, {}).levels == {}, family.title
    heard = (tmp_path / "heard").read_text().splitlines()
    assert "listens" in heard, "the pack ran without anybody listening"
    assert [line for line in heard if line != "listens" and "127.0.0.1" not in line] == []


@pytest.mark.skipif(not shutil.which("pulumi-language-python"), reason="Pulumi's Python language host is not on PATH")
@pytest.mark.parametrize(
    ("name", "changes", "rule"),
    [("isolation", OVERLAP, "ISO-04"), ("capacity", {"cells.us-k8s-1.zones": ["rack-1"]}, "CAP-07")],
)
def test_pulumi_runs_the_packs_folder(previews: Previews, name: str, changes: dict[str, Any], rule: str) -> None:
    assert previews.run(name, changes, {}, form=".").levels == {rule: "mandatory"}

"""Each rule's examples are what they are shown as: the rule finds something in the bad one, and nothing in the good."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
import yaml

from cellfleet.cli import main
from policies.catalogue import RULES
from policies.example import FOLDER, Example, examples_of
from tests.fleets import document
from tests.policies.case import Case, merged

JUDGED = [rule for rule in RULES if rule.startswith(("ISO", "CAP", "LIF", "RTE"))]
TENANTS = {"file": "tenants.csv", "authority": "inventory", "project_keys": "keys.csv"}
TWO = (
    "id,slug,cell,group,requests_per_second,storage_gib,alias_of,expires\n"
    "1,acorn,us-aws-1,,4.5,12,,\n2,birch,us-gcp-1,,1,3,,\n"
)
LONGEST = 24
"""Lines of an example, so that a terminal shows both."""


@pytest.mark.parametrize("rule", JUDGED)
def test_a_bad_example_is_found_and_a_good_one_is_not(rule: str) -> None:
    assert examples_of(rule), f"policies/examples/{rule}.yaml is missing"
    content = yaml.safe_load((FOLDER / f"{rule}.yaml").read_text())  # as cases are read, with days for days
    bad, good = ({key: one[key] for key in one if key != "says"} for one in (content["bad"], content["good"]))
    assert Case(bad).findings(rule)
    assert not Case(good).findings(rule)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.startswith("INV")])
def test_an_inventory_is_what_its_example_says(
    rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    examples = examples_of(rule)
    assert examples is not None, f"policies/examples/{rule}.yaml is missing"
    for example, broken in ((examples.bad, True), (examples.good, False)):
        command = written(example, tmp_path) or ["check", "--inventory", "cells.yaml"]
        main([*command, "--output", "json"])
        found = json.loads(capsys.readouterr().out)["findings"]
        assert (rule in {finding["rule"] for finding in found}) is broken, found


def written(example: Example, folder: Path) -> list[str]:
    """Write the inventory of an example: changed, or with its text at the end or in its tenant files, or nothing else.

    What is given back is the command that its text is instead; empty where it is none.
    """
    shown = str(example.content.get("text", ""))
    command = shlex.split(shown)[1:] if shown.startswith("cellfleet ") else []
    shown = "" if command else shown
    whole = yaml.safe_dump(
        merged(document({"tenants": TENANTS, "defaults.pod_cidr": "100.64.0.0/14"}), example.content.get("change", {})),
        sort_keys=False,
    )
    (folder / "tenants.csv").write_text(shown if shown.startswith("id,") else TWO)
    (folder / "keys.csv").write_text(shown if shown.startswith("public_key,") else "public_key,tenant_id\n")
    if not shown.startswith(("id,", "public_key,")):
        whole = shown if shown.startswith("version:") else whole + shown
    (folder / "cells.yaml").write_text(whole)
    for name, text in example.content.get("files", {}).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return command


@pytest.mark.parametrize("rule", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_an_example_is_one_sentence_and_what_fits_a_terminal(rule: str) -> None:
    assert rule in RULES
    examples = examples_of(rule)
    assert examples is not None
    for example in (examples.bad, examples.good):
        assert example.says[0].isupper()
        assert example.says.endswith(".")
        assert 0 < len([*example.lines()]) <= LONGEST

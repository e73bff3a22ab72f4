"""Each rule on its folder of cases: quiet on those in `passes`, and finding exactly what those in `fails` say."""

from __future__ import annotations

import fnmatch
from pathlib import Path

import pytest

from cellfleet.inventory.finding import Finding
from policies.catalogue import RULES
from policies.routing.rules import RULES as ROUTING
from tests.policies.case import read

HERE = Path(__file__).parent
FOLDERS = sorted(folder for folder in HERE.iterdir() if folder.name[:3].isupper())
CASES = sorted(path for folder in FOLDERS for path in folder.rglob("*.yaml"))
JUDGED = [rule for rule in RULES if rule.startswith(("ISO", "CAP", "LIF", "RTE"))]

SAID = ("message", "measured", "limit")
"""Of which a case may have how they begin."""


@pytest.mark.parametrize("rule", JUDGED)
def test_a_rule_has_cases_of_both_kinds(rule: str) -> None:
    for kind in ("passes", "fails"):
        assert list((HERE / rule / kind).glob("*.yaml")), f"tests/policies/{rule}/{kind} has no case"


def test_every_folder_is_of_a_rule() -> None:
    assert {folder.name for folder in FOLDERS} <= {*RULES}


@pytest.mark.parametrize("path", CASES, ids=lambda path: str(path.relative_to(HERE)))
def test_a_rule_finds_what_its_case_says(path: Path) -> None:
    case = read(path)
    rule, kind = path.parts[-3:-1]
    every = case.judged(rule)
    found = [finding for finding in every if finding.rule == rule]
    besides = {finding.rule for finding in every if finding.rule in ROUTING} - {rule}
    assert besides == {*case.content.get("besides", ())}, "\n".join(map(_told, every))
    if kind == "passes":
        assert found == []
        return
    expected = case.content["finds"]
    assert len(found) == len(expected), "\n".join(map(_told, found)) or "nothing was found"
    assert rule not in ROUTING or all(finding.measured and finding.limit and finding.remedy for finding in found)
    for wanted in expected:
        assert any(_is(finding, wanted) for finding in found), "\n".join(map(_told, found))


def _is(finding: Finding, wanted: dict[str, str]) -> bool:
    return (
        finding.subject == wanted["subject"]
        and finding.severity == wanted.get("severity", finding.severity)
        and fnmatch.fnmatch(finding.resource, wanted.get("resource", "*"))
        and all(getattr(finding, said).startswith(wanted.get(said, "")) for said in SAID)
    )


def _told(finding: Finding) -> str:
    about = f"{finding.rule} {finding.subject} {finding.severity} {finding.resource}"
    return f"{about}: {finding.message} ({finding.measured})"

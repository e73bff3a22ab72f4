"""Each format as whoever reads it is shown it."""

# ruff: noqa: E501 (what formats write, to the letter)

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from inline_snapshot import snapshot

from cellfleet.cli.output import Output, markdown, place, sarif
from cellfleet.cli.output.place import in_repository, page_of
from cellfleet.inventory.finding import Finding, Location, Scope
from tests.cli.output.samples import EVERY, OVERLAP, PEERING, written


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is no repository, and no CI around it."""
    monkeypatch.chdir(tmp_path)
    for variable in ("FORCE_COLOR", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA"):
        monkeypatch.delenv(variable, raising=False)
    place._repository.cache_clear()
    return tmp_path


def test_text_shows_what_is_waived_after_the_rest() -> None:
    assert written(Output.TEXT, EVERY) == snapshot("""\
cells.yaml:118:11: error ISO-04: it overlaps us-aws-1
     = seen: 10.0.8.0/20
     = allowed: nothing of 10.0.0.0/20
     = concerns: cells.us-aws-1
     = help: give it 10.0.96.0/20, which is free

cells.yaml:210:12: warning RTE-07: it and routes[5] match {tenant}.us.acme.io
     = help: let one match less

tenants.csv: note INV-57: an alias has expired

cells.yaml:100:3: waived ISO-02: a peering joins its network to another
     = waived: ctrl, until 2027-01-31: billing reads there
     = seen: vpc-0123
     = allowed: none
     = resource: urn:pulumi:cell-us-aws-1::acme::aws:ec2/vpcPeeringConnection:VpcPeeringConnection::peering

4 findings, 1 waived
""")


def test_what_is_waived_is_dimmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    lines = written(Output.TEXT, [PEERING]).splitlines()
    assert all(line.startswith("\033[2m") for line in lines[:-2])


def test_github_annotates_lines_the_worst_first() -> None:
    assert written(Output.GITHUB, EVERY[::-1]) == snapshot("""\
::error file=cells.yaml,line=118,col=11,endColumn=22,title=ISO-04 cells.us-aws-2.cidr::it overlaps us-aws-1%0Aseen: 10.0.8.0/20%0Aallowed: nothing of 10.0.0.0/20%0Ahelp: give it 10.0.96.0/20, which is free
::warning file=cells.yaml,line=210,col=12,endColumn=32,title=RTE-07 routes[3].host::it and routes[5] match {tenant}.us.acme.io%0Ahelp: let one match less
::notice file=tenants.csv,title=INV-57 tenants.csv::an alias has expired
::notice file=cells.yaml,line=100,col=3,endColumn=11,title=ISO-02 waived%3A cells.us-aws-1::a peering joins its network to another%0Aseen: vpc-0123%0Aallowed: none%0Awaived: ctrl, until 2027-01-31: billing reads there
""")


def test_sarif_has_what_the_format_requires() -> None:
    document = json.loads(written(Output.SARIF, EVERY, ran=[Scope.RESOURCES]))
    assert (document["$schema"], document["version"]) == (sarif.SCHEMA, "2.1.0")
    (run,) = document["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], run["columnKind"]) == ("cellfleet", "unicodeCodePoints")
    assert {"ISO-16", "RTE-07"} <= {rule["id"] for rule in driver["rules"]}
    for rule in driver["rules"]:
        assert {"id", "shortDescription", "fullDescription", "help", "defaultConfiguration"} <= {*rule}
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
    whole = run["results"][-1]["locations"][0]["physicalLocation"]
    assert whole == {"artifactLocation": {"uri": "tenants.csv", "uriBaseId": "%SRCROOT%"}}


def test_sarif_of_what_is_waived() -> None:
    (run,) = json.loads(written(Output.SARIF, [PEERING]))["runs"]
    (result,) = run["results"]
    assert result == snapshot(
        {
            "ruleId": "ISO-02",
            "ruleIndex": 0,
            "level": "error",
            "message": {
                "text": """\
a peering joins its network to another
Seen: vpc-0123
Allowed: none
Help: remove the peering\
"""
            },
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "cells.yaml", "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": 100, "startColumn": 3, "endColumn": 11},
                    },
                    "logicalLocations": [
                        {"fullyQualifiedName": "cells.us-aws-1", "kind": "element"},
                        {
                            "fullyQualifiedName": "urn:pulumi:cell-us-aws-1::acme::aws:ec2/vpcPeeringConnection:VpcPeeringConnection::peering",
                            "kind": "resource",
                        },
                    ],
                }
            ],
            "partialFingerprints": {"primaryLocationLineHash": "6c76cc06896d6b11:1"},
            "properties": {"subject": "cells.us-aws-1", "concerns": ["cells.us-aws-1"], "dated": False},
            "suppressions": [{"kind": "external", "justification": "ctrl, until 2027-01-31: billing reads there"}],
        }
    )


def test_a_fingerprint_stays_when_lines_move_and_tells_findings_apart() -> None:
    def fingerprints(*findings: Finding) -> list[str]:
        results = json.loads(written(Output.SARIF, findings))["runs"][0]["results"]
        return [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]

    assert fingerprints(OVERLAP) == fingerprints(replace(OVERLAP, location=Location("cells.yaml", 7, 1)))
    assert len({*fingerprints(*EVERY, OVERLAP)}) == len(EVERY) + 1


def test_junit_tells_rules_that_hold_beside_those_that_do_not() -> None:
    assert written(Output.JUNIT, EVERY) == snapshot("""\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="cellfleet" tests="4" failures="1">
  <testsuite name="INV: the tenants can be understood" tests="1" failures="0">
    <testcase classname="cellfleet.INV" name="INV-57 No alias has expired">
      <system-out>tenants.csv: note: an alias has expired</system-out>
    </testcase>
  </testsuite>
  <testsuite name="ISO: cells are isolated" tests="2" failures="1">
    <testcase classname="cellfleet.ISO" name="ISO-02 A cell has one network of its own, with no way into another cell's">
      <system-out>cells.yaml:100:3: error: a peering joins its network to another
  seen: vpc-0123
  allowed: none
  resource: urn:pulumi:cell-us-aws-1::acme::aws:ec2/vpcPeeringConnection:VpcPeeringConnection::peering
  waived: ctrl, until 2027-01-31: billing reads there
  help: remove the peering</system-out>
    </testcase>
    <testcase classname="cellfleet.ISO" name="ISO-04 No two cells' ranges overlap, each is inside a supernet, and supernets have room">
      <failure type="ISO-04" message="it overlaps us-aws-1">cells.yaml:118:11: error: it overlaps us-aws-1
  seen: 10.0.8.0/20
  allowed: nothing of 10.0.0.0/20
  help: give it 10.0.96.0/20, which is free</failure>
    </testcase>
  </testsuite>
  <testsuite name="RTE: routing, proved by `check --routes`" tests="1" failures="0">
    <testcase classname="cellfleet.RTE" name="RTE-07 No two routes disagree on some requests">
      <system-out>cells.yaml:210:12: warning: it and routes[5] match {tenant}.us.acme.io
  help: let one match less</system-out>
    </testcase>
  </testsuite>
</testsuites>
""")
    suites = Xml.fromstring(written(Output.JUNIT, EVERY, ran=[Scope.ROUTING]))
    routing = suites.findall("testsuite")[-1]
    assert int(routing.get("tests", "")) == len(routing.findall("testcase")) > 20
    assert (suites.get("failures"), routing.get("failures")) == ("1", "0")


def test_markdown_has_a_section_a_severity() -> None:
    assert written(Output.MARKDOWN, EVERY) == snapshot("""\
### cellfleet: 4 findings, 1 waived

#### Errors

- **ISO-04** `cells.yaml:118` it overlaps us-aws-1
  - seen: 10.0.8.0/20
  - allowed: nothing of 10.0.0.0/20
  - help: give it 10.0.96.0/20, which is free

#### Warnings

- **RTE-07** `cells.yaml:210` it and routes\\[5] match {tenant}.us.acme.io
  - help: let one match less

#### Notes

- **INV-57** `tenants.csv` an alias has expired

#### Waived

- **ISO-02** `cells.yaml:100` a peering joins its network to another
  - seen: vpc-0123
  - allowed: none
  - resource: `urn:pulumi:cell-us-aws-1::acme::aws:ec2/vpcPeeringConnection:VpcPeeringConnection::peering`
  - waived by: ctrl, until 2027-01-31: billing reads there
""")
    assert written(Output.MARKDOWN, []) == snapshot("### cellfleet: nothing was found\n")


def test_markdown_stays_in_its_budget_and_says_what_was_cut() -> None:
    long = [OVERLAP] * 400 + [PEERING] * 3
    text = written(Output.MARKDOWN, long)
    assert markdown.BUDGET - 1_500 < len(text.encode()) <= markdown.BUDGET
    assert text.splitlines()[-1] == snapshot(
        "Not shown, for want of room: 17 of 400 under “Errors”; 3 of 3 under “Waived”. `cellfleet check` shows them all."
    )
    assert "#### Waived" not in text
    assert len(markdown.composed([OVERLAP], budget=600).encode()) <= 600


def test_a_file_is_named_as_its_repository_has_it(nowhere: Path) -> None:
    (nowhere / ".git").mkdir()
    (nowhere / "fleets/eu").mkdir(parents=True)
    assert in_repository("fleets/../fleets/eu/cells.yaml") == "fleets/eu/cells.yaml"
    assert in_repository(str(nowhere / "cells.yaml")) == "cells.yaml"
    assert in_repository("/elsewhere/cells.yaml") == "/elsewhere/cells.yaml"


def test_a_rule_is_linked_to_where_its_page_is(monkeypatch: pytest.MonkeyPatch, nowhere: Path) -> None:
    for name, value in {"SERVER_URL": "https://github.com", "REPOSITORY": "acme/fleet", "SHA": "0a1b"}.items():
        monkeypatch.setenv(f"GITHUB_{name}", value)
    assert page_of("ISO-04") == ""  # there is no repository here, let alone one that has the page
    (nowhere / ".git").write_text("gitdir: elsewhere")
    (nowhere / "docs").mkdir()
    (nowhere / "docs/rules.md").touch()
    place._repository.cache_clear()
    assert page_of("ISO-04") == "https://github.com/acme/fleet/blob/0a1b/docs/rules.md#iso-04"
    (rule, *_) = json.loads(written(Output.SARIF, [OVERLAP]))["runs"][0]["tool"]["driver"]["rules"]
    assert rule["helpUri"] == page_of("ISO-04")
    assert f"**[ISO-04]({page_of('ISO-04')})**" in written(Output.MARKDOWN, [OVERLAP])

"""`cellfleet rule`: what a person who was shown an id is told."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from cellfleet.cli import main
from policies import example
from policies.capacity.quotas import defaults
from policies.catalogue import RULES
from tests.fleets import text

EXAMPLES = """\
bad:
  says: Two cells have addresses in common.
  change: {cells: {us-gcp-1: {cidr: 10.0.0.0/20}}}
good:
  says: A subnet of the database is as it was, and the range begins where the other ends.
  change: {fleet: {supernets: [10.0.0.0/8]}, cells: {us-gcp-1: {cidr: 10.0.16.0/20, labels: {team: "no", on_call: "12:30"}}}}
  tenants: [[1001, acme, us-aws-1, "", 10.0, 1.0]]
  stack: cell-us-aws-1
  set: [{type: "aws:ec2/subnet:Subnet", name: "*-data-*", path: mapPublicIpOnLaunch, value: false}]
  refer: [{type: "aws:s3/bucket:Bucket", path: kmsKeyId, to: "aws:kms/key:Key", to_name: "*-data"}]
  add: [{type: "aws:ec2/vpc:Vpc", name: second, inputs: {cidrBlock: 10.9.0.0/20}, refers: {ipamPoolId: "aws:ec2/pool:Pool"}}]
  remove: [{type: "aws:ec2/eip:Eip"}]
"""  # noqa: E501


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with no inventory, and examples of one rule."""
    monkeypatch.chdir(tmp_path)
    for variable in ("FORCE_COLOR", "CELLFLEET_INVENTORY"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "ISO-04.yaml").write_text(EXAMPLES)
    monkeypatch.setattr(example, "FOLDER", tmp_path)
    return tmp_path


@pytest.mark.parametrize("id", ["ISO-04", "iso-04", "iso4"])
def test_a_rule_is_explained(id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", id]) == 0
    assert capsys.readouterr().out == snapshot("""\
error ISO-04: No two cells' ranges overlap, each is inside a supernet, and supernets have room
  mandatory, can be waived; measured on fleet, resources

Why: Ranges that overlap can never be told apart, not even to move a tenant between them.
What to do: give the cell the next free range: `cellfleet cell add` chooses it.

Numbers:
  unallocated = 0.25  share of the supernets' addresses that no cell has

Bad: Two cells have addresses in common.
  | # cells.yaml
  | cells: {us-gcp-1: {cidr: 10.0.0.0/20}}

Good: A subnet of the database is as it was, and the range begins where the other ends.
  | # cells.yaml
  | fleet: {supernets: [10.0.0.0/8]}
  | cells: {us-gcp-1: {cidr: 10.0.16.0/20, labels: {team: "no", on_call: "12:30"}}}
  | # tenants.csv
  | id,slug,cell,group,requests_per_second,storage_gib
  | 1001,acme,us-aws-1,,10.0,1.0
  | # what stack cell-us-aws-1 registers
  | aws:ec2/subnet:Subnet *-data-*:
  |   mapPublicIpOnLaunch: false
  | aws:s3/bucket:Bucket:
  |   kmsKeyId: "(that of aws:kms/key:Key *-data)"
  | aws:ec2/vpc:Vpc second:  # one more
  |   cidrBlock: 10.9.0.0/20
  |   ipamPoolId: "(that of the stack's aws:ec2/pool:Pool)"
  | aws:ec2/eip:Eip: null  # there is none

docs/rules.md#iso-04
""")


ROUTED = """\
bad:
  says: To routers there is no globex, and its cell is called otherwise.
  target: envoy
  locality: us
  edit:
    - {file: "map-*.txt", find: "sglobex 2\\n", replace: ""}
    - {file: cds.json, find: us-gcp-1/web, replace: us-gcp-1/www}
good:
  says: The team's cells are in a file of their own.
  change: {include: [cells/*.yaml]}
  files: {cells/team.yaml: "cells: {}\\n"}
  target: dns
"""


def test_what_is_rendered_is_shown_as_a_patch(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "RTE-20.yaml").write_text(ROUTED)
    assert main(["rule", "RTE-20"]) == 0
    assert capsys.readouterr().out.partition("\nBad: ")[2] == snapshot("""\
To routers there is no globex, and its cell is called otherwise.
  | # what `cellfleet render envoy` writes for us, but in map-*.txt
  | - sglobex 2
  | # what `cellfleet render envoy` writes for us, but in cds.json
  | - us-gcp-1/web
  | + us-gcp-1/www

Good: The team's cells are in a file of their own.
  | # cells.yaml
  | include: [cells/*.yaml]
  | # cells/team.yaml
  | cells: {}
  | # what `cellfleet render dns` writes, as it is

docs/rules.md#rte-20
""")


def test_the_quotas_are_listed_by_the_names_that_a_fleet_grants_them_by(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "CAP-06"]) == 0
    assert re.search(r"^  aws/vpcs +5  VPCs per Region, checked 20\d\d-", capsys.readouterr().out, re.MULTILINE)
    assert main(["rule", "CAP-06", "--output", "json"]) == 0
    quotas = json.loads(capsys.readouterr().out)["rule"]["quotas"]
    assert [one["id"] for one in quotas] == [one.id for one in defaults()]
    assert {one["source"][:8] for one in quotas} == {"https://"}


def test_numbers_are_those_of_the_fleet(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "cells.yaml").write_text(text({"policies": {"ISO-04": {"unallocated": 0.5}}}))
    assert main(["rule", "ISO-04"]) == 0
    assert "unallocated = 0.5  share of" in (shown := capsys.readouterr().out)
    assert "(set here; by default 0.25)" in shown
    (folder / "cells.yaml").write_text("version: 2")
    assert main(["rule", "ISO-04"]) == 0, "a rule is explained to whoever mends the inventory"
    assert "unallocated = 0.25" in capsys.readouterr().out


@pytest.mark.parametrize(("id", "hint"), [("ISO-44", "Did you mean ISO-"), ("x", "`cellfleet rule` lists")])
def test_a_rule_that_there_is_not(id: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", id]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert f"There is no rule '{id}'.\n{hint}" in said.err


def test_all_are_listed_by_family(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == snapshot(["INV: the inventory can be understood", "  INV-01  error    The file can be read"])
    assert sum(line.split()[:1] == [id] for line in lines for id in RULES) == len(RULES)


def test_rules_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "--output", "json"]) == 0
    every = json.loads(capsys.readouterr().out)
    assert (every["format_version"], [rule["id"] for rule in every["rules"]]) == (1, [*RULES])
    assert main(["rule", "ISO-04", "--output", "json"]) == 0
    rule = json.loads(capsys.readouterr().out)["rule"]
    examples = rule.pop("examples")
    assert rule == snapshot(
        {
            "id": "ISO-04",
            "title": "No two cells' ranges overlap, each is inside a supernet, and supernets have room",
            "severity": "error",
            "enforcement": "mandatory",
            "scope": ["fleet", "resources"],
            "waivable": True,
            "why": "Ranges that overlap can never be told apart, not even to move a tenant between them.",
            "remedy": "give the cell the next free range: `cellfleet cell add` chooses it",
            "numbers": [
                {
                    "name": "unallocated",
                    "default": 0.25,
                    "meaning": "share of the supernets' addresses that no cell has",
                }
            ],
            "docs": "docs/rules.md#iso-04",
            "set_here": {},
        }
    )
    assert examples["bad"]["shown"] == "# cells.yaml\ncells: {us-gcp-1: {cidr: 10.0.0.0/20}}"
    assert examples["good"]["stack"] == "cell-us-aws-1"

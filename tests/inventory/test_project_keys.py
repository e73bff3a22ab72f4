"""Files of project keys: what is right, and what is wrong and where."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from cellfleet.cli import main
from cellfleet.inventory.finding import Finding
from cellfleet.inventory.tenants import project_keys
from cellfleet.inventory.tenants.columns import ProjectKeys
from cellfleet.inventory.tenants.read import read
from tests.fleets import text

TENANTS = "id,slug,cell,group,requests_per_second,storage_gib\n1,ada,us-1,,1,2\n2,bob,us-2,,1,2\n"
GOOD = "public_key,tenant_id\nabc123,1\nabc124,1\nabc125,2\n"


def found(tmp_path: Path, content: str | bytes, file: str = "keys.csv") -> tuple[ProjectKeys, tuple[Finding, ...]]:
    (tmp_path / "tenants.csv").write_text(TENANTS)
    tenants, findings = read(tmp_path / "tenants.csv", ("us-1", "us-2"), date(2026, 11, 24))
    assert findings == ()
    (tmp_path / file).write_bytes(content.encode() if isinstance(content, str) else content)
    return project_keys.read(tmp_path / file, tenants, name=file)


@pytest.mark.parametrize("content", [GOOD, GOOD.replace("\n", "\r\n"), f"\ufeff{GOOD}"])
def test_keys_come_as_columns(tmp_path: Path, content: str) -> None:
    keys, findings = found(tmp_path, content)
    assert findings == ()
    assert keys.rows.to_pydict() == {"public_key": ["abc123", "abc124", "abc125"], "tenant_id": ["1", "1", "2"]}
    assert len(found(tmp_path, gzip.compress(content.encode()), "keys.csv.gz")[0]) == 3


WRONG = [  # what the file is, and what is found
    ("", ["1:1 INV-61"]),
    ("public_key\nabc\n", ["1:1 INV-61"]),
    ("public_key,tenant\nabc,1\n", ["1:1 INV-61", "1:12 INV-61"]),
    (f"{GOOD}abc126\n", ["5:1 INV-62"]),
    (f"{GOOD}abc126,1,1\n", ["5:1 INV-62"]),
    (f"{GOOD}\n", ["5:1 INV-62"]),
    (f"{GOOD}no spaces,1\n", ["5:1 INV-63"]),
    (f"{GOOD},1\n", ["5:1 INV-63"]),
    (f"{GOOD}abc123,2\n", ["5:1 INV-64"]),
    (f"{GOOD}abc126,3\n", ["5:8 INV-65"]),
    (f"{GOOD}abc126,\n", ["5:8 INV-65"]),
    (f"{GOOD}abc126,ada\n", ["5:8 INV-65"]),
    (b"not gzip", ["0:0 INV-60"]),
]


@pytest.mark.parametrize(("content", "expected"), WRONG)
def test_each_fault_is_found_at_its_line_and_column(tmp_path: Path, content: str | bytes, expected: list[str]) -> None:
    _, findings = found(tmp_path, content, "keys.csv" if isinstance(content, str) else "keys.csv.gz")
    assert [f"{one.location.line}:{one.location.column} {one.rule}" for one in findings] == expected
    assert all(one.subject.startswith("project_keys") for one in findings)


def test_no_key_is_quoted_but_the_start_of_one_without_its_form(tmp_path: Path) -> None:
    _, findings = found(tmp_path, f"{GOOD}abc123,2\nabcdef,nobody\nno spaces,1\n")
    assert len(findings) == 3
    assert all(secret not in repr(findings) for secret in ("abc123", "abcdef", "nobody"))
    assert '"no spaces"' in repr(findings)


@pytest.mark.parametrize(("keys", "rules"), [("1001", []), ("1002", ["INV-65"])])
def test_check_reads_the_keys_that_the_inventory_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], keys: str, rules: list[str]
) -> None:
    source = {"file": "tenants.csv", "authority": "inventory", "project_keys": "keys.csv"}
    (tmp_path / "cells.yaml").write_text(text({"tenants": source}))
    (tmp_path / "tenants.csv").write_text(TENANTS.splitlines()[0] + "\n1001,ada,us-aws-1,,1,2\n")
    (tmp_path / "keys.csv").write_text(f"public_key,tenant_id\nabc,{keys}\n")
    assert main(["check", "--inventory", str(tmp_path / "cells.yaml"), "--output", "json"]) == (2 if rules else 0)
    said = json.loads(capsys.readouterr().out)
    assert [one["rule"] for one in said["findings"]] == rules
    assert said["summary"]["project_keys"] == 1


def test_keys_are_not_held_against_tenants_that_could_not_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = {"file": "missing.csv", "authority": "inventory", "project_keys": "keys.csv"}
    (tmp_path / "cells.yaml").write_text(text({"tenants": source}))
    (tmp_path / "keys.csv").write_text("public_key,tenant_id\nabc,1\n")
    main(["check", "--inventory", str(tmp_path / "cells.yaml"), "--output", "json"])
    assert [one["rule"] for one in json.loads(capsys.readouterr().out)["findings"]] == ["INV-50"]

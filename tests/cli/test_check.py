"""`cellfleet check`: what a person, a pipe and a machine are shown, and the exit code."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from cellfleet.cli import main
from cellfleet.cli.output.text import escaped
from tests.fleets import text


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with an inventory that nothing is wrong with, and no wishes about colour."""
    monkeypatch.chdir(tmp_path)
    for variable in ("NO_COLOR", "FORCE_COLOR", "CELLFLEET_INVENTORY"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "cells.yaml").write_text(text())
    return tmp_path


def broken(folder: Path, before: str, after: str) -> None:
    """Replace one thing in the inventory by another."""
    whole = (folder / "cells.yaml").read_text()
    assert before in whole
    (folder / "cells.yaml").write_text(whole.replace(before, after, 1))


@pytest.mark.usefixtures("folder")
def test_an_inventory_that_nothing_is_wrong_with(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert capsys.readouterr().out == snapshot("""\
cells.yaml: the inventory of acme, production, can be understood
  localities  2: us 4, de 2
  cells       6: 6 active
""")


def test_tenants_are_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken(folder, "version: 1", "version: 1\ntenants: {file: tenants.csv, authority: inventory}")
    rows = "id,slug,cell,group,requests_per_second,storage_gib\n1,acme,us-aws-1,,1,1\n2,beta,us-gcp-1,,1,1\n"
    (folder / "tenants.csv").write_text(rows)
    assert main(["check"]) == 0
    assert "tenants     2 in 2 cells" in capsys.readouterr().out


def test_a_program_that_fails_hides_no_finding(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = {"cells.us-aws-1": ..., "cells.us-azure-1": ..., "cells.de-gcp-1": ..., "cells.de-gcp-2": ...}
    changes = {"localities.de": ..., "routers.de": ..., "localities.us.new_tenants": "us-gcp-1", "fleet.quotas": {}}
    (folder / "cells.yaml").write_text(text({**small, **changes, "fleet.shared_services.images": ...}))
    assert main(["check"]) == 5
    assert "ISO-03: the image of web" in capsys.readouterr().out
    assert main(["check", "--resources", "--output", "json"]) == 1
    said = capsys.readouterr()
    found = [finding for finding in json.loads(said.out)["findings"] if finding["rule"] == "ISO-03"]
    assert {finding["subject"] for finding in found} >= {"services.web.image", "cells.us-k8s-1"}
    assert "cell us-gcp-1 has nowhere to take cert-manager and Envoy Gateway from" in said.err


def test_no_line_of_a_tenant_file_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken(folder, "version: 1", "version: 1\ntenants: {file: tenants.csv, authority: inventory}")
    rows = "id,slug,cell,group,requests_per_second,storage_gib\n1,a-customer,us-aws-9,,1,1\n"
    (folder / "tenants.csv").write_text(rows)
    assert main(["check"]) == 2
    assert capsys.readouterr().out == snapshot("""\
tenants.csv:2:14: error INV-55: there is no such cell
     = seen: "us-aws-9"
     = help: did you mean us-aws-1?

1 finding
""")


def test_findings_show_the_line_and_what_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken(folder, "region: us-west-2\n", "region: us-wset-2\n")
    broken(folder, "    class: small\n", "")
    broken(folder, "state: active", "state: 010")
    assert main(["check"]) == 2
    assert capsys.readouterr().out == snapshot("""\
cells.yaml:105:3: error INV-05: cells.us-aws-1 has no `class`
 105 |   us-aws-1:
     |   ^^^^^^^^
     = allowed: A cell class's name
     = help: add `class: small`, here or for all cells under `defaults:`

cells.yaml:110:13: error INV-13: aws has no region of that name
 110 |     region: us-wset-2
     |             ^^^^^^^^^
     = seen: "us-wset-2"
     = allowed: its 34 public regions as of 2026-11
     = help: did you mean us-west-2?

cells.yaml:117:12: error INV-08: `010` is the number 10 to YAML 1.2 and 8 to YAML 1.1, which takes it for octal
 117 |     state: 010
     |            ^^^
     = help: put it in quotes if text is meant, and write true, false or a plain decimal number if not

3 findings
""")


def test_findings_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken(folder, "class: small", "class: smal")
    assert main(["check", "--output", "json"]) == 2
    assert json.loads(capsys.readouterr().out) == snapshot(
        {
            "format_version": 1,
            "summary": {"valid": False},
            "findings": [
                {
                    "rule": "INV-10",
                    "severity": "error",
                    "subject": "cells.us-aws-1.class",
                    "location": {"file": "cells.yaml", "line": 116, "column": 12, "length": 4},
                    "message": "`class` names a class that is not declared",
                    "measured": '"smal"',
                    "limit": "small, large",
                    "remedy": "did you mean small?",
                    "concerns": [],
                    "resource": "",
                    "waived": "",
                    "dated": False,
                }
            ],
        }
    )


@pytest.mark.usefixtures("folder")
def test_figures_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--output", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == snapshot(
        {
            "format_version": 1,
            "summary": {
                "fleet": "acme",
                "environment": "production",
                "localities": {"us": 4, "de": 2},
                "cells": {"active": 6},
                "valid": True,
                "findings": {"error": 0, "warning": 0, "note": 0, "waived": 0},
            },
            "findings": [],
        }
    )


def test_what_a_stranger_writes_cannot_command_the_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evil = '"\\e]0;gotcha\\a\\e[2J\\u202eDROWSSAP"'
    broken(folder, "ring: broad", f"ring: {evil}  # \u202e\u2066")
    for said in ("names a ring that is not declared", "the control character U+009B stands here"):
        assert main(["check"]) == 2
        shown = capsys.readouterr().out
        assert said in shown
        assert all(sign == "\n" or sign.isprintable() for sign in shown)
        broken(folder, "  # \u202e", "  # \u202e\x9b2J")
    assert escaped("\x1b[31m\u202e\n\t\x9b") == r"\x1b[31m\u202e\n\t\x9b"


def test_a_long_line_is_shown_around_the_caret(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    filler = "x" * 400
    broken(folder, "    labels:\n      team: ctrl\n", f"    labels: {{a: '{filler}', B: c, d: '{filler}'}}\n")
    assert main(["check"]) == 2
    lines = capsys.readouterr().out.splitlines()
    caret = next(number for number, line in enumerate(lines) if line.strip(" |") == "^")
    assert lines[caret - 1][lines[caret].index("^")] == "B"
    assert max(map(len, lines)) < 180


@pytest.mark.parametrize(("line", "said"), [("名前: 1", "名前"), ("\u00e9t\u00e9: 1", "\u00e9t\u00e9")])
def test_carets_stand_under_wide_characters(
    folder: Path, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    broken(folder, "version: 1\n", f"version: 1\n{line}\n")
    assert main(["check"]) == 2
    carets = [shown for shown in capsys.readouterr().out.splitlines() if shown.strip(" |^") == ""]
    assert any(shown.count("^") == (4 if said == "名前" else 3) for shown in carets)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "cellfleet", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_only_where_it_is_wanted(folder: Path, environment: dict[str, str], coloured: bool) -> None:
    broken(folder, "class: small", "class: smal")
    assert ("\033[" in run("check", **environment).stdout) is coloured


def test_a_terminal_gets_colours(folder: Path) -> None:
    broken(folder, "class: small", "class: smal")
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    subprocess.run([sys.executable, "-m", "cellfleet", "check"], stdout=theirs, check=False, env=environment)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "\033[1;31merror INV-10\033[0m" in shown


def test_a_terminal_without_utf_8_is_shown_escapes(folder: Path) -> None:
    broken(folder, "version: 1\n", "version: 1\n\u00e9t\u00e9: 1\n")
    done = run("check", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (2, "")
    assert r"an inventory has no key `\xe9t\xe9`" in done.stdout


def test_a_reader_that_goes_away_is_no_bug(folder: Path) -> None:
    broken(folder, "class: small", "class: smal")
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [sys.executable, "-m", "cellfleet", "check"], stdout=theirs, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(theirs)
    assert (done.returncode, done.stderr) == (1, "")


def test_where_the_inventory_is(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "cells.yaml").rename(folder / "other.yaml")
    assert main(["check"]) == 2
    assert "cells.yaml: error INV-01: there is no such file" in capsys.readouterr().out
    assert main(["check", "--inventory", "other.yaml"]) == 0
    monkeypatch.setenv("CELLFLEET_INVENTORY", "other.yaml")
    assert main(["check"]) == 0


def test_the_example_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    example = Path(__file__).parents[2] / "cells.yaml"
    assert main(["check", "--inventory", str(example)]) == 0, capsys.readouterr().out


def test_what_is_wrong_with_the_tenants_is_said_beside_what_is_wrong_with_the_cells(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken(folder, "region: us-west-2", "region: us-west-22")
    with (folder / "cells.yaml").open("a") as inventory:
        inventory.write("tenants: {file: tenants.csv, authority: inventory}\n")
    (folder / "tenants.csv").write_text("id,slug,cell,group,requests_per_second,storage_gib\n1,acorn,us-aws-11,,1,1\n")
    assert main(["check", "--output", "json"]) == 2
    found = [finding["rule"] for finding in json.loads(capsys.readouterr().out)["findings"]]
    assert found == ["INV-13", "INV-55"]

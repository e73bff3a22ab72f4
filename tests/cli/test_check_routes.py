"""`cellfleet check --routes` ends with 5 where what routers would be given breaks a rule."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cellfleet.cli import main


def test_the_example_is_proved(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--routes", "--inventory", str(Path(__file__).parents[2] / "cells.yaml")]) == 0
    said = capsys.readouterr()
    assert "asked where requests go" in said.out
    assert "finding" not in said.out


def test_a_violation_ends_with_5_and_shows_where(capsys: pytest.CaptureFixture[str], example: Path) -> None:
    text = example.read_text().replace("routes: #", 'routes:\n  - {host: "{locality}.acme.io", service: web}\n  #')
    example.write_text(text)
    assert main(["check", "--inventory", str(example)]) == 0
    capsys.readouterr()
    assert main(["check", "--routes", "--inventory", str(example)]) == 5
    shown = capsys.readouterr().out
    assert "error RTE-06: routes[0] takes every request of routes[2] in us" in shown
    assert '- {host: "{locality}.acme.io", path: "/api/0/organizations/{tenant}/*"' in shown
    assert main(["check", "--routes", "--output", "json", "--inventory", str(example)]) == 5
    document = json.loads(capsys.readouterr().out)
    assert document["summary"]["valid"]
    assert "RTE-06" in {finding["rule"] for finding in document["findings"]}


def test_warnings_fail_only_where_that_is_asked_for(capsys: pytest.CaptureFixture[str], example: Path) -> None:
    text = example.read_text().replace("    addresses: [198.51.100.30, 198.51.100.31]\n", "")
    example.write_text(text)
    assert main(["check", "--routes", "--inventory", str(example)]) == 0
    assert "warning RTE-21: jp has routers without addresses" in capsys.readouterr().out
    assert main(["check", "--routes", "--fail-on", "warning", "--inventory", str(example)]) == 5


def test_a_warning_about_the_tenant_file_counts_among_them(capsys: pytest.CaptureFixture[str], example: Path) -> None:
    when_aliases_have_expired = ("check", "--as-of", "2040-01-01", "--inventory", str(example))
    assert main(when_aliases_have_expired) == 0
    assert "warning INV-57" in capsys.readouterr().out
    assert main([*when_aliases_have_expired, "--fail-on", "warning"]) == 5

"""`cellfleet tenant explain` says why a tenant lives in its cell, and why not in each other one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from cellfleet.cli import main

EXAMPLE = Path(__file__).parents[2] / "cells.yaml"


def said(capsys: pytest.CaptureFixture[str], *arguments: str, inventory: Path = EXAMPLE) -> str:
    assert main(["tenant", "explain", *arguments, "--inventory", str(inventory)]) == 0
    return capsys.readouterr().out


def test_a_tenant_of_a_group(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "jolly-badger-1561") == snapshot("""\
jolly-badger-1561 (id 1561) lives in us-aws-1, locality us: 3.34 requests per second, 0.474 GiB
  the tenant file says so, and decides
  nobody moves who does not have to
  us-aws-1 has 560 of 1,200 tenants, 1,855.16 of 4,200 requests per second, 433.811 of 1,600 GiB, the tenant among them
  its group pair-0 is spread over cells, and has no other of its 2 here

If it had to leave, it would go to us-canary-1:
  cell         locality  why, or why not
  us-canary-1  us        it has room: with the tenant it would be 40% full, by tenants
  us-gcp-1     us        it has room: with the tenant it would be 46% full, by tenants, and have 2 of its group
  us-azure-1   us        it is draining, and only an active cell takes tenants
  us-globex-1  us        it is dedicated, and has its tenant
  us-k8s-1     us        it is retired, and only an active cell takes tenants
  us-legacy    us        it is cordoned, and only an active cell takes tenants
  de-aws-1     de        it is in de, and the tenant's data stays in us
  de-gcp-1     de        it is in de, and the tenant's data stays in us
  de-k8s-1     de        it is in de, and the tenant's data stays in us
  jp-aws-1     jp        it is in jp, and the tenant's data stays in us
  jp-azure-1   jp        it is in jp, and the tenant's data stays in us
  jp-gcp-1     jp        it is in jp, and the tenant's data stays in us
""")


def test_a_slug_an_alias_and_an_id_are_the_same_tenant(capsys: pytest.CaptureFixture[str]) -> None:
    by_slug = said(capsys, "brisk-badger-1041")
    assert by_slug == said(capsys, "1041") == said(capsys, "formerly-brisk-badger-1041")


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(said(capsys, "globex", "--output", "json"))
    assert told["format_version"] == 1
    assert (told["cell"], told["next"], told["tenant"]["dedicated"]) == ("us-globex-1", None, True)
    assert len(told["others"]) == 12
    assert told["others"][0] == snapshot(
        {
            "cell": "us-aws-1",
            "takes": False,
            "reason": "it is shared, and the tenant has a cell to itself",
            "fullness": None,
            "resource": "",
        }
    )


def test_a_fleet_sets_how_full_its_cells_become(capsys: pytest.CaptureFixture[str], example: Path) -> None:
    with example.open("a") as file:
        file.write("policies: {CAP-01: {warn: 0.2}}\n")
    assert "it would have 161 tenants, and may have 100, 20% of 500" in said(capsys, "1041", inventory=example)


def test_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tenant", "explain", "nob\x1b[2Jody", "--inventory", str(EXAMPLE)]) == 2
    error = capsys.readouterr().err
    assert "There is no tenant 'nob\\x1b[2Jody'." in error
    assert "\x1b" not in error

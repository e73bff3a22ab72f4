"""`cellfleet route` says which way a request goes, for each router that DNS leads it to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from cellfleet.cli import main

EXAMPLE = Path(__file__).parents[2] / "cells.yaml"
# Ten kinds of request to the example fleet, and what becomes of each.
TEN = {
    "a tenant by its host": "https://jolly-otter-1001.us.acme.io/projects/?page=2",
    "a tenant by an alias": "https://formerly-brisk-badger-1041.us.acme.io/",
    "a tenant by a path": "https://us.acme.io/api/0/organizations/jolly-otter-1001/issues/",
    "a tenant by its id": "https://o1001.ingest.us.acme.io/store/",
    "a cell by its name": "https://us.acme.io/api/0/cells/us-gcp-1/health",
    "a tenant without its locality": "https://jolly-otter-1001.acme.io/x",
    "a tenant of another locality": "https://jolly-otter-1001.de.acme.io/x?y",
    "a cell of another locality": "https://de.acme.io/api/0/cells/us-gcp-1/",
    "nobody's name": "https://nobody-at-all.us.acme.io/",
    "a path that no route has": "https://us.acme.io/favicon.ico",
}


def answers(capsys: pytest.CaptureFixture[str], url: str, *more: str) -> list[dict[str, Any]]:
    assert main(["route", url, *more, "--inventory", str(EXAMPLE), "--output", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["format_version"] == 1
    found: list[dict[str, Any]] = said["answers"]
    return found


def test_ten_kinds_of_request(capsys: pytest.CaptureFixture[str]) -> None:
    told = {}
    for kind, url in TEN.items():
        told[kind] = [
            f"{one['target']} of {one['locality_of_router']}: "
            + " ".join(str(one[key]) for key in ("outcome", "status", "service", "cell", "location") if key in one)
            for one in answers(capsys, url)
        ]
    assert told == snapshot(
        {
            "a tenant by its host": ["envoy of us: serve web us-legacy"],
            "a tenant by an alias": ["envoy of us: serve web us-legacy"],
            "a tenant by a path": ["envoy of us: serve web us-legacy"],
            "a tenant by its id": ["envoy of us: serve ingest us-legacy"],
            "a cell by its name": ["envoy of us: serve web us-gcp-1"],
            "a tenant without its locality": [
                "envoy of us: redirect 307 https://jolly-otter-1001.us.acme.io/x",
                "envoy of de: redirect 307 https://jolly-otter-1001.us.acme.io/x",
                "synapse of de: refuse 404",
                "envoy of jp: redirect 307 https://jolly-otter-1001.us.acme.io/x",
            ],
            "a tenant of another locality": [
                "envoy of de: redirect 307 https://jolly-otter-1001.us.acme.io/x?y",
                "synapse of de: refuse 404",
            ],
            "a cell of another locality": [
                "envoy of de: redirect 307 https://us.acme.io/api/0/cells/us-gcp-1/",
                "synapse of de: redirect 307 https://us.acme.io/api/0/cells/us-gcp-1/",
            ],
            "nobody's name": ["envoy of us: refuse 404"],
            "a path that no route has": ["envoy of us: refuse 404"],
        }
    )


def test_it_explains_each_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["route", TEN["a tenant by a path"], "--inventory", str(EXAMPLE)]) == 0
    assert capsys.readouterr().out == snapshot("""\
https://us.acme.io/api/0/organizations/jolly-otter-1001/issues/

envoy of us: web of us-legacy
  1. host us.acme.io, path /api/0/organizations/jolly-otter-1001/issues/
  2. virtual host us.acme.io
  3. route routes[1]
  4. names the tenant jolly-otter-1001, of cell us-legacy
  5. cluster us-legacy/web, legacy.us.acme.io, by mutual TLS
""")


def test_a_header_is_part_of_the_request(capsys: pytest.CaptureFixture[str]) -> None:
    url = "https://jolly-otter-1001.us.acme.io/"
    forged = answers(capsys, url, "--header", "x-cellfleet-upstream=us-gcp-1/web")
    assert forged == answers(capsys, url)


def test_a_host_that_is_nobodys(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["route", "https://example.org/", "--inventory", str(EXAMPLE)]) == 0
    assert "DNS leads this host to no locality's routers" in capsys.readouterr().out
    assert main(["route", "example.org", "--locality", "us", "--inventory", str(EXAMPLE)]) == 0
    assert "envoy of us: 404" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["https:///x"], "has no host"),
        (["https://us.acme.io/", "--header", "nothing"], "--header nothing is not understood"),
        (["https://us.acme.io/", "--locality", "fr"], "There are no routers of 'fr'"),
    ],
)
def test_what_cannot_be_asked(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert main(["route", *arguments, "--inventory", str(EXAMPLE)]) == 2
    assert said in capsys.readouterr().err


def test_what_is_shown_cannot_command_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["route", "https://us.acme.io/\x1b[2J", "--inventory", str(EXAMPLE)]) == 0
    assert "\x1b" not in capsys.readouterr().out

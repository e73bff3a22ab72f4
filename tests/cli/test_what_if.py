"""`cellfleet what-if` says who has no place when something is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from cellfleet.cli import main

EXAMPLE = Path(__file__).parents[2] / "cells.yaml"


def said(capsys: pytest.CaptureFixture[str], *arguments: str, inventory: Path = EXAMPLE) -> str:
    assert main(["what-if", *arguments, "--inventory", str(inventory)]) == 0
    return capsys.readouterr().out.partition("\n\n")[2]


def losses(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert main(["what-if", *arguments, "--inventory", str(EXAMPLE), "--output", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["format_version"] == 1
    found: list[dict[str, Any]] = document["losses"]
    return found


def test_everything_in_turn_worst_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys) == snapshot("""\
lost                                          tenants  requests  storage  placed  by standby  without
provider:azure                                   9.5%     45.4%    44.8%     340           0        1
account:66666666-6666-4666-8666-666666666666     0.0%     39.5%    39.0%       0           0        1
provider:aws                                    43.2%     25.9%    26.7%   1,550           0        0
cell:us-globex-1, or its region                  0.0%     39.5%    39.0%       0           1        0
provider:gcp                                    20.6%     11.9%    11.6%     740           0        0
cell:de-aws-1, or its account or region         17.3%     10.0%    10.6%     620           0        0
account:333333333333                            15.6%      9.9%     9.4%     560           0        0
cell:de-k8s-1, or its account or region         15.6%     10.1%     9.7%     560           0        0
cell:us-aws-1, or its region                    15.6%      9.9%     9.4%     560           0        0
provider:kubernetes                             15.6%     10.1%     9.7%     560           0        0
account:acme-us-gcp-1                           15.3%      8.8%     8.6%     550           0        0
cell:us-gcp-1, or its region                    15.3%      8.8%     8.6%     550           0        0
cell:us-legacy                                  11.1%      6.7%     7.2%     400           0        0
cell:us-azure-1, or its account or region        9.5%      5.9%     5.8%     340           0        0
cell:jp-aws-1, or its account or region          5.8%      3.5%     3.8%     210           0        0
cell:jp-gcp-1, or its account or region          5.3%      3.1%     3.0%     190           0        0
cell:us-canary-1, or its account or region       4.5%      2.5%     2.8%     160           0        0

Without provider:azure, 1 tenant has no place: 7,400 requests per second, 1,800 GiB.
  tenant 4591 of us-globex-1 is refused by each cell that is left:
    us-aws-1: it is shared, and the tenant has a cell to itself
    us-canary-1: it is shared, and the tenant has a cell to itself
    us-gcp-1: it is shared, and the tenant has a cell to itself
    us-k8s-1: it is retired, and only an active cell takes tenants
    us-legacy: it is cordoned, and only an active cell takes tenants
  To give it a place, add 1 dedicated cell of class large to us.

Without account:66666666-6666-4666-8666-666666666666, 1 tenant has no place: 7,400 requests per second, 1,800 GiB.
  tenant 4591 of us-globex-1 is refused by each cell that is left:
    us-aws-1: it is shared, and the tenant has a cell to itself
    us-azure-1: it is draining, and only an active cell takes tenants
    us-canary-1: it is shared, and the tenant has a cell to itself
    us-gcp-1: it is shared, and the tenant has a cell to itself
    us-k8s-1: it is retired, and only an active cell takes tenants
    us-legacy: it is cordoned, and only an active cell takes tenants
  To give it a place, add 1 dedicated cell of class large to us.

27 zones can be lost one at a time, and their cells serve on, all with nodes enough for the peak.
""")


def test_one_cell(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "--without", "cell:us-aws-1") == snapshot("""\
lost           tenants  requests  storage  placed  by standby  without
cell:us-aws-1    15.6%      9.9%     9.4%     560           0        0

us-canary-1 takes 157 tenants, and goes from 32% to 63% of what it may hold, by tenants.
us-gcp-1 takes 403 tenants, and goes from 37% to 64% of what it may hold, by tenants.
560 tenants of us-aws-1 may come back in its standby instead: us-east-2, RPO 5 minutes, RTO 60 minutes.
""")


def test_a_dedicated_cell_with_a_standby(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "--without", "region:centralus") == snapshot("""\
lost              tenants  requests  storage  placed  by standby  without
region:centralus     0.0%     39.5%    39.0%       0           1        0

1 tenant of us-globex-1 comes back in its standby: eastus2, RPO 5 minutes, RTO 60 minutes.
""")


def test_one_zone(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "--without", "zone:us-west-2a") == snapshot("""\
The loss of zone:us-west-2/us-west-2a takes no tenant's cell.
us-aws-1 serves on with 4 of 6 nodes, which carry 4,000 requests per second: enough for its peak of 1,855.
""")


def test_what_hits_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "--without", "cell:jp-azure-1") == snapshot("The loss of cell:jp-azure-1 hits no tenant.\n")


def test_zones_that_leave_too_few_nodes(capsys: pytest.CaptureFixture[str], example: Path) -> None:
    tight = example.read_text().replace("requests_per_second: 2000, ", "requests_per_second: 800, ")
    example.write_text(tight)
    assert said(capsys, inventory=example).rpartition("\n\n")[2] == snapshot("""\
27 zones can be lost one at a time, and their cells serve on; not all with nodes enough for the peak:
  jp-aws-1 serves on with 2 of 3 nodes, which carry 533 requests per second: less than its peak of 655.
  jp-gcp-1 serves on with 2 of 3 nodes, which carry 533 requests per second: less than its peak of 572.
""")


def test_json_has_everything(capsys: pytest.CaptureFixture[str]) -> None:
    every = losses(capsys)
    named = {f"{one['kind']}:{one['name']}" for loss in every for one in loss["lost"]}
    assert {"cell:us-legacy", "zone:eastus2/1", "region:us-west-2", "provider:aws", "account:onprem-frankfurt"} <= named
    (one,) = losses(capsys, "--without", "account:66666666-6666-4666-8666-666666666666")
    assert {key: one[key] for key in ("cells", "hit", "without", "remedies")} == snapshot(
        {
            "cells": ["us-globex-1"],
            "hit": {"tenants": 1, "requests_per_second": 7400.0, "storage_gib": 1800.0},
            "without": {"tenants": 1, "requests_per_second": 7400.0, "storage_gib": 1800.0},
            "remedies": ["add 1 dedicated cell of class large to us"],
        }
    )
    assert one["first"]["tenant"] == "4591"
    assert "globex" not in json.dumps(one).replace("us-globex-1", ""), "a slug is a customer's name"


def test_no_slug_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert "globex" not in said(capsys).replace("us-globex-1", "")


@pytest.mark.parametrize(
    ("without", "answer"),
    [
        ("us-aws-1", "does not say what is lost"),
        ("cell:us-aws-9", "Did you mean us-aws-1?"),
        ("zone:1", "Write which one: zone:azure/centralus/1, zone:azure/eastus2/1"),
    ],
)
def test_what_cannot_be_lost(capsys: pytest.CaptureFixture[str], without: str, answer: str) -> None:
    assert main(["what-if", "--without", without, "--inventory", str(EXAMPLE)]) == 2
    assert answer in capsys.readouterr().err


def test_a_name_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str], example: Path) -> None:
    example.write_text(example.read_text().replace("region: frankfurt", 'region: "frank\\e[31mfurt"'))
    assert main(["what-if", "--without", "region:mars", "--inventory", str(example)]) == 2
    told = capsys.readouterr().err
    assert r"frank\x1b[31mfurt" in told
    assert "\x1b" not in told


def test_an_inventory_without_tenants(capsys: pytest.CaptureFixture[str], example: Path) -> None:
    line = "tenants: {file: tenants.csv, authority: inventory}\n"
    example.write_text(example.read_text().replace(line, ""))
    assert main(["what-if", "--inventory", str(example)]) == 2
    assert "names no tenant file, so nobody knows who lives where" in capsys.readouterr().err

from __future__ import annotations

import random
from typing import Any

import pytest
from inline_snapshot import snapshot

from cellfleet.registry.record import Load, record, uses
from tests.fleets import fleet
from tests.registry.populations import ROWS, tenants

UNMANAGED = {
    "id": 7,
    "locality": "us",
    "managed": False,
    "address": "legacy.us.acme.io",
    "class": "small",
    "ring": "broad",
    "state": "active",
    "id_ranges": [[1, 99]],
}


def test_a_record_says_what_the_systems_around_a_cell_have_to_know() -> None:
    acme = fleet(
        {
            "cells.us-aws-1.replication": {"region": "us-east-1", "rpo_minutes": 5, "rto_minutes": 60},
            "services.ingest": ...,
        }
    )
    said = record(acme, acme.cells["us-aws-1"], Load(2, 3.0, 0.5)).as_json()
    assert {**said, "fingerprint": len(said["fingerprint"])} == snapshot(
        {
            "class": "small",
            "id": 1,
            "name": "us-aws-1",
            "locality": "us",
            "residency": ("US",),
            "managed": True,
            "provider": "aws",
            "region": "us-west-2",
            "cidr": "10.0.0.0/20",
            "release": "26.11.0",
            "state": "active",
            "ring": "broad",
            "tenancy": "shared",
            "frozen": False,
            "fenced": False,
            "capacity": {"tenants": 500, "requests_per_second": 2000.0, "storage_gib": 500.0},
            "use": {"tenants": 2, "requests_per_second": 3.0, "storage_gib": 0.5},
            "endpoints": {
                "web": {"address": "us-aws-1.cells.acme.io", "port": 443, "headers": {"x-cellfleet-service": "web"}}
            },
            "id_ranges": (),
            "replication": {"region": "us-east-1", "rpo_minutes": 5, "rto_minutes": 60},
            "fingerprint": 64,
        }
    )


def test_of_an_unmanaged_cell_what_is_not_known_is_not_said() -> None:
    acme = fleet({"cells.us-legacy": UNMANAGED})
    said = record(acme, acme.cells["us-legacy"], None)
    assert (said.managed, said.provider, said.region, said.cidr, said.release) == (False, None, None, None, None)
    assert said.endpoints["web"].address == "legacy.us.acme.io"
    assert said.id_ranges == ((1, 99),)


def test_an_account_is_in_no_record() -> None:
    acme = fleet()
    for cell in acme.managed():
        assert cell.account not in repr(record(acme, cell, None))


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"cells.us-aws-1.labels": {"team": "other"}}, False),
        ({"cells.us-aws-1.frozen": True}, False),
        ({"cells.us-aws-1.account": "999999999998"}, False),
        ({"cells.us-aws-1.frozen": False}, True),
        ({"cells.us-aws-1.backup": {"retention_days": 35, "region": "us-east-1"}}, True),
        ({"cells.us-gcp-1.frozen": True}, True),
    ],
)
def test_a_fingerprint_changes_with_its_own_entry_alone(change: dict[str, Any], same: bool) -> None:
    before, after = fleet(), fleet(change)
    prints = [record(one, one.cells["us-aws-1"], None).fingerprint for one in (before, after)]
    assert (prints[0] == prints[1]) is same


def test_what_a_cell_holds_is_the_same_in_whatever_order_it_is_added_up() -> None:
    acme = fleet()
    loads = [(str(n), f"t-{n}", "us-aws-1", 10.0 ** (n % 30 - 12) / 3, n / 7) for n in range(300)]
    shuffled = random.Random(1).sample(loads, len(loads))
    assert uses(tenants(acme, loads)) == uses(tenants(acme, shuffled))
    assert uses(tenants(acme, ROWS))["us-aws-1"] == Load(2, 3.0, 0.5)
    assert uses(None) == {}

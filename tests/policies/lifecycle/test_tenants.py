"""Tenants are pointed at by their rows, and never named; a million of them are looked at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cellfleet.inventory.load import load
from cellfleet.inventory.tenants.read import read
from policies.judge import judge
from policies.lifecycle.arrivals import arrivals
from policies.lifecycle.before import of_fleet
from policies.rule import Facts
from tests.fleets import fleet, pointed_at, text
from tests.policies.case import tenants_of

TODAY = date(2026, 11, 24)
ROWS = "id,slug,cell,group,requests_per_second,storage_gib\n"
PLACES = st.dictionaries(st.integers(1, 40), st.sampled_from(["us-aws-1", "us-gcp-1", "us-azure-1", "de-gcp-1"]))


def test_a_finding_is_at_the_row_of_the_first_tenant_and_does_not_name_it(tmp_path: Path) -> None:
    changes = {"tenants": {"file": "tenants.csv", "authority": "inventory"}, "cells.us-gcp-1.state": "draining"}
    (tmp_path / "cells.yaml").write_text(text(changes))
    (tmp_path / "tenants.csv").write_text(
        f"{ROWS}7001,acme,us-gcp-1,,1.0,1.0\n7002,globex,us-gcp-1,,1.0,1.0\n7003,hooli,us-gcp-1,,1.0,1.0\n"
    )
    now = load(tmp_path / "cells.yaml")
    tenants, _ = read(tmp_path / "tenants.csv", tuple(now.cells), TODAY)
    before = of_fleet(now, tenants_of([[7001, "acme", "us-gcp-1", "", 1.0, 1.0]], now))
    (finding,) = judge(Facts(now, tenants, TODAY, before))
    assert (finding.rule, finding.subject, finding.measured) == ("LIF-08", "cells.us-gcp-1.state", "2 tenants")
    assert pointed_at(finding.location) == "7"
    assert (Path(finding.location.file).name, finding.location.line) == ("tenants.csv", 3)
    assert not any(name in repr(finding) for name in ("7002", "globex", "7003", "hooli"))


@given(PLACES, PLACES)
def test_gains_and_crossings_are_those_that_a_plain_loop_counts(was: dict[int, str], now: dict[int, str]) -> None:
    made = fleet({"cells.us-gcp-1.state": "draining", "cells.us-azure-1.state": "cordoned"})
    facts = Facts(made, tenants_of(rows(now), made), TODAY, of_fleet(made, tenants_of(rows(was), made)))
    counted: dict[tuple[str, str], int] = {}
    for tenant, cell in now.items():
        if was.get(tenant) != cell and (rule := {"us-gcp-1": "LIF-08", "us-azure-1": "LIF-07"}.get(cell)):
            counted[rule, cell] = counted.get((rule, cell), 0) + 1
        if tenant in was and was[tenant][:2] != cell[:2]:
            counted["LIF-13", cell] = counted.get(("LIF-13", cell), 0) + 1
    found = {
        (one.rule.id, str(one.path[1])): int(one.message.split(" tenant")[0].split()[-1]) for one in arrivals(facts)
    }
    assert found == counted


def rows(places: dict[int, str]) -> list[list[Any]]:
    return [[tenant, f"t-{tenant}", cell, "", 1.0, 1.0] for tenant, cell in places.items()]

"""Why a tenant lives where it does."""

from __future__ import annotations

import pytest

from cellfleet.failure import Failure
from cellfleet.placement.explain import explain
from tests.placement.towns import Row, many, tenants, town


def test_every_other_cell_has_its_reason_and_those_that_would_take_it_come_first() -> None:
    here = town({"home": {}, "roomy": {}, "fuller": {}, "gone": {"state": "cordoned"}})
    said = explain(here, tenants(here, [Row("1", "home", 7, 3), *many(40, "fuller", first=10)]), "t1")
    assert (said.cell, said.locality, said.next, said.must_leave) == ("home", "us", "roomy", False)
    assert said.why == (
        "the tenant file says so, and decides",
        "nobody moves who does not have to",
        "home has 1 of 400 tenants, 7 of 1,400 requests per second, 3 of 400 GiB, the tenant among them",
    )
    assert [(one.cell, one.takes, one.reason) for one in said.others] == [
        ("roomy", True, "it has room: with the tenant it would be 1% full, by GiB"),
        ("fuller", True, "it has room: with the tenant it would be 11% full, by GiB"),
        ("gone", False, "it is cordoned, and only an active cell takes tenants"),
        ("de-gcp-1", False, "it is in de, and the tenant's data stays in us"),
        ("de-gcp-2", False, "it is in de, and the tenant's data stays in us"),
    ]


def test_a_tenant_that_has_to_leave() -> None:
    here = town({"home": {"state": "draining"}, "next": {}})
    said = explain(here, tenants(here, [Row("1", "home"), Row("2", "home")]), "1")
    assert (said.must_leave, said.next) == (True, "next")
    assert "home is draining: the tenant is one of 2 that have yet to leave" in said.why


def test_a_group_that_is_spread() -> None:
    here = town({"home": {}, "with": {}, "apart": {}})
    rows = [Row("1", "home", group="pair"), Row("2", "with", group="pair"), *many(9, "apart", first=5)]
    said = explain(here, tenants(here, rows), "1")
    assert said.next == "apart"
    assert "its group pair is spread over cells, and has no other of its 2 here" in said.why
    assert said.others[1].reason.endswith("and have 2 of its group")


def test_a_directory_decides_at_run_time() -> None:
    here = town({"home": {}}, {"tenants": {"file": "tenants.csv", "authority": "directory", "as_of": "2026-11-20"}})
    said = explain(here, tenants(here, [Row("1", "home")], {"once": "t1"}), "once")
    assert said.why[0] == "the product's directory says so, as of its snapshot of 2026-11-20"
    assert said.next == ""


def test_nobody_of_that_name() -> None:
    here = town({"home": {}})
    with pytest.raises(Failure, match=r"There is no tenant 't9'\."):
        explain(here, tenants(here, [Row("1", "home")]), "t9")

"""Who moves where: stories of cells that are emptied, tenants that arrive and tenants that are moved."""

from __future__ import annotations

from typing import Any

import pytest

from cellfleet.failure import Failure
from cellfleet.placement.limits import Limits
from cellfleet.placement.plan import NOTHING, Move, NewTenant, Plan, drain, move, place
from tests import fleets
from tests.placement.towns import Row, fleet, many, tenants, town


def to(plan: Plan) -> dict[str, int]:
    """How many tenants each cell gets."""
    return {arrival.cell: arrival.tenants for arrival in plan.arrivals}


def why_not(plan: Plan) -> dict[str, str]:
    return {refusal.cell: refusal.reason for refusal in plan.unplaced[0].refusals}


def test_a_drained_cell_fills_the_emptiest_first() -> None:
    here = town({"a": {"state": "draining"}, "b": {}, "c": {}})
    plan = drain(here, tenants(here, [*many(100, "a"), *many(60, "b", first=200)]), "a")
    assert to(plan) == {"b": 20, "c": 80}
    assert [(one.before, one.after, one.resource) for one in plan.arrivals] == [
        (0.15, 0.2, "tenants"),
        (0.0, 0.2, "tenants"),
    ]
    assert (plan.unplaced, plan.left, plan.remedy) == ((), 0, "")


def test_a_cell_is_as_full_as_its_fullest_resource() -> None:
    here = town({"a": {}, "b": {}, "c": {}})
    others = [Row("1", "b", 1, 99), Row("2", "b", 1, 99), Row("3", "c", 390, 1), Row("4", "c", 390, 1)]
    # b has little storage left, c few requests
    assert [one.to_cell for one in drain(here, tenants(here, [*others, Row("9", "a", 350, 1)]), "a").moves] == ["b"]
    assert [one.to_cell for one in drain(here, tenants(here, [*others, Row("9", "a", 1, 90)]), "a").moves] == ["c"]


def test_of_equal_cells_the_first_by_name_is_taken() -> None:
    here = town({"c": {}, "b": {}, "a": {}})
    assert drain(here, tenants(here, [Row("7", "c")]), "c").moves == (Move("7", "t7", "c", "a"),)


def test_a_bound_leaves_the_rest_where_they_are() -> None:
    here = town({"a": {}, "b": {}})
    plan = drain(here, tenants(here, [Row("small", "a", 1), Row("large", "a", 99), Row("middle", "a", 9)]), "a", most=2)
    assert [one.tenant for one in plan.moves] == ["large", "middle"]
    assert (plan.left, plan.unplaced) == (1, ())


def test_who_fits_nowhere_is_told_why_and_what_to_do() -> None:
    here = town(
        {
            "a": {"state": "draining"},
            "cordoned": {"state": "cordoned"},
            "fenced": {"fenced": True},
            "frozen": {"frozen": True},
            "full": {},
            "own": {"tenancy": "dedicated"},
            "planned": {"state": "planned"},
            "taken": {"tenancy": "dedicated", "class": "large"},
        }
    )
    rows = [*many(400, "full", first=1000), Row("1", "taken"), *many(500, "a")]
    plan = drain(here, tenants(here, rows), "a")
    assert not plan.moves
    assert len(plan.unplaced) == 500
    assert why_not(plan) == {
        "cordoned": "it is cordoned, and only an active cell takes tenants",
        "fenced": "it is fenced: routers answer 503 for it",
        "frozen": "it is frozen: no automation touches it",
        "full": "with it, it would have 401 tenants, and may have 400, 80% of 500",
        "own": "it is dedicated, and the tenant fits into shared cells",
        "planned": "it is planned, and only an active cell takes tenants",
        "taken": "it is dedicated, and has its tenant",
    }
    assert plan.remedy == "add 2 cells of class small to us"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            Row("9", "a", 401, 1),
            "the tenant's 401 requests per second are more than the 400 that one tenant may take, 20% of 2,000",
        ),
        (Row("9", "a", 1, 150), "the tenant's 150 GiB are more than the 100 that one tenant may take, 20% of 500"),
    ],
)
def test_a_large_tenant_gets_a_cell_of_its_own(row: Row, said: str) -> None:
    here = town({"a": {}, "b": {}})
    plan = drain(here, tenants(here, [row]), "a")
    assert why_not(plan)["b"] == said
    assert plan.remedy == "add 1 cell of class large to us"  # of which it is a small part
    roomy = town(
        {"a": {}, "b": {}, "large": {"tenancy": "dedicated", "class": "large"}, "own": {"tenancy": "dedicated"}}
    )
    assert to(drain(roomy, tenants(roomy, [row]), "a")) == {"own": 1}


def test_a_tenant_of_a_shared_cell_takes_no_cell_that_is_kept_for_one() -> None:
    here = town({"a": {}, "own": {"tenancy": "dedicated"}})
    plan = drain(here, tenants(here, [Row("9", "a")]), "a")
    assert why_not(plan) == {"own": "it is dedicated, and the tenant fits into shared cells"}
    here = town({"a": {}, "b": {"state": "cordoned"}, "own": {"tenancy": "dedicated"}})
    plan = drain(here, tenants(here, [Row("9", "a", 1500)]), "a")
    said = "with it, it would have 1,500 requests per second, and may have 1,400, 70% of 2,000"
    assert why_not(plan)["own"] == said, "it is too large for b, whether or not that takes tenants now"


def test_a_tenant_larger_than_any_class() -> None:
    here = town({"a": {"tenancy": "dedicated", "class": "large"}, "b": {"tenancy": "dedicated", "class": "large"}})
    plan = drain(here, tenants(here, [Row("9", "a", 20_000)]), "a")
    assert plan.remedy == "add 1 dedicated cell of a class larger than any there is to us"


def test_a_tenant_with_a_cell_to_itself_gets_another() -> None:
    cells: dict[str, dict[str, Any]] = {
        "a": {"tenancy": "dedicated"},
        "shared": {},
        "wide": {"tenancy": "dedicated", "class": "large"},
        "close": {"tenancy": "dedicated"},
    }
    here = town(cells)
    assert to(drain(here, tenants(here, [Row("9", "a", 1000)]), "a")) == {"close": 1}
    cells["close"]["state"] = "cordoned"
    cells["wide"]["state"] = "cordoned"
    here = town(cells)
    plan = drain(here, tenants(here, [Row("9", "a", 1000)]), "a")
    assert why_not(plan)["shared"] == "it is shared, and the tenant has a cell to itself"
    assert plan.remedy == "add 1 dedicated cell of class small to us"


def test_members_of_a_group_are_kept_apart_from_those_that_stay() -> None:
    here = town({"a": {}, "b": {}, "c": {}})
    rows = [Row("1", "a", group="pair"), Row("2", "b", group="pair"), *many(300, "c", first=10)]
    assert to(drain(here, tenants(here, rows), "a")) == {"c": 1}, "c is fuller, and has none of the group"


def test_where_spreading_leaves_no_room_members_share_a_cell() -> None:
    here = town({"a": {}, "b": {}, "c": {}})
    rows = [Row("1", "a", group="pair"), Row("2", "b", group="pair"), *many(400, "c", first=10)]
    assert to(drain(here, tenants(here, rows), "a")) == {"b": 1}


def test_a_fill_that_leaves_some_without_is_tried_in_other_ways() -> None:
    here = town({"a": {}, "b": {}, "c": {}})
    # 400 requests per second are left in b, and 600 in c: kept equally full, c gets 400 and has no room for 300 and 300
    rows = [*many(5, "b", first=50, requests_per_second=200), *many(4, "c", first=60, requests_per_second=200)]
    rows += [Row("1", "a", 400), Row("2", "a", 300), Row("3", "a", 300)]
    plan = drain(here, tenants(here, rows), "a")
    assert {one.tenant: one.to_cell for one in plan.moves} == {"1": "b", "2": "c", "3": "c"}


def test_the_largest_move_first_whichever_way_places_most() -> None:
    here = town({"a": {}, "b": {}, "c": {}}, {"policies": {}})
    # 1,000 requests per second are left in b: of 380 and seven of 140 the seven are most, and those are the smallest
    rows = [*many(2, "b", first=50, requests_per_second=200), *many(7, "c", first=60, requests_per_second=200)]
    rows += [Row("1", "a", 380), *(Row(f"2{number}", "a", 140 + number) for number in range(7))]
    plan = drain(here, tenants(here, rows), "a")
    sizes = {row.id: row.requests_per_second for row in rows}
    moved = [sizes[one.tenant] for one in plan.moves]
    assert len(moved) == 6, "largest first it is five"
    assert moved == sorted(moved, reverse=True)
    assert [one.tenant for one in plan.unplaced] == ["1", "26"]


def test_what_would_help_is_enough_though_tenants_pack_badly() -> None:
    here = town({"a": {}, "b": {}})
    # 400 of 2,000 each: three come to 60 %, and a fourth to more than 70 %
    plan = drain(here, tenants(here, many(303, "a", requests_per_second=400)), "a")
    assert plan.remedy == "add 100 cells of class small to us"


def test_new_tenants_go_to_the_cell_that_their_locality_names_while_it_has_room() -> None:
    here = town({"b": {}, "a": {}, "c": {}}, {"localities.us.new_tenants": "b"})
    new = [NewTenant(f"{number}", f"t{number}") for number in range(401)]
    assert to(place(here, tenants(here, []), new, "us")) == {"a": 1, "b": 400}


def test_a_new_tenant_may_ask_for_a_cell_to_itself() -> None:
    here = town({"a": {}, "b": {"tenancy": "dedicated"}})
    plan = place(here, tenants(here, []), [NewTenant("1", "t1", dedicated=True), NewTenant("2", "t2")], "us")
    assert {one.tenant: one.to_cell for one in plan.moves} == {"1": "b", "2": "a"}
    assert {one.from_cell for one in plan.moves} == {None}


def test_a_move_to_a_cell_that_is_named() -> None:
    here = town({"a": {}, "b": {}, "own": {"tenancy": "dedicated"}})
    some = tenants(here, [Row("1", "a"), Row("2", "b"), Row("3", "own", 5)], {"formerly": "t1"})
    assert move(here, some, ["t1", "t2"], "b").moves == (Move("1", "t1", "a", "b"),)
    assert move(here, some, ["formerly", "1"], "b").moves == (Move("1", "t1", "a", "b"),)
    assert move(here, some, ["t3"], "a").moves == (Move("3", "t3", "own", "a"),), "who asks gives up his own cell"
    assert move(here, some, ["t2"], "b") == NOTHING
    assert why_not(move(here, some, ["t1"], "own")) == {"own": "it is dedicated, and has its tenant"}
    assert why_not(move(here, some, ["t1"], "de-gcp-1")) == {
        "de-gcp-1": "it is in de, and the tenant's data stays in us"
    }


def test_a_move_to_the_best_cell_is_to_none_that_is_being_left() -> None:
    here = town({"a": {}, "b": {}, "c": {}})
    some = tenants(here, [Row("1", "a"), Row("2", "b"), *many(9, "c", first=10)])
    assert to(move(here, some, ["1", "2"])) == {"c": 2}


def test_a_name_of_two_tenants_moves_neither() -> None:
    here = town({"a": {}, "b": {}})
    some = tenants(here, [Row("1", "a"), Row("t1", "a")])  # the slug of the first is the id of the second
    with pytest.raises(Failure, match="'t1' is the id of one tenant, and the slug or alias of another, whose id is 1"):
        move(here, some, ["t1"])
    assert [one.tenant for one in move(here, some, ["tt1"]).moves] == ["t1"]


def test_what_cannot_be_asked_for() -> None:
    here = town({"a": {"frozen": True}, "bee": {}})
    some = tenants(here, [Row("1", "a"), Row("2", "bee"), Row("3", "de-gcp-1")])
    for ask, said in (
        (lambda: drain(here, some, "bea"), "There is no cell 'bea'. Did you mean bee?"),
        (lambda: drain(here, some, "a"), "a is frozen: no automation touches it."),
        (lambda: place(here, some, [], "fr"), "There is no locality 'fr'. There are us, de."),
        (lambda: move(here, some, ["t1"]), "a is frozen: no automation touches it."),
        (lambda: move(here, some, ["t2", "t9"]), "There is no tenant 't9'."),
        (lambda: move(here, some, ["t2"], "c"), "There is no cell 'c'."),
        (lambda: move(here, some, ["t2", "t3"]), "The tenants are of de, us, and their data stays there."),
    ):
        with pytest.raises(Failure) as failure:
            ask()
        assert f"{failure.value.message} {failure.value.remedy}".startswith(said)
        assert failure.value.exit_code == 2


def test_a_managed_cell_takes_tenants_as_another_does() -> None:
    here = fleet()
    plan = drain(here, tenants(here, many(3, "us-k8s-1")), "us-k8s-1")
    assert to(plan) == {"us-aws-1": 1, "us-azure-1": 1, "us-gcp-1": 1}


def test_a_limit_is_a_share() -> None:
    with pytest.raises(ValueError, match="above 0"):
        Limits(tenants=0)
    here = town({"a": {}, "b": {}})
    some = tenants(here, many(10, "a"))
    assert to(drain(here, some, "a", limits=Limits(tenants=0.01))) == {"b": 5}


def test_what_fits_no_one_class_gets_cells_of_more_than_one() -> None:
    small = fleets.DOCUMENT["classes"]["small"]
    busy = {**small, "capacity": {"tenants": 100, "requests_per_second": 20_000, "storage_gib": 100}}
    deep = {**small, "capacity": {"tenants": 100, "requests_per_second": 100, "storage_gib": 20_000}}
    here = town({"a": {}, "b": {}}, {"classes": {"small": small, "busy": busy, "deep": deep}})
    rows = [Row("1", "a", 2_000, 10), Row("2", "a", 10, 2_000)]
    assert drain(here, tenants(here, rows), "a").remedy == ("add 1 cell of class deep and 1 cell of class busy to us")

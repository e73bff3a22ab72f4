"""What holds for every plan, on drawn fleets and tenants."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellfleet.inventory.model import Fleet
from cellfleet.placement.domain import domains
from cellfleet.placement.limits import DEFAULT, Limits
from cellfleet.placement.loss import what_if
from cellfleet.placement.plan import EXPLAINED, NewTenant, Plan, drain, move, place
from cellfleet.placement.room import rooms
from cellfleet.placement.tenant import loads
from tests.placement.towns import Row, tenants, town

AMOUNTS = st.floats(0, 900, allow_nan=False) | st.floats(0, 20, allow_nan=False) | st.just(0.1)


@st.composite
def towns(draw: st.DrawFn) -> tuple[Fleet, list[Row]]:
    """A fleet of up to six cells in us, and tenants in them."""
    cells: dict[str, dict[str, Any]] = {}
    for number in range(draw(st.integers(2, 6))):
        cells[f"c{number}"] = {
            "class": draw(st.sampled_from(["small", "small", "large"])),
            "state": draw(st.sampled_from(["active"] * 5 + ["cordoned", "draining", "provisioning"])),
            "tenancy": draw(st.sampled_from(["shared"] * 4 + ["dedicated"])),
            "fenced": draw(st.sampled_from([False] * 7 + [True])),
        }
    fleet = town(cells)
    shared = [name for name in cells if cells[name]["tenancy"] == "shared"] or ["de-gcp-1"]
    amounts = st.tuples(st.sampled_from(shared), AMOUNTS, AMOUNTS, st.sampled_from(["", "", "a", "b"]))
    rows = [Row(f"{number:03}", *drawn) for number, drawn in enumerate(draw(st.lists(amounts, max_size=40)))]
    own = [name for name in cells if name not in shared and draw(st.booleans())]
    rows += [Row(f"own-{name}", name, draw(AMOUNTS) * 5, draw(AMOUNTS)) for name in own]
    return fleet, rows


def after(rows: Sequence[Row], plan: Plan) -> list[Row]:
    """The rows once a plan is written down."""
    to = {one.tenant: one.to_cell for one in plan.moves}
    return [row._replace(cell=to.get(row.id, row.cell)) for row in rows]


def refuse_what_is_over(fleet: Fleet, rows: Sequence[Row], plan: Plan, limits: Limits) -> None:
    """Nobody went where there is no room for him, or nobody is let in."""
    now = {room.name: room for room in rooms(fleet, loads(tenants(fleet, rows), list(fleet.cells)), limits)}
    sizes = {row.id: row for row in rows}
    for one in plan.moves:
        cell, room, row = fleet.cells[one.to_cell], now[one.to_cell], sizes[one.tenant]
        assert cell.locality == "us"
        assert cell.state == "active"
        assert not cell.fenced
        assert room.fullness <= 1 + 1e-9, one
        if cell.tenancy == "shared":
            assert row.requests_per_second <= limits.one_tenant * fleet.class_of(cell).capacity.requests_per_second
            assert row.storage_gib <= limits.one_tenant * fleet.class_of(cell).capacity.storage_gib


@settings(deadline=None)
@given(towns(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(drawn: tuple[Fleet, list[Row]], chance: random.Random) -> None:
    fleet, rows = drawn
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert drain(fleet, tenants(fleet, rows), "c0") == drain(fleet, tenants(fleet, shuffled), "c0")
    everything = domains(fleet)
    assert what_if(fleet, tenants(fleet, rows), everything) == what_if(fleet, tenants(fleet, shuffled), everything)


@settings(deadline=None)
@given(towns(), st.sampled_from([DEFAULT, DEFAULT.after_a_loss, Limits(0.5, 0.3, 0.9, 0.05)]))
def test_a_drain_moves_its_own_tenants_and_no_others_to_where_there_is_room(
    drawn: tuple[Fleet, list[Row]], limits: Limits
) -> None:
    fleet, rows = drawn
    plan = drain(fleet, tenants(fleet, rows), "c0", limits=limits)
    leaving = {row.id for row in rows if row.cell == "c0"}
    assert {one.tenant for one in plan.moves} | {one.tenant for one in plan.unplaced} == leaving
    assert len(plan.moves) + len(plan.unplaced) == len(leaving)
    assert all(one.from_cell == "c0" != one.to_cell for one in plan.moves)
    refuse_what_is_over(fleet, after(rows, plan), plan, limits)
    own = Counter(one.to_cell for one in plan.moves if fleet.cells[one.to_cell].tenancy == "dedicated")
    assert all(count == 1 for count in own.values())


@settings(deadline=None)
@given(towns())
def test_who_has_no_place_is_refused_by_every_cell(drawn: tuple[Fleet, list[Row]]) -> None:
    fleet, rows = drawn
    plan = drain(fleet, tenants(fleet, rows), "c0")
    others = sorted(name for name, cell in fleet.cells.items() if cell.locality == "us" and name != "c0")
    for one in plan.unplaced[:EXPLAINED]:
        assert [refusal.cell for refusal in one.refusals] == others
    assert all(not one.refusals for one in plan.unplaced[EXPLAINED:])
    assert bool(plan.remedy) == bool(plan.unplaced)


@settings(deadline=None)
@given(towns(), st.integers(0, 45))
def test_a_bounded_drain_is_the_start_of_the_whole_one(drawn: tuple[Fleet, list[Row]], most: int) -> None:
    fleet, rows = drawn
    whole = drain(fleet, tenants(fleet, rows), "c0")
    some = drain(fleet, tenants(fleet, rows), "c0", most=most)
    assert some.moves == whole.moves[:most]
    assert some.left == max(0, len(whole.moves) - most)
    assert some.unplaced == whole.unplaced


@settings(deadline=None)
@given(towns())
def test_an_emptied_cell_has_nobody_to_move(drawn: tuple[Fleet, list[Row]]) -> None:
    fleet, rows = drawn
    plan = drain(fleet, tenants(fleet, rows), "c0")
    again = drain(fleet, tenants(fleet, after(rows, plan)), "c0")
    assert not again.moves
    assert len(again.unplaced) == len(plan.unplaced)


@settings(deadline=None)
@given(towns(), st.lists(st.floats(0, 20), min_size=1, max_size=10))
def test_all_are_placed_where_one_cell_has_room_for_all(drawn: tuple[Fleet, list[Row]], sizes: list[float]) -> None:
    fleet, rows = drawn
    found = tenants(fleet, rows)
    new = [NewTenant(f"new-{number}", f"new-{number}", size, size) for number, size in enumerate(sizes)]
    plan = place(fleet, found, new, "us")
    for room in rooms(fleet, loads(found, list(fleet.cells)), DEFAULT):
        (count, requests, storage), most = room.load, room.most
        fits = (
            count + len(new) <= most[0] and requests + sum(sizes) <= most[1] and storage + sum(sizes) <= most[2] - 1e-6
        )
        if room.locality == "us" and room.takes_tenants and not room.dedicated and fits:
            assert not plan.unplaced
    # rows of the new, so that what is full can be seen
    arrived = [
        *rows,
        *(
            Row(one.id, one_move.to_cell, one.requests_per_second, one.storage_gib)
            for one in new
            for one_move in plan.moves
            if one_move.tenant == one.id
        ),
    ]
    refuse_what_is_over(fleet, arrived, plan, DEFAULT)


@settings(deadline=None)
@given(st.integers(2, 6), st.integers(1, 12))
def test_a_group_is_spread_over_as_many_cells_as_there_are(cells: int, size: int) -> None:
    fleet = town({f"c{number}": {} for number in range(cells)})
    new = [NewTenant(f"{number}", f"t{number}", 1, 1, group="pair") for number in range(size)]
    plan = place(fleet, tenants(fleet, [Row("old", "c0")]), new, "us")
    counts = Counter(one.to_cell for one in plan.moves)
    assert sum(counts.values()) == size
    assert max(counts.values()) - min(counts[f"c{number}"] for number in range(cells)) <= 1


@settings(deadline=None)
@given(towns(), st.data())
def test_a_move_is_of_those_named_alone(drawn: tuple[Fleet, list[Row]], data: st.DataObject) -> None:
    fleet, rows = drawn
    ours = [row for row in rows if fleet.cells[row.cell].locality == "us"]
    if not ours:
        return
    chosen = data.draw(st.lists(st.sampled_from(ours), min_size=1, unique=True))
    to = data.draw(st.sampled_from([None, *fleet.cells]))
    plan = move(fleet, tenants(fleet, rows), [f"t{row.id}" for row in chosen], to)
    concerned = {row.id for row in chosen if row.cell != to}
    assert {one.tenant for one in plan.moves} | {one.tenant for one in plan.unplaced} == concerned
    assert all(one.to_cell == to for one in plan.moves) or to is None
    refuse_what_is_over(fleet, after(rows, plan), plan, DEFAULT)


@settings(deadline=None, max_examples=50)
@given(towns())
def test_a_loss_accounts_for_every_tenant_that_it_hits(drawn: tuple[Fleet, list[Row]]) -> None:
    fleet, rows = drawn
    for loss in what_if(fleet, tenants(fleet, rows), domains(fleet)):
        relied_on = sum(standby.tenants for standby in loss.standbys if standby.relied_on)
        assert loss.placed + relied_on + loss.without.tenants == loss.hit.tenants
        assert sum(arrival.tenants for arrival in loss.arrivals) == loss.placed
        assert loss.hit.tenants == sum(row.cell in loss.cells for row in rows)
        assert all(arrival.after <= 1 + 1e-9 for arrival in loss.arrivals)
        assert loss.hit.requests_per_second == pytest.approx(
            sum(row.requests_per_second for row in rows if row.cell in loss.cells), abs=1e-3
        )
        assert (loss.first is None) == (loss.without.tenants == 0)

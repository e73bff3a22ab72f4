"""Each tenant goes to the cell that is best for it then, found without looking at every one."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cellfleet.inventory.model import Capacity
from cellfleet.placement.fill import fill
from cellfleet.placement.limits import DEFAULT
from cellfleet.placement.room import Room, empty
from cellfleet.placement.tenant import Tenant

AMOUNTS = st.floats(0, 400) | st.floats(0, 10)


@st.composite
def rooms(draw: st.DrawFn) -> list[Room]:
    """Shared cells of different classes that have tenants already."""
    made = []
    for number in range(draw(st.integers(1, 8))):
        capacity = Capacity(
            tenants=draw(st.sampled_from([20, 500, 4000])),
            requests_per_second=draw(st.sampled_from([2000.0, 16000.0])),
            storage_gib=draw(st.sampled_from([500.0, 4000.0])),
        )
        room = empty(f"c{number}", "us", capacity, DEFAULT)
        room.load = float(draw(st.integers(0, 400))), draw(st.floats(0, 1000)), draw(st.floats(0, 300))
        made.append(room)
    return made


TENANTS = st.lists(st.tuples(AMOUNTS, AMOUNTS, st.sampled_from(["", "", "pair"])), max_size=30)


@settings(deadline=None)
@given(rooms(), TENANTS)
def test_it_is_the_cell_that_looking_at_every_one_finds(
    before: list[Room], drawn: list[tuple[float, float, str]]
) -> None:
    waiting = [
        Tenant(f"{number:02}", f"t{number}", None, group, requests, storage, dedicated=False)
        for number, (requests, storage, group) in enumerate(drawn)
    ]
    filled = fill(before, waiting, {})
    if filled.left:
        return  # another way may have been taken
    now = {room.name: room.copy() for room in before}
    members = dict.fromkeys(now, 0)
    for tenant, name in filled.placed:
        fitting = [
            room for room in now.values() if room.fullness_with(tenant.takes) <= 1 and not room.too_large(tenant.takes)
        ]
        if tenant.group:
            fewest = min(members[room.name] for room in fitting)
            fitting = [room for room in fitting if members[room.name] == fewest]
            members[name] += 1
        best = min(room.fullness_with(tenant.takes) for room in fitting)
        assert now[name].fullness_with(tenant.takes) <= best * (1 + 1e-9)
        now[name].add(tenant.takes)
    assert now == filled.rooms


def test_rooms_and_counts_are_left_as_they_were() -> None:
    room = empty("a", "us", Capacity(tenants=5, requests_per_second=100.0, storage_gib=100.0), DEFAULT)
    members = {"pair": {"a": 1}}
    filled = fill([room], [Tenant("1", "t1", None, "pair", 1.0, 1.0, dedicated=False)], members)
    assert [name for _, name in filled.placed] == ["a"]
    assert (room.load, members) == ((0.0, 0.0, 0.0), {"pair": {"a": 1}})

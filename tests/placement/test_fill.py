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
    if filled.left or not _balanced(before, [tenant for tenant, _ in filled.placed]):
        return  # another way has been taken
    now = {room.name: room.copy() for room in before}
    members = dict.fromkeys(now, 0)
    for tenant, name in filled.placed:
        best = _best(now, members, tenant)
        assert best is not None
        assert now[name].fullness_with(tenant.takes) <= best.fullness_with(tenant.takes) * (1 + 1e-9)
        assert not tenant.group or members[name] == members[best.name]
        now[name].add(tenant.takes)
        members[name] += bool(tenant.group)
    assert now == filled.rooms


def _balanced(before: list[Room], waiting: list[Tenant]) -> bool:
    """Whether all get a place where each takes the best."""
    now = {room.name: room.copy() for room in before}
    members = dict.fromkeys(now, 0)
    for tenant in waiting:
        best = _best(now, members, tenant)
        if best is None:
            return False
        best.add(tenant.takes)
        members[best.name] += bool(tenant.group)
    return True


def _best(now: dict[str, Room], members: dict[str, int], tenant: Tenant) -> Room | None:
    """The room that looking at every one finds."""
    fitting = [
        room for room in now.values() if room.fullness_with(tenant.takes) <= 1 and not room.too_large(tenant.takes)
    ]
    if tenant.group and fitting:
        fewest = min(members[room.name] for room in fitting)
        fitting = [room for room in fitting if members[room.name] == fewest]
    return min(fitting, key=lambda room: (room.fullness_with(tenant.takes), room.name), default=None)


def test_rooms_and_counts_are_left_as_they_were() -> None:
    room = empty("a", "us", Capacity(tenants=5, requests_per_second=100.0, storage_gib=100.0), DEFAULT)
    members = {"pair": {"a": 1}}
    filled = fill([room], [Tenant("1", "t1", None, "pair", 1.0, 1.0, dedicated=False)], members)
    assert [name for _, name in filled.placed] == ["a"]
    assert (room.load, members) == ((0.0, 0.0, 0.0), {"pair": {"a": 1}})

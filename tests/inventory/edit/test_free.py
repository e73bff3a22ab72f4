"""The next id and range: compared with looking at every range there is."""

from __future__ import annotations

from datetime import date, timedelta
from ipaddress import IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from cellfleet.inventory.edit.free import next_cidr, next_id
from tests.fleets import fleet

DAY = date(2026, 11, 24)
NETWORKS = st.builds(
    lambda address, prefix: IPv4Network((address & ~((1 << (32 - prefix)) - 1), prefix)),
    st.integers(0x0A000000, 0x0A0007FF),
    st.integers(23, 30),
)


def tombstone(id: int, cidr: str | None, days_ago: int) -> dict[str, object]:
    removed = DAY - timedelta(days_ago)
    return {"name": f"old-{id}", "id": id, "removed": removed} | ({"cidr": cidr} if cidr else {})


def test_an_id_is_higher_than_any_there_was() -> None:
    assert next_id(fleet()) == 7
    assert next_id(fleet({"tombstones": [tombstone(40, None, 3000)]})) == 41


def test_a_range_rests_for_90_days() -> None:
    assert str(next_cidr(fleet(), 20, DAY)) == "10.0.96.0/20"
    assert str(next_cidr(fleet({"tombstones": [tombstone(9, "10.0.96.0/20", 90)]}), 20, DAY)) == "10.0.96.0/20"
    assert str(next_cidr(fleet({"tombstones": [tombstone(9, "10.0.96.0/20", 89)]}), 20, DAY)) == "10.0.112.0/20"


def test_a_range_may_rest_past_the_last_day_that_there_is() -> None:
    assert str(next_cidr(fleet({"tombstones": [tombstone(9, "10.0.96.0/20", 1)]}), 20, DAY, 1e12)) == "10.0.112.0/20"


def test_a_supernet_that_is_full_has_none() -> None:
    assert next_cidr(fleet({"fleet.supernets": ["10.0.0.0/18"]}), 20, DAY) is None
    assert str(next_cidr(fleet({"fleet.supernets": ["10.0.0.0/18", "10.9.0.0/16"]}), 20, DAY)) == "10.9.0.0/20"


@given(st.lists(NETWORKS, max_size=12), st.integers(23, 28))
def test_the_range_is_the_first_that_overlaps_none(taken: list[IPv4Network], prefix: int) -> None:
    supernets = ["10.0.4.0/23", "10.0.0.0/22"]
    stones = [tombstone(number, str(cidr), 1) for number, cidr in enumerate(taken, 100)]
    used = [*taken, *(cell.cidr for cell in fleet().managed())]
    far = {f"cells.{name}.cidr": f"10.{number}.0.0/20" for number, name in enumerate(fleet().cells, 50)}
    changed = fleet({"fleet.supernets": supernets, "tombstones": stones, **far})
    used = [*taken, *(cell.cidr for cell in changed.managed())]
    every = (one for supernet in supernets for one in IPv4Network(supernet).subnets(new_prefix=prefix))
    first = next((one for one in every if not any(one.overlaps(other) for other in used)), None)
    assert next_cidr(changed, prefix, DAY) == first

"""How full a fleet lets its cells become is what its capacity rules say."""

from __future__ import annotations

import pytest

from cellfleet.cli.placing import NUMBERS, limits_of
from cellfleet.placement.limits import DEFAULT, Limits
from cellfleet.placement.room import empty
from policies.catalogue import RULES
from tests.fleets import fleet


@pytest.mark.parametrize(("limit", "number"), NUMBERS.items())
def test_each_limit_is_a_number_of_a_rule(limit: str, number: tuple[str, str]) -> None:
    rule, name = number
    (default,) = [one.default for one in RULES[rule].numbers if one.name == name]
    assert default == getattr(DEFAULT, limit)


def test_what_a_fleet_sets() -> None:
    changes = {"policies": {"CAP-01": {"warn": 0.5}, "CAP-02": {"peak": 1}, "CAP-05": {"share": "much"}}}
    assert limits_of(fleet(changes)) == Limits(0.5, 1.0, 0.5, 0.2)
    assert limits_of(fleet()) == DEFAULT


def test_no_cell_is_filled_to_where_it_is_to_be_cordoned() -> None:
    limits = limits_of(fleet({"policies": {"CAP-01": {"cordon": 0.5}}}))
    room = empty("a", "us", fleet().classes["small"].capacity, limits)
    assert room.most[0] == 249.0, "250 of 500 would be half"
    assert 249.9 < room.most[2] < 250.0
    assert limits_of(fleet({"policies": {"CAP-01": {"cordon": 0.9}}})) == DEFAULT

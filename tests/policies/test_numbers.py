"""What a fleet sets for a rule is one of the rule's numbers, in its range."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import pytest

from policies import catalogue
from policies.numbers import misunderstood
from tests.fleets import fleet


def wrong(**numbers: Any) -> list[tuple[str, str]]:
    """What is wrong with numbers of CAP-03, as message and what is allowed."""
    return [
        (violation.message, violation.limit)
        for violation in misunderstood(fleet({"policies": {"CAP-03": numbers}}), catalogue.RULES)
    ]


@pytest.mark.parametrize("value", [1, 1.0, 1.25, 1e9])
def test_a_number_in_its_range(value: float) -> None:
    assert wrong(headroom=value) == []


@pytest.mark.parametrize("value", [0.999, -1, inf, -inf, nan])
def test_a_number_out_of_its_range(value: float) -> None:
    assert wrong(headroom=value) == [("it is out of its range", "1 or more")]


@pytest.mark.parametrize("value", ["1.1", True, None, [1.1], {}])
def test_what_is_no_number(value: Any) -> None:
    ((message, _),) = wrong(headroom=value)
    assert message == "it is not a number"


def test_a_number_or_a_rule_that_there_is_not() -> None:
    assert wrong(head_room=1.1) == [("CAP-03 has no number 'head_room'", "headroom, full")]
    (violation,) = misunderstood(fleet({"policies": {"CAP-30": {"headroom": 1.1}}}), catalogue.RULES)
    assert violation.message == "there is no rule CAP-30"

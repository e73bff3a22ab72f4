"""Every path of single steps through a cell's life is quiet, and everything else is found."""

from __future__ import annotations

import itertools
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from cellfleet.inventory.lifecycle import STARTS, allowed, next_states
from cellfleet.inventory.types import State
from policies.lifecycle.before import of_fleet
from policies.lifecycle.steps import one_step, states
from policies.rule import Facts
from tests.fleets import fleet

FLEETS = {state: fleet({"cells.de-gcp-2.state": state.value}) for state in State}


@st.composite
def lives(draw: st.DrawFn) -> list[State]:
    """The states of a cell, one change after the other."""
    life = [draw(st.sampled_from(STARTS))]
    for _ in range(draw(st.integers(0, 20))):
        life.append(draw(st.sampled_from((life[-1], *next_states(life[-1])))))
    return life


def judged(before: State, after: State) -> list[str]:
    facts = Facts(FLEETS[after], None, date(2026, 11, 24), of_fleet(FLEETS[before], None))
    return [violation.rule.id for check in (states, one_step) for violation in check(facts)]


@given(lives())
def test_a_life_of_single_steps_violates_nothing(life: list[State]) -> None:
    for before, after in itertools.pairwise(life):
        assert judged(before, after) == []


@given(st.sampled_from(State), st.sampled_from(State))
def test_each_pair_of_states_that_is_no_step_is_found(before: State, after: State) -> None:
    assert judged(before, after) == ([] if allowed(before, after) else ["LIF-01"])


def test_what_is_no_step_is_told_with_the_steps_that_lead_there() -> None:
    facts = Facts(FLEETS[State.RETIRED], None, date(2026, 11, 24), of_fleet(FLEETS[State.ACTIVE], None))
    (violation,) = states(facts)
    assert violation.message == "de-gcp-2 goes from active to retired, which is no step"
    assert (violation.measured, violation.limit) == ("active to retired", "active to cordoned")
    assert violation.remedy == "make a change of each step: cordoned, draining, retired"

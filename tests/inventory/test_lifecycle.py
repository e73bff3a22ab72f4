"""The states of a cell's life: a graph that leads from planned to retired, and never out of it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellfleet.inventory.lifecycle import HOLDS_TENANTS, REMOVABLE, STARTS, allowed, next_states, way
from cellfleet.inventory.types import State

PAIRS = list(itertools.product(State, State))


def test_the_moves_are_those_of_the_design() -> None:
    moves = {(before, after) for before, after in PAIRS if before is not after and allowed(before, after)}
    assert moves == {
        (State.PLANNED, State.PROVISIONING),
        (State.PROVISIONING, State.ACTIVE),
        (State.PROVISIONING, State.RETIRED),
        (State.ACTIVE, State.CORDONED),
        (State.CORDONED, State.ACTIVE),
        (State.CORDONED, State.DRAINING),
        (State.DRAINING, State.CORDONED),
        (State.DRAINING, State.RETIRED),
    }


@given(st.sampled_from(PAIRS))
def test_the_shortest_way_is_made_of_allowed_steps_and_ends_where_it_should(pair: tuple[State, State]) -> None:
    before, after = pair
    steps = way(before, after)
    for one, other in itertools.pairwise((before, *steps)):
        assert other in next_states(one)
    assert not steps or steps[-1] is after
    assert bool(steps) == (before is not after and after in _reached(before))


@pytest.mark.parametrize("state", State)
def test_every_state_is_reached_from_a_start_and_leads_to_where_a_cell_can_be_removed(state: State) -> None:
    assert any(state in _reached(start) for start in STARTS)
    assert _reached(state) & {*REMOVABLE}


def test_a_cell_begins_and_ends_without_tenants() -> None:
    assert not {*STARTS, *REMOVABLE} & {*HOLDS_TENANTS}


def _reached(state: State) -> set[State]:
    """By growing a set, where the code under test keeps ways."""
    reached = {state}
    while grown := {after for before in reached for after in next_states(before)} - reached:
        reached |= grown
    return reached

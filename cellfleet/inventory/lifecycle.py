"""The states of a cell's life, and the moves between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cellfleet.inventory.types import State

_NEXT: Final[Mapping[State, tuple[State, ...]]] = {
    State.PLANNED: (State.PROVISIONING,),
    State.PROVISIONING: (State.ACTIVE, State.RETIRED),
    State.ACTIVE: (State.CORDONED,),
    State.CORDONED: (State.ACTIVE, State.DRAINING),
    State.DRAINING: (State.CORDONED, State.RETIRED),
    State.RETIRED: (),
}

STARTS: Final = (State.PLANNED, State.PROVISIONING)
"""States in which a cell may enter the inventory."""

HOLDS_TENANTS: Final = (State.ACTIVE, State.CORDONED, State.DRAINING)
"""States in which tenants may live in a cell."""

REMOVABLE: Final = (State.PLANNED, State.RETIRED)
"""States from which a cell may leave the inventory."""


def next_states(before: State) -> tuple[State, ...]:
    """The states that a cell may come to from one; none from the last."""
    return _NEXT[before]


def allowed(before: State, after: State) -> bool:
    """Whether a cell may come from one state to the other in one change; it may stay what it is."""
    return before is after or after in _NEXT[before]


def way(before: State, after: State) -> tuple[State, ...]:
    """The states that a cell passes on the shortest way from one to the other, which is the last of them.

    Empty where there is no way, or none to go.
    """
    ways: dict[State, tuple[State, ...]] = {before: ()}
    for state in (reached := [before]):
        for following in _NEXT[state]:
            if following not in ways:
                ways[following] = (*ways[state], following)
                reached.append(following)
    return ways.get(after, ())

"""The states of a cell's life, the moves between them, and how long its range rests after it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
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

RESTS: Final = 90
"""Days for which the range of a removed cell is given to no other, where a fleet sets nothing else (LIF-06): caches,
allow lists and routes still have it."""


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


def free_from(removed: date, rests: float) -> date:
    """The day from which the range of a cell that was removed on another may be used again, after `rests` days."""
    return date.fromordinal(int(min(removed.toordinal() + rests, date.max.toordinal())))

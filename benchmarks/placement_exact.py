"""What the best placement comes to: by an exact solver in small cases, and a level that none stays below in large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import highspy

from cellfleet.placement.room import Room
from cellfleet.placement.tenant import Tenant

SECONDS: Final = 60.0
"""Of one case; the solver has then proved a bound, which is what it is held against."""


SOLVER: Final = f"HiGHS {highspy.Highs().version()}"
"""The first model that is made says so itself too, which is better said before a table than in it."""


def least_fullness(rooms: Sequence[Room], tenants: Sequence[Tenant]) -> float:
    """The least that the fullest cell can be with every tenant in a cell (mixed-integer programme, proved)."""
    model, chosen = _model(rooms, tenants)
    fullest = model.addVariable(lb=0.0, ub=1.0)
    for tenant in range(len(tenants)):
        model.addConstr(sum(chosen[tenant, room] for room in range(len(rooms))) == 1)
    for number, room in enumerate(rooms):
        for resource in range(3):
            added = sum(chosen[index, number] * one.takes[resource] for index, one in enumerate(tenants))
            model.addConstr(added + room.load[resource] <= fullest * room.most[resource])
    model.minimize(fullest)
    return float(model.getInfo().mip_dual_bound)


def most_placed(rooms: Sequence[Room], tenants: Sequence[Tenant]) -> int:
    """How many of the tenants can have a place at all."""
    model, chosen = _model(rooms, tenants)
    for tenant in range(len(tenants)):
        model.addConstr(sum(chosen[tenant, room] for room in range(len(rooms))) <= 1)
    for number, room in enumerate(rooms):
        for resource in range(3):
            added = sum(chosen[index, number] * one.takes[resource] for index, one in enumerate(tenants))
            model.addConstr(added + room.load[resource] <= room.most[resource])
    model.maximize(sum(chosen.values()))
    return int(float(model.getInfo().mip_dual_bound) + 1e-6)


def water_level(rooms: Sequence[Room], tenants: Sequence[Tenant]) -> float:
    """What no placement's fullest cell is below: tenants poured like water, each resource for itself."""
    return max(_level(rooms, sum(one.takes[resource] for one in tenants), resource) for resource in range(3))


def _model(rooms: Sequence[Room], tenants: Sequence[Tenant]) -> tuple[highspy.Highs, dict[tuple[int, int], object]]:
    model = highspy.Highs()
    model.silent()
    model.setOptionValue("time_limit", SECONDS)
    model.setOptionValue("mip_rel_gap", 0.0)
    return model, {(tenant, room): model.addBinary() for tenant in range(len(tenants)) for room in range(len(rooms))}


def _level(rooms: Sequence[Room], poured: float, resource: int) -> float:
    low, high = max(room.load[resource] / room.most[resource] for room in rooms), 1e6
    if sum(max(0.0, low * room.most[resource] - room.load[resource]) for room in rooms) >= poured:
        return low
    for _ in range(80):
        middle = (low + high) / 2
        taken = sum(max(0.0, middle * room.most[resource] - room.load[resource]) for room in rooms)
        low, high = (low, middle) if taken >= poured else (middle, high)
    return low

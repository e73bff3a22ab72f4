"""Whether a locality's room lasts as long as it takes to get another cell (CAP-08).

A locality's load L grows by g each month, compound, so after m months it has grown by L ((1 + g)^m - 1). All of that
goes to the cells that take tenants, which have room R: up to CAP-01's cordon of their tenants and storage, and
CAP-02's share of their requests, less what is in draining cells, for that comes on top. It is used up after

    m = ln(1 + R / L) / ln(1 + g)    months of 30.44 days,

in whichever of tenants, requests and storage is first. That is compared with `lead_time_days`. A locality that is not
said to grow is never used up, and one in which no cell takes tenants is CAP-10's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, inf, log1p
from typing import Final

from cellfleet.inventory.model import Cell
from cellfleet.inventory.types import State
from policies.capacity.measures import MEASURES, REQUESTS, Measure, homes, percent, takers
from policies.capacity.rules import FILL, GROWTH, PEAK
from policies.rule import Facts, Violation

_DAYS_A_MONTH: Final = 365.25 / 12


def room_lasts_a_lead_time(facts: Facts) -> Iterator[Violation]:
    """CAP-08."""
    if facts.tenants is None:
        return
    times = facts.number(GROWTH, "lead_times")
    for name, cells in facts.by_locality.items():
        locality = facts.fleet.localities[name]
        if not locality.growth_per_month or not takers(cells):
            continue
        days, measure = min(
            ((exhausted_after(facts, cells, measure, locality.growth_per_month), measure) for measure in MEASURES),
            key=lambda one: one[0],
        )
        if days < times * locality.lead_time_days:
            room = max(0.0, _room(facts, cells, measure))
            yield Violation(
                GROWTH,
                ("localities", name),
                f"{name} has room for {measure.told(room)}, which growth of {percent(locality.growth_per_month)} a "
                f"month uses up in {_days(days)}",
                measured=_days(days),
                limit=f"{ceil(times * locality.lead_time_days)} days"
                + ("" if times == 1 else f", {times:g} times the lead time"),
            )


def exhausted_after(facts: Facts, cells: Sequence[Cell], measure: Measure, growth: float) -> float:
    """Days until a locality's room is used up in one measure.

    `growth`: the share by which its load grows in a month, above 0.
    """
    load = sum(_load(facts, cell, measure) for cell in homes(cells))
    if not load:
        return inf
    room = _room(facts, cells, measure)
    return 0.0 if room <= 0 else log1p(room / load) / log1p(growth) * _DAYS_A_MONTH


def usable(facts: Facts, measure: Measure) -> float:
    """The share of a class up to which a cell takes new tenants."""
    return facts.number(PEAK, "peak") if measure is REQUESTS else facts.number(FILL, "cordon")


def _room(facts: Facts, cells: Sequence[Cell], measure: Measure) -> float:
    """What the cells that take tenants have left; below 0 where what drains does not fit."""
    share = usable(facts, measure)
    room = sum(
        max(0.0, share * measure.of(facts.fleet.class_of(cell).capacity) - _load(facts, cell, measure))
        for cell in takers(cells)
    )
    return room - sum(_load(facts, cell, measure) for cell in homes(cells) if cell.state is State.DRAINING)


def _load(facts: Facts, cell: Cell, measure: Measure) -> float:
    load = facts.load(cell.name)
    return 0.0 if load is None else measure.of(load)


def _days(days: float) -> str:
    return "1 day" if int(days) == 1 else f"{int(days)} days"

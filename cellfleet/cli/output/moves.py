"""A plan of moves, as a person or a machine reads it.

Tenants are customers: a person is told how many go where, and the names only of those who need a decision. The JSON is
for the program that carries the plan out, and has them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from cellfleet.cli.output.text import escaped
from cellfleet.placement.plan import Plan, Unplaced

_SHOWN: Final = 3
"""Tenants without a place that are told of one by one."""


def sentences(plan: Plan) -> Iterator[str]:
    """How many go where, and who cannot."""
    ways = Counter((move.from_cell, move.to_cell) for move in plan.moves)
    for (home, to), count in sorted(ways.items(), key=lambda way: (way[0][0] or "", way[0][1])):
        yield f"  {_tenants(count)} from {home} to {to}" if home else f"  {_tenants(count)} to {to}"
    for arrival in plan.arrivals:
        share = f"{arrival.before:.0%} -> {arrival.after:.0%}"
        yield f"  {arrival.cell} is then {share} full of what it may hold ({arrival.resource})"


def troubles(plan: Plan) -> Iterator[str]:
    """Who has no place, why, and what would give them one."""
    if not plan.unplaced:
        return
    yield f"{_tenants(len(plan.unplaced))} {'have' if len(plan.unplaced) > 1 else 'has'} no place to go to:"
    for one in plan.unplaced[:_SHOWN]:
        yield from _why(one)
    if len(plan.unplaced) > _SHOWN:
        yield f"  and {_tenants(len(plan.unplaced) - _SHOWN)} more"
    if plan.remedy:
        yield f"What would help: {plan.remedy}."


def as_json(plan: Plan) -> dict[str, Any]:
    """The whole plan."""
    return {
        "moves": [
            {"tenant": move.tenant, "slug": move.slug, "from": move.from_cell, "to": move.to_cell}
            for move in plan.moves
        ],
        "unplaced": [
            {
                "tenant": one.tenant,
                "slug": one.slug,
                "from": one.from_cell,
                "refusals": [{"cell": refusal.cell, "reason": refusal.reason} for refusal in one.refusals],
            }
            for one in plan.unplaced
        ],
        "left": plan.left,
        "remedy": plan.remedy,
    }


def _why(one: Unplaced) -> Iterator[str]:
    yield f"  {escaped(one.slug)} ({escaped(one.tenant)})"
    for refusal in one.refusals:
        yield f"    not {refusal.cell}: {escaped(refusal.reason)}"


def _tenants(count: int) -> str:
    return f"{count:,} tenant{'s' if count != 1 else ''}"

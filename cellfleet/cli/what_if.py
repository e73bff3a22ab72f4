"""`cellfleet what-if`: what becomes of tenants when a cell, zone, region, provider or account is lost.

A tenant without a place is told by its id: slugs are customers' names, and this may end in a public log.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from cellfleet.cli import InventoryPath
from cellfleet.cli.output import table
from cellfleet.cli.output.text import escaped
from cellfleet.cli.placing import limits_of, tenants_to_place
from cellfleet.inventory.load import load
from cellfleet.placement.domain import domain, domains
from cellfleet.placement.loss import Loss, Sum, Weakened, what_if

FORMAT_VERSION: Final = 1
_TOLD: Final = 5
"""Losses that leave tenants without a place, of which it is said why."""
_SHOWN: Final = 25
"""Losses in a table, and cells under one loss; the rest is counted."""


def what_if_lost(
    *,
    without: str | None = None,
    inventory: InventoryPath = Path("cells.yaml"),
    output: Literal["text", "json"] = "text",
) -> int:
    """Say who is hit when something is lost, who has a place elsewhere and who has none, and what would give them one.

    Ends with 0 whatever it finds: whether a fleet may be like that is for the capacity rules of `check`.

    Parameters
    ----------
    without
        What is lost: cell:NAME, zone:REGION/ZONE, region:NAME, provider:NAME or account:NAME. Each of all of these in
        turn where it is not given, worst first.
    inventory
        The fleet's file.
    output
        How to say it.
    """
    fleet = load(inventory)
    every = domains(fleet)
    lost = every if without is None else (domain(every, without),)
    tenants = tenants_to_place(fleet, inventory)
    losses = what_if(fleet, tenants, lost, limits=limits_of(fleet))
    if output == "json":
        print(json.dumps({"format_version": FORMAT_VERSION, "losses": list(map(_as_json, losses))}, indent=2))
        return 0
    as_of = f", as of {fleet.tenants.as_of}" if fleet.tenants and fleet.tenants.as_of else ""
    print(f"{inventory}: {len(tenants):,} tenants{as_of}\n")
    print("\n".join(_one(losses[0]) if without and losses else _all(losses, without)))
    return 0


def _all(losses: Sequence[Loss], without: str | None) -> Iterator[str]:
    hit = [loss for loss in losses if loss.hit.tenants]
    if without:
        yield f"The loss of {escaped(without)} hits no tenant."
    elif not hit:
        yield "No loss hits a tenant."
    else:
        yield from _table(hit[:_SHOWN])
        if len(hit) > _SHOWN:
            yield f"and {len(hit) - _SHOWN:,} more that are no worse; --output json has all"
    short = [loss for loss in hit if loss.first]
    for loss in short[:_TOLD]:
        yield ""
        yield from _without(loss)
    if len(short) > _TOLD:
        yield f"\n{len(short) - _TOLD:,} more leave tenants without a place; ask for one of them with --without."
    yield from _of_zones(losses)


def _one(loss: Loss) -> Iterator[str]:
    if loss.hit.tenants:
        yield from _table([loss])
        yield ""
    else:
        yield f"The loss of {escaped(str(loss.domains[0]))} takes no tenant's cell."
    if len(loss.cells) > 1:
        yield f"It takes {len(loss.cells)} cells: {_listed(loss.cells)}."
    for arrival in loss.arrivals[:_SHOWN]:
        yield (
            f"{arrival.cell} takes {_count(arrival.tenants)}, and goes from {arrival.before:.0%} to {arrival.after:.0%}"
            f" of what it may hold, by {arrival.resource}."
        )
    if len(loss.arrivals) > _SHOWN:
        yield f"{len(loss.arrivals) - _SHOWN:,} more cells take the others."
    for standby in loss.standbys:
        comes = "comes" if standby.tenants == 1 else "come"
        how = f"{comes} back in its standby" if standby.relied_on else "may come back in its standby instead"
        yield (
            f"{_count(standby.tenants)} of {standby.cell} {how}: {escaped(standby.region)}, RPO {standby.rpo_minutes:,}"
            f" minutes, RTO {standby.rto_minutes:,} minutes."
        )
    yield from map(_serves_on, loss.weakened)
    if loss.first:
        yield from _without(loss)


def _table(losses: Sequence[Loss]) -> list[str]:
    rows = []
    for loss in losses:
        relied_on = sum(standby.tenants for standby in loss.standbys if standby.relied_on)
        shares = [f"{share:.1%}" for share in loss.shares]
        rows.append([_name(loss), *shares, f"{loss.placed:,}", f"{relied_on:,}", f"{loss.without.tenants:,}"])
    return table.lines(["lost", "tenants", "requests", "storage", "placed", "by standby", "without"], rows)


def _name(loss: Loss) -> str:
    """`cell:us-aws-1, or its region or account`."""
    first, *others = loss.domains
    if not others:
        return str(first)
    if kinds := list(dict.fromkeys(one.kind for one in others if one.kind != first.kind)):
        return f"{first}, or its {' or '.join(kinds)}"
    return f"{first}, or {len(others)} more like it"


def _without(loss: Loss) -> Iterator[str]:
    """Who has no place, why not, and what to do."""
    assert loss.first is not None
    verb, pronoun = ("has", "it") if loss.without.tenants == 1 else ("have", "them")
    yield (
        f"Without {escaped(str(loss.domains[0]))}, {_count(loss.without.tenants)} {verb} no place:"
        f" {_load(loss.without)}."
    )
    who = f"tenant {loss.first.tenant} of {loss.first.from_cell}"
    if loss.without.tenants > 1:
        who = f"the first of them, {who},"
    yield f"  {who} is refused by each cell that is left:"
    for refusal in loss.first.refusals[:_SHOWN]:
        yield f"    {refusal.cell}: {refusal.reason}"
    if not loss.first.refusals:
        yield "    its locality has none"
    if len(loss.first.refusals) > _SHOWN:
        yield f"    and {len(loss.first.refusals) - _SHOWN:,} more cells"
    yield f"  To give {pronoun} a place, {'; or '.join(loss.remedies)}."


def _of_zones(losses: Sequence[Loss]) -> Iterator[str]:
    """Zones whose loss takes no cell, in a few sentences: cells are in several so that nothing has to be said."""
    weakened = [(one.domains, cell) for one in losses for cell in one.weakened]
    if not weakened:
        return
    short = [cell for _, cell in weakened if cell.peak > cell.carries]
    zones = sum(len(some) for some in {domains for domains, _ in weakened})
    yield ""
    yield (
        f"{zones:,} zones can be lost one at a time, and their cells serve on"
        + (", all with nodes enough for the peak." if not short else "; not all with nodes enough for the peak:")
    )
    for cell in {one.cell: one for one in short}.values():
        yield f"  {_serves_on(cell)}"


def _serves_on(cell: Weakened) -> str:
    enough = "enough for" if cell.peak <= cell.carries else "less than"
    return (
        f"{cell.cell} serves on with {cell.nodes_left} of {cell.nodes} nodes, which carry {cell.carries:,.0f} requests"
        f" per second: {enough} its peak of {cell.peak:,.0f}."
    )


def _load(some: Sum) -> str:
    return f"{some.requests_per_second:,.0f} requests per second, {some.storage_gib:,.0f} GiB"


def _count(tenants: int) -> str:
    return f"{tenants:,} tenant{'' if tenants == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")


def _as_json(loss: Loss) -> dict[str, Any]:
    from dataclasses import asdict

    first = loss.first
    return {
        "lost": [{"kind": one.kind, "name": one.name, "path": list(one.path)} for one in loss.domains],
        "cells": list(loss.cells),
        "hit": asdict(loss.hit),
        "of": asdict(loss.of),
        "shares": dict(zip(("tenants", "requests_per_second", "storage_gib"), loss.shares, strict=True)),
        "placed": loss.placed,
        "arrivals": [asdict(arrival) for arrival in loss.arrivals],
        "standbys": [asdict(standby) for standby in loss.standbys],
        "weakened": [asdict(cell) for cell in loss.weakened],
        "without": asdict(loss.without),
        "first": {
            "tenant": first.tenant,
            "cell": first.from_cell,
            "refusals": [asdict(refusal) for refusal in first.refusals],
        }
        if first
        else None,
        "remedies": list(loss.remedies),
    }

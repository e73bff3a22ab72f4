"""Small fleets with tenants in them, to place."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.tenants.columns import NAME, TYPES, Tenants, gather, no_rows
from tests import fleets


class Row(NamedTuple):
    """A row of a tenant file."""

    id: str
    cell: str
    requests_per_second: float = 1.0
    storage_gib: float = 1.0
    group: str = ""


def fleet(changes: dict[str, Any] | None = None) -> Fleet:
    """The fleet of tests/fleets.py: four shared cells of class small in us, two in de."""
    return fleets.fleet(changes)


def unmanaged(number: int, **more: Any) -> dict[str, Any]:
    """A cell of us that is run by other means, and so has nothing but a size and a state."""
    return {
        "id": number,
        "locality": "us",
        "managed": False,
        "address": "legacy.us.acme.io",
        "class": "small",
        "ring": "broad",
        "state": "active",
        **more,
    }


def town(cells: dict[str, dict[str, Any]], changes: dict[str, Any] | None = None) -> Fleet:
    """A fleet whose only cells of us are these."""
    every = copy.deepcopy(fleets.DOCUMENT["cells"])
    other = {name: cell for name, cell in every.items() if cell["locality"] != "us"}
    named = {name: unmanaged(100 + number, **cell) for number, (name, cell) in enumerate(cells.items())}
    return fleet({"cells": {**named, **other}, "localities.us.new_tenants": next(iter(cells)), **(changes or {})})


def tenants(fleet: Fleet, rows: Sequence[Row], aliases: dict[str, str] | None = None) -> Tenants:
    """Tenants as they are read from a file; a slug is `t` and the id."""
    table = pa.table(
        {
            "id": pa.array([row.id for row in rows], pa.string()),
            "slug": pa.array([f"t{row.id}" for row in rows], pa.string()),
            "cell": pa.array([row.cell for row in rows], pa.string()).cast(NAME),
            "group": pa.array([row.group for row in rows], pa.string()).cast(NAME),
            "requests_per_second": pa.array([row.requests_per_second for row in rows], pa.float64()),
            "storage_gib": pa.array([row.storage_gib for row in rows], pa.float64()),
        }
    )
    none = no_rows(TYPES)
    further = pa.table(
        {
            "slug": pa.array(list(aliases or ()), pa.string()),
            "alias_of": pa.array(list((aliases or {}).values()), pa.string()),
            "expires": pa.array([None] * len(aliases or ()), pa.date32()),
        }
    )
    return gather(table, further if aliases else none, list(fleet.cells))


def many(count: int, cell: str, *, first: int = 1, **each: Any) -> list[Row]:
    """Tenants that are alike."""
    return [Row(f"{number:05}", cell, **each) for number in range(first, first + count)]

"""Sentry's settings of cells and localities: `SENTRY_CELLS` and `SENTRY_LOCALITIES`, as a Python file to import.

All localities are in it, for Sentry's control silo and cells know all of them; no tenant is. A cell that is not routed
is there, for it has to know itself, and not `visible`. A locality is `SINGLE_TENANT` where all its cells are dedicated.
Sentry before 2026-06 has the cells in `SENTRY_REGION_CONFIG` and wants to know the `category` of each, which later
versions ignore.

Sentry's ids of cells go into its snowflake ids, with 12 bits: no id above 4,095 can be said. It has no word for fenced,
cordoned or draining.

Form: getsentry/sentry, src/sentry/conf/types/cell_config.py and src/sentry/types/cell.py, 2026-06; 12 bits:
SNOWFLAKE_REGION_ID_LENGTH in src/sentry/utils/snowflake.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cellfleet.failure import Failure
from cellfleet.inventory.model import Cell, Fleet
from cellfleet.inventory.types import Tenancy
from cellfleet.registry.formats.running import running

HIGHEST_ID: Final = (1 << 12) - 1


def emit(fleet: Fleet) -> Mapping[str, bytes]:
    """`cells.py`, the same for every locality.

    Raises Failure where a cell's id has more than 12 bits.
    """
    every = list(running(fleet))
    if high := [cell.name for cell in every if cell.id > HIGHEST_ID]:
        raise Failure(
            f"Sentry cannot be told of {', '.join(high)}: ids above {HIGHEST_ID:,} do not fit into its snowflake ids.",
            "Give new cells lower ids; an id in use cannot be changed.",
        )
    cells = [
        {
            "name": cell.name,
            "snowflake_id": cell.id,
            "category": _category([cell]),
            "address": f"https://{fleet.address_of(cell)}",
            "visible": cell.routed,
        }
        for cell in every
    ]
    localities = [
        {
            "name": name,
            "category": _category([cell for cell in every if cell.locality == name]),
            "cells": [cell.name for cell in every if cell.locality == name],
            "new_org_cell": locality.new_tenants,
        }
        for name, locality in sorted(fleet.localities.items())
    ]
    settings = f"SENTRY_CELLS = {_text(cells)}\nSENTRY_LOCALITIES = {_text(localities)}\n"
    return {"cells.py": f"{settings}SENTRY_REGION_CONFIG = SENTRY_CELLS\n".encode()}


def _category(cells: Sequence[Cell]) -> str:
    dedicated = all(cell.tenancy is Tenancy.DEDICATED for cell in cells) and cells
    return "SINGLE_TENANT" if dedicated else "MULTI_TENANT"


def _text(entries: Sequence[Mapping[str, object]]) -> str:
    """A list of dictionaries as Python has it, one key a line."""
    texts = ("".join(f"        {key!r}: {value!r},\n" for key, value in entry.items()) for entry in entries)
    return "".join(("[\n", *(f"    {{\n{text}    }},\n" for text in texts), "]"))

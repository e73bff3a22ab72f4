"""Tenants of the test fleet, as a tenant file would give them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pyarrow as pa

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pseudonym import Key
from cellfleet.inventory.tenants.columns import REQUIRED, TYPES, Tenants, gather, no_rows

KEY = Key(b"0123456789abcdef0123456789abcdef", secret=True)
ROWS = (  # id, slug, cell
    ("1001", "ada", "us-aws-1"),
    ("1002", "bob", "us-aws-1"),
    ("1003", "cyd", "us-gcp-1"),
    ("2001", "dora", "de-gcp-1"),
    ("2002", "emil", "de-gcp-2"),
)
ALIASES = (("countess", "ada", date(2027, 6, 30)), ("detektiv", "emil", date(2027, 1, 31)))


Row = tuple[str, str, str] | tuple[str, str, str, float, float]


def tenants(fleet: Fleet, rows: Iterable[Row] = ROWS, aliases: Iterable[tuple[str, str, date]] = ALIASES) -> Tenants:
    """`rows` are id, slug, cell and, where a test is about them, loads; `aliases` are alias, slug and last day."""
    full = [(row[0], row[1], row[2], "", *(row[3:] or (1.5, 0.25))) for row in rows]
    columns = list(zip(*full, strict=True)) or [()] * len(REQUIRED)
    table = pa.table({name: pa.array(column, TYPES[name]) for name, column in zip(REQUIRED, columns, strict=True)})
    names = no_rows(TYPES)
    listed = list(aliases)
    if listed:
        alias, slug, day = zip(*listed, strict=True)
        names = pa.table({"slug": alias, "alias_of": slug, "expires": pa.array(day, pa.date32())})
    return gather(table, names, list(fleet.cells))

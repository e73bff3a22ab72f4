"""On which lines of a tenant file some tenants stand: looked up only once something is wrong with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Set
from pathlib import Path

from cellfleet.inventory.tenants.file import opened


def lines_of(path: Path, ids: Set[str]) -> Iterator[tuple[str, int]]:
    """Each tenant that is asked for with the number of its line, from 1, in a file that has been read before."""
    left = set(ids)
    with opened(path) as stream:
        rows = csv.reader(io.TextIOWrapper(stream, encoding="utf-8-sig", newline=""))
        column = next(rows).index("id")
        for row in rows:
            if row[column] in left:
                left.remove(row[column])
                yield row[column], rows.line_num
            if not left:
                return

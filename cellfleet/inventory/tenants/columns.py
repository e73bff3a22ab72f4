"""The tenants of a fleet as columns, for whatever has to look at a million of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

NAME: Final = pa.dictionary(pa.int32(), pa.string())
"""The type of a column with few different values."""

TYPES: Final[Mapping[str, pa.DataType]] = {
    "id": pa.string(),
    "slug": pa.string(),
    "cell": NAME,
    "group": NAME,
    "requests_per_second": pa.float64(),
    "storage_gib": pa.float64(),
    "alias_of": pa.string(),
    "expires": pa.date32(),
}
"""Every column that a tenant file may have."""

REQUIRED: Final = tuple(TYPES)[:6]
OF_ALIASES: Final = tuple(TYPES)[6:]

OF_KEYS: Final[Mapping[str, pa.DataType]] = {"public_key": pa.string(), "tenant_id": pa.string()}
"""The columns of a file of project keys."""


@dataclass(frozen=True, slots=True)
class Load:
    """What the tenants of a cell come to."""

    tenants: int = 0
    requests_per_second: float = 0.0
    """The sum of their peaks."""
    storage_gib: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Tenants:
    """Every tenant and every alias, in the file's order."""

    rows: pa.Table
    """The required columns. `cell` and `group` (empty where there is none) are dictionary-encoded, with one dictionary
    for all chunks."""
    aliases: pa.Table
    """`slug`, `alias_of` (the tenant's slug), `expires`."""
    by_cell: Mapping[str, Load]
    """Of each cell of the inventory, in its order; cells with no tenants among them."""

    def __len__(self) -> int:
        """How many tenants there are; an alias is none."""
        count: int = self.rows.num_rows
        return count


@dataclass(frozen=True, slots=True, eq=False)
class ProjectKeys:
    """Every project key, in the file's order."""

    rows: pa.Table
    """`public_key`, `tenant_id`."""

    def __len__(self) -> int:
        """How many keys there are."""
        count: int = self.rows.num_rows
        return count


def no_rows(columns: Iterable[str], types: Mapping[str, pa.DataType] = TYPES) -> pa.Table:
    """A table of these columns, and of the lines that rows stand on, with nothing in it."""
    return pa.table({**{column: pa.array([], types[column]) for column in columns}, "line": pa.array([], pa.int64())})


def split(rows: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The rows of tenants, and those of aliases."""
    if "alias_of" not in rows.column_names:
        return rows, no_rows(TYPES)
    of_aliases = pc.not_equal(rows["alias_of"], "")
    return rows.filter(pc.invert(of_aliases)), rows.filter(of_aliases)


def gather(tenants: pa.Table, aliases: pa.Table, cells: Sequence[str]) -> Tenants:
    """Put the columns together, and add up what each cell holds."""
    # One thread, so that sums of floats come out the same each time.
    sums = tenants.group_by("cell", use_threads=False).aggregate(
        [("id", "count"), ("requests_per_second", "sum"), ("storage_gib", "sum")]
    )
    loads = {
        row["cell"]: Load(row["id_count"], row["requests_per_second_sum"] or 0.0, row["storage_gib_sum"] or 0.0)
        for row in sums.to_pylist()
    }
    return Tenants(
        rows=tenants.select(list(REQUIRED)),
        aliases=aliases.select(["slug", *OF_ALIASES]),
        by_cell={cell: loads.get(cell, Load()) for cell in cells},
    )

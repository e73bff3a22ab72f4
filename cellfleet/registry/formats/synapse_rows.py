"""The rows of Synapse's feed as JSON texts, sorted, made a column at a time."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from cellfleet.inventory.tenants.columns import ProjectKeys, Tenants
from cellfleet.registry.placements import plain


def clashes(tenants: Tenants) -> int:
    """How many slugs and aliases are another tenant's id."""
    names = _names(tenants)
    ids = tenants.rows["id"].combine_chunks()
    clashing = pc.and_(pc.is_in(names["slug"], value_set=ids), pc.not_equal(names["slug"], names["id"]))
    count: int = pc.sum(clashing).as_py() or 0
    return count


def organizations(tenants: Tenants, cells: Sequence[str]) -> list[str]:
    """A row for each slug and alias of a tenant in one of `cells`, sorted by it."""
    names = _names(tenants)
    names = names.filter(pc.is_in(names["cell"], value_set=pa.array(cells, pa.string()))).sort_by("slug")
    return _rows(names, '{"cell":"', "cell", '","id":"', "id", '","slug":"', "slug", '"}')


def keys(tenants: Tenants, cells: Sequence[str], project_keys: ProjectKeys) -> list[str]:
    """A row for each key of a tenant in one of `cells`, sorted by it."""
    found = pc.index_in(project_keys.rows["tenant_id"], value_set=tenants.rows["id"].combine_chunks())
    cell = pc.take(tenants.rows["cell"].cast(pa.string()), found)
    keyed = pa.table({"publickey": project_keys.rows["public_key"], "cell": cell})
    keyed = keyed.filter(pc.is_in(keyed["cell"], value_set=pa.array(cells, pa.string()))).sort_by("publickey")
    return _rows(keyed, '{"cell":"', "cell", '","publickey":"', "publickey", '"}')


def _names(tenants: Tenants) -> pa.Table:
    """Every slug and alias, with its tenant's id and cell."""
    rows = tenants.rows.select(["id", "slug", "cell"])
    rows = rows.set_column(2, "cell", rows["cell"].cast(pa.string()))
    if not tenants.aliases.num_rows:
        return rows
    found = pc.index_in(tenants.aliases["alias_of"], value_set=rows["slug"].combine_chunks())
    aliases = {"id": pc.take(rows["id"], found), "slug": tenants.aliases["slug"], "cell": pc.take(rows["cell"], found)}
    return pa.concat_tables([rows, pa.table(aliases)])


def _rows(table: pa.Table, *parts: str) -> list[str]:
    """Each row's parts, one after the other; every second of them names a column."""
    for column in parts[1::2]:
        plain(table[column])
    texts = [table[part] if index % 2 else part for index, part in enumerate(parts)]
    rows: list[str] = pc.binary_join_element_wise(*texts, "").to_pylist()
    return rows

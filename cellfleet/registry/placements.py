"""The tenants of a snapshot as lines of text, made a column at a time: there may be a million of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pseudonym import Key
from cellfleet.inventory.tenants.columns import Tenants
from cellfleet.registry.canonical import canonical
from cellfleet.registry.layout import BUCKETS, bucket_of

_CHUNK: Final = 1 << 16
"""Rows that are Python objects at a time."""
_NEEDS_ESCAPING: Final = "[^A-Za-z0-9_-]"


def placements(fleet: Fleet, locality: str, tenants: Tenants, key: Key) -> Mapping[str, Sequence[str]]:
    """The lines of the sections tenants, aliases and elsewhere.

    Raises ValueError for a tenant without an id or slug of its form, or in a cell that is not declared, and for an
    alias of nobody.
    """
    rows = tenants.rows.select(["id", "slug", "cell"])
    rows = rows.set_column(2, "cell", rows["cell"].cast(pa.string()))
    rows = rows.append_column("locality", _of_cells(rows["cell"], fleet))
    aliases = tenants.aliases.append_column("locality", _of_tenants(tenants.aliases["alias_of"], rows))
    for column in (rows["id"], rows["slug"], aliases["slug"]):
        plain(column)
    here = rows.filter(pc.equal(rows["locality"], locality))
    here_aliases = aliases.filter(pc.equal(aliases["locality"], locality))
    days = here_aliases["expires"].cast(pa.string())
    return {
        "tenants": _lists(here["slug"], _json(here["id"], here["slug"], here["cell"])),
        "aliases": _lists(here_aliases["slug"], _json(here_aliases["slug"], here_aliases["alias_of"], days)),
        "elsewhere": _elsewhere([name for name in fleet.localities if name != locality], rows, aliases, key),
    }


def _of_cells(cells: pa.ChunkedArray, fleet: Fleet) -> pa.ChunkedArray:
    """The locality of each cell."""
    localities = pa.array([cell.locality for cell in fleet.cells.values()], pa.string())
    found = pc.take(localities, pc.index_in(cells, value_set=pa.array(fleet.cells, pa.string())))
    if found.null_count:
        raise ValueError("a tenant is in a cell that is not declared")
    return found


def _of_tenants(slugs: pa.ChunkedArray, rows: pa.Table) -> pa.ChunkedArray:
    """The locality of each slug's tenant."""
    if not len(slugs):
        return pa.chunked_array([], pa.string())
    found = pc.take(rows["locality"], pc.index_in(slugs, value_set=rows["slug"].combine_chunks()))
    if found.null_count:
        raise ValueError("an alias leads to no tenant")
    return found


def plain(names: pa.ChunkedArray) -> None:
    """Raises ValueError where a name has a character that JSON would escape, or that no name may have."""
    if pc.any(pc.match_substring_regex(names, _NEEDS_ESCAPING)).as_py():
        raise ValueError("a tenant's name is not of its form")


def _json(*columns: pa.ChunkedArray) -> pa.ChunkedArray:
    """Each row as a JSON list of its texts, none of which needs escaping."""
    joined = pc.binary_join_element_wise(*columns, '","')
    return pc.binary_join_element_wise('["', joined, '"]', "")


def _elsewhere(localities: Sequence[str], rows: pa.Table, aliases: pa.Table, key: Key) -> list[str]:
    found: list[dict[str, str]] = [{} for _ in range(BUCKETS)]
    for locality in localities:
        theirs = rows.filter(pc.equal(rows["locality"], locality))
        further = aliases.filter(pc.equal(aliases["locality"], locality))
        hashes = pa.chunked_array(
            [
                *_hashed("slug", theirs["slug"], key),
                *_hashed("slug", further["slug"], key),
                *_hashed("id", theirs["id"], key),
            ],
            pa.string(),
        )
        for line, joined in zip(found, _joined(hashes, hashes, ""), strict=True):
            if joined:
                line[locality] = joined
    return [canonical(line) for line in found]


def _hashed(kind: Literal["slug", "id"], names: pa.ChunkedArray, key: Key) -> Iterator[pa.Array]:
    for start in range(0, len(names), _CHUNK):
        yield pa.array(key.pseudonyms(kind, names[start : start + _CHUNK].to_pylist()), pa.string())


def _lists(names: pa.ChunkedArray, rows: pa.ChunkedArray) -> list[str]:
    return [f"[{joined}]" for joined in _joined(names, rows, ",")]


def _joined(names: pa.ChunkedArray, texts: pa.ChunkedArray, separator: str) -> list[str]:
    """The texts in each bucket, in the order of their names."""
    counts: Counter[int] = Counter()
    buckets: list[pa.Array] = []
    for start in range(0, len(names), _CHUNK):
        some = [bucket_of(name) for name in names[start : start + _CHUNK].to_pylist()]
        counts.update(some)
        buckets.append(pa.array(some, pa.int16()))
    columns = {"bucket": pa.chunked_array(buckets, pa.int16()), "name": names, "text": texts}
    ordered = pa.table(columns).sort_by([("bucket", "ascending"), ("name", "ascending")])["text"].combine_chunks()
    offsets = pa.array(accumulate((counts[bucket] for bucket in range(BUCKETS)), initial=0), pa.int32())
    lines: list[str] = pc.binary_join(pa.ListArray.from_arrays(offsets, ordered), separator).to_pylist()
    return lines

"""The program that finds a tenant's cell, and the map that it reads.

The program is `router.lua`, below two lines that name the locality and the map's files. A map file has a line for what
it says, fields parted by spaces, and ends with the line `end`:

| line | says |
|---|---|
| `cell NAME open` or `cell NAME fenced` | an own cell that is routed |
| `elsewhere NAME LOCALITY` | a routed cell of another locality |
| `tenant CELL NAME NAME …` | slugs and aliases of the cell's tenants |
| `tenant_id CELL NAME NAME …` | their ids |
| `key CHECK` | hashes follow; what the key gives for nothing |
| `hash LOCALITY HASH HASH …` | tenants of another locality |

The first file has what is not a tenant's; which of the others a name is in depends on the name alone, so that a
tenant that moves changes one of them. A router without `{tenant}` or `{tenant_id}` has the first alone.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Final

from cellfleet.routing.placements import Placements
from cellfleet.routing.table import RoutingTable

SHARD_BYTES: Final = 384 * 1024
"""What a shard is to have on average; the largest stays below half of the 1 MiB that a ConfigMap may have."""
_DIGITS: Final = 16
_NAMES_A_LINE: Final = 500


@cache
def constant() -> str:
    """The program, which is the same for every fleet."""
    return (Path(__file__).parent / "router.lua").read_text(encoding="utf-8")


def program(locality: str, shards: Iterable[str]) -> tuple[str, str]:
    """The program's file name and text, for these files of the map."""
    names = ", ".join(f'"{name}"' for name in shards)
    text = f'local LOCALITY = "{locality}"\nlocal FILES = {{{names}}}\n{constant()}'
    return f"router-{_digest(text)}.lua", text


def shards(table: RoutingTable) -> dict[str, str]:
    """The map's files by name, the first first."""
    texts = [_text(_cells(table)), *map(_text, _tenants(table.placements))]
    return {f"map-{_digest(text)}.txt": text for text in texts}


def _cells(table: RoutingTable) -> Iterator[str]:
    for name, cell in sorted(table.cells.items()):
        yield f"cell {name} {'fenced' if cell.fenced else 'open'}"
    for name, locality in sorted(table.cells_elsewhere.items()):
        yield f"elsewhere {name} {locality}"
    if table.placements.elsewhere:
        yield f"key {table.placements.key.check}"


def _tenants(placements: Placements) -> Iterator[Iterator[str]]:
    """The lines of each shard, in a fixed order, with names in alphabetical order."""
    kinds = {**{str(kind): names for kind, names in placements.here.items()}, "hash": placements.elsewhere}
    size = sum(len(name) + 1 for names in kinds.values() for name in names)
    count = 1
    while size > count * SHARD_BYTES:
        count *= 2
    entries: list[list[tuple[str, str, str]]] = [[] for _ in range(count)]
    for kind, names in kinds.items():
        for name, about in names.items():
            entries[zlib.crc32(name.encode()) % count].append((kind, about, name))
    for some in entries:
        if some:
            yield _lines(sorted(some))


def _lines(entries: list[tuple[str, str, str]]) -> Iterator[str]:
    for (kind, about), group in groupby(entries, key=lambda entry: entry[:2]):
        names = [name for _, _, name in group]
        for first in range(0, len(names), _NAMES_A_LINE):
            yield f"{kind} {about} {' '.join(names[first : first + _NAMES_A_LINE])}"


def _text(lines: Iterator[str]) -> str:
    return "".join(f"{line}\n" for line in (*lines, "end"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]

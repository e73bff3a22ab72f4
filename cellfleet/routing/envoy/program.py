"""The program that finds a tenant's cell, and the map that it reads.

The program is `router.lua`, below two lines that name the locality and the map's files. A map file has a line for what
it says, fields parted by spaces, and ends with the line `end`. The first file has what is no tenant's:

| line | says |
|---|---|
| `cell NAME ID open` or `cell NAME ID fenced` | an own cell that is routed |
| `elsewhere NAME LOCALITY` | a routed cell of another locality |
| `key CHECK` | there are hashes; what the key gives for nothing |

The others, the shards, are what tenants are looked up in, by half, so their lines are sorted:

| line | says |
|---|---|
| `sSLUG ID` | the id of the cell of a tenant's slug or alias |
| `iNUMBER ID` | the same of a tenant's id |
| `hHASH LOCALITY` | where a tenant of another locality is |

Which shard a name is in depends on the name alone, so that a tenant that moves changes one of them. A router without
`{tenant}` or `{tenant_id}` has the first file alone.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from cellfleet.inventory.pattern import Names
from cellfleet.routing.table import RoutingTable

SHARD_BYTES: Final = 384 * 1024
"""What a shard is to have on average; the largest stays below half of the 1 MiB that a ConfigMap may have."""
_DIGITS: Final = 16
KINDS: Final = {Names.TENANT: "s", Names.TENANT_ID: "i"}
"""What the lines of a shard begin with, by kind of name."""
HASH: Final = "h"


@cache
def constant() -> str:
    """The program, which is the same for every fleet."""
    return (Path(__file__).parent / "router.lua").read_text(encoding="utf-8")


def program(locality: str, files: Iterable[str]) -> tuple[str, str]:
    """The program's file name and text, for these files of the map."""
    names = ", ".join(f'"{name}"' for name in files)
    text = f'local LOCALITY = "{locality}"\nlocal FILES = {{{names}}}\n{constant()}'
    return f"router-{_digest(text)}.lua", text


def map_files(table: RoutingTable) -> list[tuple[str, str]]:
    """The map's files, in their order: the name and the text of each."""
    texts = [_text(_cells(table)), *map(_text, _shards(table))]
    return [(f"map-{_digest(text)}.txt", text) for text in texts]


def shard_bytes(table: RoutingTable) -> int:
    """The size of all shards together."""
    return sum(
        len(name) + len(ends[place]) + len("s\n") for _, names, ends in _kinds(table) for name, place in names.items()
    )


def shards_of(names: Iterable[str], count: int) -> Iterator[int]:
    """Which of so many shards each slug, id or hash is looked for in, from 0."""
    return (checksum % count for checksum in map(zlib.crc32, map(str.encode, names)))


def _cells(table: RoutingTable) -> Iterator[str]:
    for name, cell in sorted(table.cells.items()):
        yield f"cell {name} {cell.id} {'fenced' if cell.fenced else 'open'}"
    for name, locality in sorted(table.cells_elsewhere.items()):
        yield f"elsewhere {name} {locality}"
    if table.placements.elsewhere:
        yield f"key {table.placements.key.check}"


def _shards(table: RoutingTable) -> Iterator[list[str]]:
    """The lines of each shard."""
    if not (size := shard_bytes(table)):
        return
    count = 1
    while size > count * SHARD_BYTES:
        count *= 2
    found: list[list[str]] = [[] for _ in range(count)]
    for letter, names, ends in _kinds(table):
        for (name, place), shard in zip(names.items(), shards_of(names, count), strict=True):
            found[shard].append(letter + name + ends[place])
    yield from map(sorted, found)


def _kinds(table: RoutingTable) -> Iterator[tuple[str, Mapping[str, str], Mapping[str, str]]]:
    """What lines begin with, the place of each name, and how lines for a place end."""
    ids = {name: f" {cell.id}" for name, cell in table.cells.items()}
    for kind, names in table.placements.here.items():
        yield KINDS[kind], names, ids
    yield HASH, table.placements.elsewhere, {name: f" {name}" for name in table.hosts_elsewhere}


def _text(lines: Iterable[str]) -> str:
    return "\n".join((*lines, "end\n"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]

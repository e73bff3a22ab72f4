"""A snapshot as stores hold it: a head and compressed shards, none larger than the store allows.

Each section is cut into equal shards, as few as fit, a power of two: so a tenant that moves within its locality changes
one shard of tenants, and all names stay until a section outgrows its number of shards. A shard is named after its bytes
and never written over: a writer stores new shards, then the head, and deletes shards that no head of the last
generations names; a reader that has an old head finds what it names.

The name is that of the compressed bytes, so another version of zlib may rename shards; the snapshot's digest, and with
it its generation, stays.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cellfleet.failure import Failure
from cellfleet.registry import head
from cellfleet.registry.canonical import canonical
from cellfleet.registry.head import Head, ShardEntry
from cellfleet.registry.layout import BUCKETS, SECTIONS
from cellfleet.registry.snapshot import Snapshot

_LEVEL: Final = 6
_GZIP: Final = 16 + zlib.MAX_WBITS
"""Tells zlib to write gzip's header, without a time."""


@dataclass(frozen=True, slots=True)
class Shard:
    """Some lines of one section, gzipped."""

    entry: ShardEntry
    body: bytes

    @property
    def name(self) -> str:
        """Its name in every store."""
        return self.entry.name


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """What is stored of one snapshot, whatever generation it is published as."""

    locality: str
    key: str
    digest: str
    """The snapshot's."""
    shards: tuple[Shard, ...]
    records: Mapping[str, str]
    """The canonical JSON of each cell's record, for stores that are asked for one cell."""

    def head(self, epoch: int, generation: int) -> Head:
        """The head that publishes the bundle."""
        entries = tuple(shard.entry for shard in self.shards)
        return Head(self.locality, epoch, generation, self.digest, self.key, entries)

    @property
    def objects(self) -> dict[str, bytes]:
        """The shards by name, each once: empty ones are alike."""
        return {shard.name: shard.body for shard in self.shards}

    def files(self, epoch: int, generation: int) -> dict[str, bytes]:
        """What a folder or bucket of the registry holds, the head last."""
        return {**self.objects, head.NAME: self.head(epoch, generation).text().encode()}


def bundle(snapshot: Snapshot, limit: int) -> Bundle:
    """Compress a snapshot into shards of at most `limit` bytes each.

    Raises Failure where a single line is larger than that.
    """
    shards = [shard for section in SECTIONS for shard in _shards(section, snapshot.sections[section], limit)]
    records = {name: canonical(record.as_json()) for name, record in snapshot.records.items()}
    return Bundle(snapshot.locality, snapshot.key, snapshot.digest, tuple(shards), records)


def _shards(section: str, lines: Sequence[str], limit: int) -> list[Shard]:
    size = BUCKETS
    while size:
        shards: list[Shard] = []
        for first in range(0, BUCKETS, size):
            body = _compressed(lines[first : first + size], limit)
            if body is None:
                break
            entry = ShardEntry(section, first, size, hashlib.sha256(body).hexdigest(), len(body))
            shards.append(Shard(entry, body))
        else:
            return shards
        size //= 2
    raise Failure(
        f"The registry's {section} cannot be cut into shards of {limit:,} bytes.",
        "Keep them in a store that takes larger objects.",
    )


def _compressed(lines: Sequence[str], limit: int) -> bytes | None:
    """The lines, gzipped; None, and no more work than it takes to see, where they do not fit."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    body = bytearray()
    for line in lines:
        body += packer.compress(f"{line}\n".encode())
        if len(body) > limit:
            return None
    body += packer.flush()
    return bytes(body) if len(body) <= limit else None

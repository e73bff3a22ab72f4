"""The small JSON that a reader reads first: what is published, as which generation, and in which shards."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any, Final

from cellfleet.registry.canonical import canonical
from cellfleet.registry.layout import BUCKETS, FORMAT_VERSION, SECTIONS

NAME: Final = "head.json"
"""What it is called where the shards lie beside it."""
LARGEST: Final = 1 << 20
"""Bytes; 4,096 shards, more than any fleet needs, come to less."""
_HASH: Final = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ShardEntry:
    """What a head says of one shard: some lines of a section, gzipped."""

    section: str
    first: int
    """The first of its lines, from 0."""
    lines: int
    sha256: str
    """Of its bytes as they are stored."""
    size: int
    """How many those are."""

    @property
    def name(self) -> str:
        """What the shard is called in every store: other content, another name."""
        return f"{self.sha256}.json.gz"


@dataclass(frozen=True, slots=True)
class Head:
    """What one locality's registry holds."""

    locality: str
    epoch: int
    generation: int
    digest: str
    """The snapshot's, whatever shards it is cut into."""
    key: str
    """Tells which key the hashes of other localities' tenants were made with."""
    shards: tuple[ShardEntry, ...]
    """In the snapshot's order."""

    @property
    def order(self) -> tuple[int, int]:
        """The higher, the newer."""
        return self.epoch, self.generation

    def text(self) -> str:
        """The head as it is stored."""
        return canonical({"format_version": FORMAT_VERSION, **asdict(self)})


def parse(text: bytes) -> Head:
    """Read a head.

    Raises ValueError with the reason where it is none, or one of a version that is not known here.
    """
    try:
        read = json.loads(text)
    except ValueError:
        raise ValueError("the head is not JSON") from None
    version = read.get("format_version") if isinstance(read, dict) else None
    if version != FORMAT_VERSION:
        raise ValueError(f"the head has format_version {version!r}; this version of cellfleet reads {FORMAT_VERSION}")
    try:
        head = Head(
            locality=_of(str, read["locality"]),
            epoch=_of(int, read["epoch"]),
            generation=_of(int, read["generation"]),
            digest=_of(str, read["digest"]),
            key=_of(str, read["key"]),
            shards=tuple(_shard(entry) for entry in read["shards"]),
        )
    except (LookupError, TypeError):
        raise ValueError("the head lacks a field, or has one of another type") from None
    _whole(head)
    return head


def _shard(entry: Any) -> ShardEntry:
    types = {"section": str, "first": int, "lines": int, "sha256": str, "size": int}
    return ShardEntry(**{field: _of(type_, entry[field]) for field, type_ in types.items()})


def _of(type_: type, value: Any) -> Any:
    if type(value) is not type_:  # True is an int
        raise TypeError
    return value


def _whole(head: Head) -> None:
    """Every line once and in order, and no name that leads out of the store."""
    expected = iter(head.shards)
    for section in SECTIONS:
        line = 0
        while line < BUCKETS:
            shard = next(expected, None)
            if shard is None or (shard.section, shard.first) != (section, line) or shard.lines < 1 or shard.size < 1:
                raise ValueError(f"the head's shards do not have every line of {section} once")
            line += shard.lines
    if next(expected, None) or not all(_HASH.fullmatch(shard.sha256) for shard in head.shards):
        raise ValueError("the head names shards that cannot be")

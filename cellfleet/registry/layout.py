"""How a snapshot is laid out as text: what writers and readers of it have to agree on.

Every section has the same number of lines, and a row's name tells which line it is in. 1,024 of them keep a line of the
20 million tenants that a file may have under the limit of the smallest store, and cost an empty section 4 kB before and
40 bytes after compression.
"""

from __future__ import annotations

import hashlib
from typing import Final
from zlib import crc32

from cellfleet.registry.canonical import canonical

FORMAT_VERSION: Final = 1
BUCKETS: Final = 1024
"""Lines of a section; a power of two, so that it can be cut into equal shards again and again."""
SECTIONS: Final = ("cells", "tenants", "aliases", "elsewhere")
"""In the order in which they stand, and what a line of each holds:

- cells: a list of records
- tenants: a list of `[id, slug, cell]`
- aliases: a list of `[alias, slug of its tenant, last day]`
- elsewhere: by locality, the hashes of its tenants' slugs, aliases and ids, sorted, one after the other
"""


def bucket_of(name: str) -> int:
    """The line, from 0, that holds the row of this cell, slug, alias or hash."""
    return crc32(name.encode()) % BUCKETS


class Digest:
    """The SHA-256 of a snapshot's text: its header, and then its sections as they are added, line feeds included."""

    def __init__(self, locality: str, key: str) -> None:
        header = canonical({"format_version": FORMAT_VERSION, "key": key, "locality": locality})
        self._hash = hashlib.sha256(f"{header}\n".encode())

    def add(self, text: bytes) -> None:
        self._hash.update(text)

    @property
    def hex(self) -> str:
        return self._hash.hexdigest()

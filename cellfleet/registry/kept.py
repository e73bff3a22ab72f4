"""The copy of the last good snapshot that a reader keeps on its own disk: one file, replaced as a whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cellfleet.registry import head as heads
from cellfleet.registry.head import Head
from cellfleet.registry.source import Fetch


def write(path: Path, head: Head, bodies: Mapping[str, bytes]) -> None:
    """Replace the copy: the head, a line feed, and its shards in order.

    Raises OSError where it cannot be written; then the old one is there still.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(head.text().encode() + b"\n")
            file.writelines(bodies[shard.name] for shard in head.shards)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def fetch_from(path: Path) -> Fetch:
    """How to fetch from a copy; a file that is none shows when it is fetched from."""

    def fetch(name: str, most: int) -> bytes:
        with path.open("rb") as file:
            text = file.readline(heads.LARGEST + 1)
            if name == heads.NAME:
                return text
            for shard in heads.parse(text).shards:
                if shard.name == name:
                    return file.read(most)
                file.seek(shard.size, os.SEEK_CUR)
        raise FileNotFoundError(f"the copy lacks {name}")

    return fetch

"""Reads a locality's registry, and goes on answering by the last good one when its store is down, torn or wrong.

A snapshot is taken whole or not at all: its shards have the hashes that the head names, its text has the head's digest,
and it is not older than what is held. The same (epoch, generation) with another digest is taken, for so does a run
repair what a crash left half written. A head is not signed: who may write to the store is trusted.

A million tenants take some hundred megabytes and a few seconds to read, in which the last snapshot still answers.
Nothing here imports pyarrow.
"""

from __future__ import annotations

import hashlib
import threading
import zlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final

from cellfleet.failure import Failure
from cellfleet.inventory.pseudonym import Key
from cellfleet.registry import head as heads
from cellfleet.registry import kept
from cellfleet.registry.contents import Contents, contents
from cellfleet.registry.head import Head, ShardEntry
from cellfleet.registry.layout import SECTIONS, Digest
from cellfleet.registry.source import Fetch, fetch_from

_GZIP: Final = 16 + zlib.MAX_WBITS
_FAULTS: Final = (OSError, HTTPException, ValueError, LookupError, TypeError, zlib.error)
"""All that a store which is down, torn or wrong can lead to."""


class Registry:
    """One locality's registry. Any thread may ask while another refreshes."""

    last_error: str | None = None
    """Why the last refresh, or keeping its copy, failed; None where it did not."""

    def __init__(self, fetch: Fetch, locality: str | None, key: Key | None, keep: Path | None) -> None:
        self._fetch, self._locality, self._key, self._keep = fetch, locality, key, keep
        self._held: tuple[Head, Contents] | None = None
        self._bodies: Mapping[str, bytes] = {}
        self._refreshing = threading.Lock()

    @classmethod
    def open(
        cls,
        source: str | Path,
        *,
        locality: str | None = None,
        key: Key | None = None,
        keep: Path | None = None,
        fetch: Fetch | None = None,
    ) -> Registry:
        """Open the registry at a folder, or at the path, `file://` or `https://` URL of its head.

        A registry of another `locality` is refused. `key` is what tenants of other localities are looked up with.
        `keep` is a file that the last good snapshot is kept in, to start from when the store is down. `fetch` replaces
        the way that the source is read. Raises Failure where neither the source nor `keep` holds a good snapshot.
        """
        registry = cls(fetch or fetch_from(source), locality, key, keep)
        if keep is not None and keep.exists():
            registry._take(kept.fetch_from(keep))
        registry.refresh()
        if registry._held is None:
            raise Failure(
                f"The registry at {source} cannot be read: {registry.last_error}.",
                "See that the store can be reached and that `up` of the registry's stack has succeeded.",
            )
        return registry

    def refresh(self) -> bool:
        """Take what the store holds, if it is newer; say whether another snapshot than before is held.

        Raises nothing: `last_error` says what went wrong.
        """
        return self._take(self._fetch, keep=self._keep)

    @property
    def head(self) -> Head:
        """What is held: locality, epoch, generation, digest."""
        return self._now[0]

    @property
    def records(self) -> Mapping[str, Mapping[str, Any]]:
        """The record of each cell of the fleet, as JSON has it."""
        return self._now[1].records

    def cell_of(self, *, slug: str | None = None, id: str | None = None, as_of: date | None = None) -> str | None:
        """The cell of one of the locality's own tenants, by its slug, an alias or its id; None for anybody else.

        An alias counts up to its last day; `as_of` is the day to ask for, today in UTC where it is not given.
        """
        held = self._now[1]
        if slug is None:
            return held.by_id.get(_given(id))
        cell = held.by_slug.get(slug)
        if cell is None and slug in held.aliases:
            tenant, last = held.aliases[slug]
            return held.by_slug.get(tenant) if (as_of or datetime.now(UTC).date()) <= last else None
        return cell

    def locality_of(self, *, slug: str | None = None, id: str | None = None, as_of: date | None = None) -> str | None:
        """The locality that a tenant lives in, by its slug, an alias or its id; None for a name that nobody has.

        Raises Failure where it is not the registry's own and there is no key, or another than the hashes were made
        with.
        """
        head, held = self._now
        if self.cell_of(slug=slug, id=id, as_of=as_of):
            return head.locality
        if self._key is None or self._key.check != head.key:
            raise Failure(
                "Tenants of other localities can be looked up only with the key that their hashes were made with.",
                "Open the registry with it.",
            )
        if slug is None:
            return held.locality_of(self._key.pseudonym("id", _given(id)))
        return held.locality_of(self._key.pseudonym("slug", slug))

    @property
    def _now(self) -> tuple[Head, Contents]:
        if self._held is None:
            raise RuntimeError("the registry has not been opened")
        return self._held

    def _take(self, fetch: Fetch, *, keep: Path | None = None) -> bool:
        """Hold what can be fetched, if it is good and newer; say whether another snapshot than before is held."""
        with self._refreshing:
            before, self.last_error = self._held, None
            try:
                head = _head(fetch)
                if self._wanted(head):
                    bodies = {shard.name: _body(shard, fetch, self._bodies) for shard in head.shards}
                    self._held, self._bodies = (head, _contents(head, bodies)), bodies
                    if keep is not None:
                        kept.write(keep, head, bodies)
            except _FAULTS as error:
                self.last_error = str(error) or type(error).__name__
            return self._held is not before

    def _wanted(self, head: Head) -> bool:
        """Whether a head is of another snapshot than is held. Raises ValueError where it may not be taken."""
        locality = self._held[0].locality if self._held else self._locality
        if locality not in (None, head.locality):
            raise ValueError(f"the store holds the registry of {head.locality}, not of {locality}")
        if self._held is None:
            return True
        if head.order < self._held[0].order:
            raise ValueError(f"the store is at {head.order}, which is older than {self._held[0].order}, which is held")
        return (head.order, head.digest) != (self._held[0].order, self._held[0].digest)


def _given(id: str | None) -> str:
    if id is None:
        raise TypeError("name a tenant, by its slug or its id")
    return id


def _head(fetch: Fetch) -> Head:
    text = fetch(heads.NAME, heads.LARGEST)
    if len(text) > heads.LARGEST:
        raise ValueError(f"the head has more than {heads.LARGEST:,} bytes")
    return heads.parse(text)


def _body(shard: ShardEntry, fetch: Fetch, known: Mapping[str, bytes]) -> bytes:
    """A shard as it is stored, fetched unless it is held already."""
    if shard.name in known:
        return known[shard.name]
    body = fetch(shard.name, shard.size)
    if hashlib.sha256(body).hexdigest() != shard.sha256:
        raise ValueError(f"the shard {shard.name} has another content than its name says")
    return body


def _contents(head: Head, bodies: Mapping[str, bytes]) -> Contents:
    digest = Digest(head.locality, head.key)
    sections: dict[str, list[bytes]] = {section: [] for section in SECTIONS}
    for shard in head.shards:
        text = zlib.decompress(bodies[shard.name], _GZIP)
        digest.add(text)
        sections[shard.section] += text.splitlines()
    if digest.hex != head.digest:
        raise ValueError("the shards together do not have the head's digest")
    return contents(sections)

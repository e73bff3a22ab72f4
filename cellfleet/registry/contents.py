"""What a snapshot's text says, ready to be asked: which cell has a tenant, which locality has a hash."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cellfleet.inventory.pseudonym import DIGITS
from cellfleet.registry.layout import BUCKETS, bucket_of


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """The records and tenants of a snapshot."""

    records: Mapping[str, Mapping[str, Any]]
    """By cell, as JSON has them."""
    by_slug: Mapping[str, str]
    """The cell of each of the locality's own tenants."""
    by_id: Mapping[str, str]
    aliases: Mapping[str, tuple[str, date]]
    """The slug that each leads to, and the last day on which it does."""
    elsewhere: tuple[Mapping[str, str], ...]
    """By bucket: by locality, the sorted hashes of its tenants' names, one after the other."""

    def locality_of(self, pseudonym: str) -> str | None:
        """The locality that a hash's tenant lives in; None for one of nobody elsewhere."""
        for locality, hashes in self.elsewhere[bucket_of(pseudonym)].items():
            position = bisect_left(
                range(len(hashes) // DIGITS), pseudonym, key=lambda at: hashes[at * DIGITS : at * DIGITS + DIGITS]
            )
            if hashes.startswith(pseudonym, position * DIGITS):
                return locality
        return None


def contents(sections: Mapping[str, Sequence[bytes]]) -> Contents:
    """Read the lines of each section.

    Raises LookupError, TypeError or ValueError where they are not what `layout` says.
    """
    if any(len(lines) != BUCKETS for lines in sections.values()):
        raise ValueError("a section does not have the lines that it should have")
    records = {row["name"]: row for line in sections["cells"] for row in json.loads(line)}
    names = {name: name for name in records}  # one string for each cell, however many tenants are in it
    by_slug: dict[str, str] = {}
    by_id: dict[str, str] = {}
    for line in sections["tenants"]:
        for id_, slug, cell in json.loads(line):
            by_slug[slug] = by_id[id_] = names[cell]
    aliases = {
        alias: (slug, date.fromisoformat(day)) for line in sections["aliases"] for alias, slug, day in json.loads(line)
    }
    return Contents(records, by_slug, by_id, aliases, tuple(json.loads(line) for line in sections["elsewhere"]))

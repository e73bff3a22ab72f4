"""All that one locality may know: every cell's record, its own tenants by name, those of others by a keyed hash.

The content is text, one canonical JSON value a line: a header, then four sections of 1,024 lines each (`layout`). A row
is in the line that the hash of its name picks, so that a tenant which moves changes one line; and the text is the same
however a store's limit has it cut. `digest` is the SHA-256 of that text: whoever has the lines verifies it by hashing
them as they come, and writes no JSON again.

As which (epoch, generation) a content is published is no part of it: equal content is an equal snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pseudonym import Key
from cellfleet.registry.canonical import canonical
from cellfleet.registry.layout import BUCKETS, SECTIONS, Digest, bucket_of
from cellfleet.registry.record import Load, Record, record, uses

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The content of one locality's registry."""

    locality: str
    key: str
    """Tells which key the hashes were made with."""
    records: Mapping[str, Record]
    """By cell, sorted by name."""
    sections: Mapping[str, Sequence[str]]
    """The lines of each section, in `SECTIONS`' order."""
    digest: str
    """Hexadecimal."""


def build(fleet: Fleet, locality: str, tenants: Tenants | None, key: Key) -> Snapshot:
    """The snapshot of one locality; the order of the fleet's cells and of the tenants' rows is of no matter.

    Raises ValueError for tenants that `cellfleet.inventory.tenants.read` has errors on, and KeyError for a locality
    that is not declared.
    """
    fleet.localities[locality]
    used = uses(tenants)
    records = {
        name: record(fleet, cell, used.get(name, Load()) if cell.locality == locality else None)
        for name, cell in sorted(fleet.cells.items())
    }
    sections: Mapping[str, Sequence[str]] = {
        "cells": _cells(records),
        "tenants": ("[]",) * BUCKETS,
        "aliases": ("[]",) * BUCKETS,
        "elsewhere": ("{}",) * BUCKETS,
    }
    if tenants is not None:
        from cellfleet.registry.placements import placements  # and with it pyarrow

        sections = {**sections, **placements(fleet, locality, tenants, key)}
    digest = Digest(locality, key.check)
    for section in SECTIONS:
        digest.add("".join(f"{line}\n" for line in sections[section]).encode())
    return Snapshot(locality, key.check, records, sections, digest.hex)


def _cells(records: Mapping[str, Record]) -> list[str]:
    rows: list[list[str]] = [[] for _ in range(BUCKETS)]
    for name, one in records.items():
        rows[bucket_of(name)].append(canonical(one.as_json()))
    return [f"[{','.join(row)}]" for row in rows]

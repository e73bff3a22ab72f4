"""The next id and the next range that no cell has or had."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from ipaddress import IPv4Address, IPv4Network

from cellfleet.inventory.lifecycle import RESTS, free_from
from cellfleet.inventory.model import Fleet, ManagedCell


def next_id(fleet: Fleet) -> int:
    """One more than any id that a cell has or had."""
    return 1 + max((*(cell.id for cell in fleet.cells.values()), *(stone.id for stone in fleet.tombstones)), default=0)


def next_cidr(fleet: Fleet, prefix: int, as_of: date, rests: float = RESTS) -> IPv4Network | None:
    """The first range of this length in the supernets that no cell has, nor one that still rests; None where they are
    full."""
    taken = _merged(_taken(fleet, as_of, rests))
    size = 1 << (32 - prefix)
    for supernet in fleet.settings.supernets:
        start, end = int(supernet.network_address), int(supernet.broadcast_address) + 1
        for first, last in (*taken, (end, end)):
            if last <= start:
                continue
            aligned = -(-start // size) * size
            if aligned + size <= min(first, end):
                return IPv4Network((IPv4Address(aligned), prefix))
            start = max(start, last)
            if start >= end:
                break
    return None


def _taken(fleet: Fleet, as_of: date, rests: float) -> Iterable[IPv4Network]:
    yield from (cell.cidr for cell in fleet.cells.values() if isinstance(cell, ManagedCell))
    yield from (stone.cidr for stone in fleet.tombstones if stone.cidr and free_from(stone.removed, rests) > as_of)


def _merged(ranges: Iterable[IPv4Network]) -> list[tuple[int, int]]:
    """The ranges as first addresses and those behind the last, in order, those that touch put together."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted((int(one.network_address), int(one.broadcast_address) + 1) for one in ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged

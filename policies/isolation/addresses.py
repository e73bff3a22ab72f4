"""ISO-04 in the inventory: cells' ranges are inside supernets, apart from one another and from pods', with room left.

Ranges are sorted and swept once, so that ten thousand cells take no longer than they are many. Ranges of cells that
are gone are not looked at here: when they may be given again is a rule of lifecycle.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from cellfleet.inventory.model import ManagedCell
from policies.isolation.rules import ADDRESSES
from policies.rule import Facts, Violation


def apart(facts: Facts) -> Iterator[Violation]:
    """Cells whose range overlaps one that was declared before it."""
    order = {cell.name: position for position, cell in enumerate(facts.fleet.managed())}
    widest: ManagedCell | None = None
    for cell in sorted(facts.fleet.managed(), key=lambda cell: (cell.cidr.network_address, cell.cidr.prefixlen)):
        # Of two ranges one holds the other, or they are apart: so whom this one overlaps, the widest so far tells.
        if widest is None or int(cell.cidr.network_address) > int(widest.cidr.broadcast_address):
            widest = cell
            continue
        first, later = sorted((widest, cell), key=lambda one: order[one.name])
        yield Violation(
            ADDRESSES,
            ("cells", later.name, "cidr"),
            f"the range of {later.name} overlaps that of {first.name}",
            measured=f"{later.cidr} and {first.cidr}",
            limit="no address in common",
            concerns=(f"cells.{first.name}",),
        )


def inside(facts: Facts) -> Iterator[Violation]:
    """Cells whose range is not inside one supernet."""
    supernets = Ranges.of(facts.fleet.settings.supernets)
    for cell in facts.fleet.managed():
        around = supernets.overlapped(cell.cidr)
        if around is None or not cell.cidr.subnet_of(around):
            yield Violation(
                ADDRESSES,
                ("cells", cell.name, "cidr"),
                f"the range of {cell.name} is not inside a supernet",
                measured=str(cell.cidr),
                limit=f"inside {_some(facts.fleet.settings.supernets)}",
            )


def pods(facts: Facts) -> Iterator[Violation]:
    """Ranges of pods, which cells may share, that overlap a supernet or a cell's own range.

    A pod would take such an address for another pod's, and never reach who has it.
    """
    supernets = Ranges.of(facts.fleet.settings.supernets)
    cells = Ranges.of(cell.cidr for cell in facts.fleet.managed())
    sharing: dict[IPv4Network, list[ManagedCell]] = {}
    for cell in facts.fleet.managed():
        sharing.setdefault(cell.pod_cidr, []).append(cell)
    for range_, users in sharing.items():
        taken = supernets.overlapped(range_) or cells.overlapped(range_)
        if taken is not None:
            first, *others = users
            also = f" and {len(others)} others" if len(others) > 1 else f" and {others[0].name}" if others else ""
            yield Violation(
                ADDRESSES,
                ("cells", first.name, "pod_cidr"),
                f"the pods of {first.name}{also} have addresses that cells have outside their clusters",
                measured=f"{range_} overlaps {taken}",
                limit="apart from every supernet and every cell's cidr",
                remedy="give pods a range that is routed nowhere, such as 100.64.0.0/14",
                concerns=tuple(f"cells.{cell.name}" for cell in others),
            )


def room(facts: Facts) -> Iterator[Violation]:
    """Supernets of which cells have more than they should, so that the next cells soon have nowhere to be."""
    least = facts.number(ADDRESSES, "unallocated")
    supernets = Ranges.of(facts.fleet.settings.supernets)
    taken = Ranges.of(cell.cidr for cell in facts.fleet.managed())
    allocated = sum(one.num_addresses for one in taken.apart if supernets.overlapped(one) is not None)
    free = 1 - min(1.0, allocated / sum(one.num_addresses for one in supernets.apart))
    if free < least:
        yield Violation(
            ADDRESSES,
            ("fleet", "supernets"),
            "cells have so much of the supernets that there is little room for new ones",
            measured=f"{free:.1%} unallocated",
            limit=f"{least:.0%} or more",
            remedy="add a supernet that nothing else uses",
        )


@dataclass(frozen=True, slots=True)
class Ranges:
    """Ranges that have no address in common, in order."""

    apart: tuple[IPv4Network, ...]
    starts: Sequence[int]

    @classmethod
    def of(cls, ranges: Iterable[IPv4Network]) -> Ranges:
        """The widest of ranges, of which one may hold another; neighbours are not joined."""
        apart: list[IPv4Network] = []
        for one in sorted(ranges, key=lambda one: (one.network_address, one.prefixlen)):
            if not apart or one.network_address > apart[-1].broadcast_address:
                apart.append(one)
        return cls(tuple(apart), [int(one.network_address) for one in apart])

    def overlapped(self, range_: IPv4Network) -> IPv4Network | None:
        """The last of them that a range has an address in common with."""
        position = bisect_right(self.starts, int(range_.broadcast_address)) - 1
        if position < 0 or self.apart[position].broadcast_address < range_.network_address:
            return None
        return self.apart[position]


def _some(ranges: Sequence[IPv4Network]) -> str:
    shown = ", ".join(map(str, ranges[:3]))
    return shown if len(ranges) <= 3 else f"{shown} or {len(ranges) - 3} more"

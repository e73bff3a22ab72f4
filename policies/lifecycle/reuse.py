"""Names, ids and ranges of cells that are no more (LIF-06)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Network

from cellfleet.inventory.lifecycle import free_from
from cellfleet.inventory.model import Cell, ManagedCell
from policies.lifecycle import rules
from policies.rule import Facts, Violation


@dataclass(frozen=True, slots=True)
class _Gone:
    """A cell that is no more."""

    name: str
    id: int
    cidr: IPv4Network | None
    until: date | None
    """The day from which its range may be used again; None where nobody has said when it was removed."""


def reuse(facts: Facts) -> Iterator[Violation]:
    """Yield a violation for each cell that has the name, id or range of one that was removed.

    A cell that restores a lost one has its id, and nothing else; so has one that restores that one in turn.
    """
    gone = _gone(facts)
    holders: dict[int, list[str]] = {}
    for one in gone.values():  # more than one where a cell that restored another is gone too
        holders.setdefault(one.id, []).append(one.name)
    for name, cell in facts.fleet.cells.items():
        if name in gone:
            message = f"a cell called {name} was removed"
            yield Violation(rules.REUSE, ("cells", name), message, name, "a name that no cell has had", at_key=True)
        before = holders.get(cell.id, [])
        if before and not {name, _restores(cell)}.intersection(before):
            message = f"the id of {name} was {before[-1]}'s"
            yield Violation(rules.REUSE, ("cells", name, "id"), message, str(cell.id), "an id that no cell has had")
    yield from _ranges(facts, gone)


def held_until(facts: Facts, removed: date) -> date:
    """The day from which the range of a cell that was removed on one may be used again."""
    return free_from(removed, facts.number(rules.REUSE, "days"))


def _gone(facts: Facts) -> Mapping[str, _Gone]:
    """By name: those with a tombstone, and those that this change removes."""
    was = facts.before.cells if facts.before and not facts.before.deployed else {}
    removed = {
        name: _Gone(name, cell.id, IPv4Network(cell.cidr) if cell.cidr else None, None)
        for name, cell in was.items()
        if name not in facts.fleet.cells
    }
    buried = {
        one.name: _Gone(one.name, one.id, one.cidr, held_until(facts, one.removed)) for one in facts.fleet.tombstones
    }
    return removed | buried


def _restores(cell: Cell) -> str | None:
    return cell.restores if isinstance(cell, ManagedCell) else None


def _ranges(facts: Facts, gone: Mapping[str, _Gone]) -> Iterator[Violation]:
    held = {one.cidr: one for one in gone.values() if one.cidr and (one.until is None or one.until > facts.as_of)}
    if not held:
        return
    lengths = sorted({network.prefixlen for network in held})
    owners = {(int(cell.cidr.network_address), cell.cidr.prefixlen): cell for cell in facts.fleet.managed()}
    for cell in facts.fleet.managed():
        above = (cell.cidr.supernet(new_prefix=length) for length in lengths if length <= cell.cidr.prefixlen)
        for network in above:
            if network in held:
                yield _overlapping(cell, held[network])
    below = sorted({length for _, length in owners})
    for network, one in held.items():
        for length in below:
            if length < network.prefixlen:
                wider = network.supernet(new_prefix=length)
                if (cell_around := owners.get((int(wider.network_address), length))) is not None:
                    yield _overlapping(cell_around, one)


def _overlapping(cell: ManagedCell, one: _Gone) -> Violation:
    until = f"not before {one.until}" if one.until else "a range that no other cell has just left"
    message = f"the range of {cell.name} was {one.name}'s ({one.cidr}), and may still be in firewalls and routes"
    path = ("cells", cell.name, "cidr")
    return Violation(rules.REUSE, path, message, str(cell.cidr), until, dated=one.until is not None)

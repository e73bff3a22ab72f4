"""What makes a cell the one that it is: it never changes in place, and a lost cell's id goes to the cell that restores
it (LIF-02)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cellfleet.inventory.model import Cell, ManagedCell
from policies.lifecycle import rules
from policies.lifecycle.before import Was
from policies.rule import Facts, Violation

_OF_EVERY: Final = ("id", "locality")
_OF_MANAGED: Final = ("id", "provider", "account", "region", "cidr", "locality")


def identity(facts: Facts) -> Iterator[Violation]:
    """Yield a violation for each part of a cell's identity that changed."""
    if facts.before is None:
        return
    for name, cell in facts.fleet.cells.items():
        if (was := facts.before.cells.get(name)) is not None:
            yield from _changed(cell, was)


def restored(facts: Facts) -> Iterator[Violation]:
    """Yield a violation for each cell that restores another and has not its id, or is in another locality.

    What a tombstone's locality was is known only in the change that makes it.
    """
    tombstones = {tombstone.name: tombstone for tombstone in facts.fleet.tombstones}
    for cell in facts.fleet.managed():
        if cell.restores is None:
            continue
        lost = tombstones[cell.restores]
        if cell.id != lost.id:
            message = f"{cell.name} restores {lost.name}, but has another id"
            remedy = f"give {cell.name} the id {lost.id}, or take `restores` out"
            yield Violation(rules.IDENTITY, ("cells", cell.name, "id"), message, str(cell.id), str(lost.id), remedy)
        was = facts.before.cells.get(lost.name) if facts.before else None
        if was is not None and was.locality != cell.locality:
            message = f"{cell.name} restores {lost.name}, which was in another locality"
            path = ("cells", cell.name, "locality")
            yield Violation(rules.IDENTITY, path, message, cell.locality, was.locality)


def _changed(cell: Cell, was: Was) -> Iterator[Violation]:
    managed = isinstance(cell, ManagedCell)
    if managed != bool(was.provider):
        now, then = ("managed", "run by other means") if managed else ("run by other means", "managed")
        message = f"{cell.name} was {then} and is {now}: other infrastructure under the same name"
        yield Violation(rules.IDENTITY, ("cells", cell.name), message, now, then)
    for name in _OF_MANAGED if managed and was.provider else _OF_EVERY:
        now, then = str(getattr(cell, name)), str(getattr(was, name))
        if now != then:
            message = f"the {name} of {cell.name} was {then}"
            yield Violation(rules.IDENTITY, ("cells", cell.name, name), message, now, then)

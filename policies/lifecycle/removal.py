"""Cells that leave the inventory, and the tombstones that stay (LIF-04, LIF-05)."""

from __future__ import annotations

from collections.abc import Iterator

from cellfleet.inventory.fault import listed
from cellfleet.inventory.lifecycle import REMOVABLE
from cellfleet.inventory.model import Tombstone
from policies.lifecycle import rules
from policies.lifecycle.before import Before, Was
from policies.lifecycle.reuse import held_until
from policies.rule import Facts, Violation


def removed(facts: Facts) -> Iterator[Was]:
    """The cells that were and are no more, but for those that another cell restores: they are lost."""
    restored = {cell.restores for cell in facts.fleet.managed() if cell.restores}
    for name, was in facts.before.cells.items() if facts.before else ():
        if name not in facts.fleet.cells and name not in restored:
            yield was


def removal(facts: Facts) -> Iterator[Violation]:
    """Yield a violation for each cell that was removed too early: before it was retired, or while it has stacks."""
    deployed = facts.before is not None and facts.before.deployed
    for was in removed(facts):
        path = ("cells", was.name)
        if deployed:
            message = f"{was.name} is not declared any more, but its stack is still there"
            remedy = f"destroy it with `cellfleet destroy cell-{was.name}`, or put the cell back"
            yield Violation(rules.REMOVAL, path, message, f"cell-{was.name}, {was.state}", "no stack", remedy)
        elif was.state not in REMOVABLE:
            message = f"{was.name} is removed, but was {was.state}"
            yield Violation(rules.REMOVAL, path, message, was.state, " or ".join(REMOVABLE))


def tombstones(facts: Facts) -> Iterator[Violation]:
    """Yield a violation for each removed cell without a tombstone that tells what it was, and for each tombstone that
    was changed or removed.

    In review only, for stacks do not tell what else the inventory said.
    """
    if (before := facts.before) is None or before.deployed:
        return
    now = {tombstone.name: (index, tombstone) for index, tombstone in enumerate(facts.fleet.tombstones)}
    for name, was in before.cells.items():
        if name in now and name not in facts.fleet.cells:
            yield from _differs(was, *now[name])
            yield from _long_ago(facts, before, *now[name])
        elif name not in facts.fleet.cells:
            yield _missing(was)
    yield from _kept(facts, before, now)


def _missing(was: Was) -> Violation:
    wanted = f"name: {was.name}, id: {was.id}" + (f", cidr: {was.cidr}" if was.cidr else "")
    message, remedy = f"{was.name} is removed, and has no tombstone", f"add {{{wanted}, removed: YYYY-MM-DD}}"
    concerns = (f"cells.{was.name}",)
    return Violation(rules.TOMBSTONE, ("tombstones",), message, "none", wanted, remedy, concerns=concerns)


def _differs(was: Was, index: int, tombstone: Tombstone) -> Iterator[Violation]:
    stated = {"id": str(tombstone.id), "cidr": str(tombstone.cidr or "")}
    for name, then in (("id", str(was.id)), ("cidr", was.cidr)):
        if then and stated[name] != then:
            message = f"the tombstone of {was.name} has another {name} than the cell had"
            path = ("tombstones", index, name)
            yield Violation(rules.TOMBSTONE, path, message, stated[name] or "none", then, f"write {name}: {then}")


def _long_ago(facts: Facts, before: Before, index: int, tombstone: Tombstone) -> Iterator[Violation]:
    """A day that is taken over with another's tombstone, say, and by which the range is free at once."""
    name, day = tombstone.name, tombstone.removed
    if tombstone.cidr and held_until(facts, day) <= facts.as_of and (before.day is None or day < before.day):
        message = f"the tombstone of {name} tells a day on which it was still there, and by which its range is free"
        path, limit = ("tombstones", index, "removed"), f"{before.day or facts.as_of} or later"
        yield Violation(rules.TOMBSTONE, path, message, str(day), limit, "write the day on which it is removed")


def _kept(facts: Facts, before: Before, now: dict[str, tuple[int, Tombstone]]) -> Iterator[Violation]:
    for was in before.tombstones:
        if was.name not in now:
            message = f"the tombstone of {was.name} is gone, so its id {was.id} could be used again"
            yield Violation(rules.TOMBSTONE, ("tombstones",), message, "none", _told(was), f"put back {{{_told(was)}}}")
            continue
        index, tombstone = now[was.name]
        for name in ("id", "cidr", "removed"):
            then, value = getattr(was, name), getattr(tombstone, name)
            over = name == "cidr" and value is None and held_until(facts, was.removed) <= facts.as_of
            if then not in (None, value) and not over:
                message = f"the {name} of the tombstone of {was.name} was {then}"
                path = ("tombstones", index, name)
                yield Violation(
                    rules.TOMBSTONE, path, message, str(value or "none"), str(then), f"write {name}: {then}"
                )


def _told(tombstone: Tombstone) -> str:
    return listed(f"{name}: {value}" for name, value in tombstone if value is not None)

"""What is deployed of a fleet, for the commands that measure it beside what its programs make."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.stack import Kind, Stack, stacks_of
from cellfleet.inventory.types import State

if TYPE_CHECKING:
    from policies.resource import Resources

_NAMED: Final = 6
"""Of the stacks that are not deployed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The stacks of a fleet that are deployed, and those that are still to be."""

    stacks: tuple[Resources, ...]
    missing: tuple[str, ...]
    """Names."""

    def as_json(self) -> dict[str, Any]:
        """The figures that `told` tells."""
        return {
            "stacks": len(self.stacks),
            "resources": sum(len(stack.every) for stack in self.stacks),
            "not_deployed": list(self.missing),
        }


def told(figures: Mapping[str, Any]) -> str:
    """What is deployed, and what is not: what is found of the one says nothing of the other."""
    there, missing = figures["stacks"], figures["not_deployed"]
    seen = f"{figures['resources']:,} resources of {there:,} stacks, as they are deployed"
    if not missing:
        return seen
    named = ", ".join(missing[:_NAMED])
    more = f" and {len(missing) - _NAMED:,} more" if len(missing) > _NAMED else ""
    are = "is" if len(missing) == 1 else "are"
    return f"{seen}; {len(missing):,} of {there + len(missing):,} stacks {are} not deployed: {named}{more}"


def standing(fleet: Fleet, inventory: Path, *, sandbox: bool, kinds: Collection[Kind] = frozenset(Kind)) -> Standing:
    """What the state has of the fleet's stacks of some kinds; a retired cell's may be gone already.

    Raises Failure where there is no engine, or the state cannot be read.
    """
    from cellfleet.cli.deploy import place_of
    from cellfleet.engine.deployed import deployed

    place, cli, _ = place_of(fleet, inventory, sandbox=sandbox)
    asked = [stack for stack in stacks_of(fleet) if stack.kind in kinds]
    found: list[Resources] = []
    for resources in deployed(place, cli, asked):
        found.append(resources)
        if sys.stderr.isatty():
            print(f"\r{len(found)} of {len(asked)} stacks", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)
    there = {resources.stack for resources in found}
    missing = (stack.name for stack in asked if stack not in there and not _may_be_gone(fleet, stack))
    return Standing(tuple(found), tuple(missing))


def _may_be_gone(fleet: Fleet, stack: Stack) -> bool:
    cell = fleet.cells.get(stack.subject) if stack.kind in (Kind.CELL, Kind.WORKLOAD) else None
    return isinstance(cell, ManagedCell) and cell.state is State.RETIRED

"""The stacks of a fleet with what each runs and what it waits for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from cellfleet.engine.order import Needs
from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.stack import Kind, Stack, stacks_of
from cellfleet.inventory.types import Provider, State
from stacks import program_of
from stacks.guard import guarded


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a stack's change that has to be made before another stack's turn; the rest is made after it."""

    program: Callable[[], None]
    before: str


@dataclass(frozen=True, slots=True)
class Task:
    """One stack to run."""

    stack: str
    program: Callable[[], None] | None
    """None for a stack that the inventory does not ask for, which can only be destroyed."""
    needs: Needs = field(default_factory=Needs)
    without: Callable[[frozenset[str]], Callable[[], None]] | None = None
    """The program with some stacks left out that failed before they ever stood; what the inventory declares was judged
    before, and is not what this makes."""
    imports: str = ""
    """Tasks of the same name import the same modules."""
    reads: frozenset[str] = field(default_factory=frozenset)
    """Stacks whose outputs it reads: they have to exist, if only empty."""
    newcomers: frozenset[str] | None = None
    """Stacks of which nobody relies on anything yet: those, and no others, are left out where they fail, whatever of
    them stands. None: those that never stood."""
    first: Step | None = None
    """What of the stack is deployed before the rest."""
    unguarded: Callable[[], None] | None = None
    """The program without what may refuse it; None where nothing does."""


_OF_LOCALITIES: Final = (Kind.REGISTRY, Kind.ROUTING)


def tasks_of(fleet: Fleet, existing: frozenset[str]) -> tuple[Task, ...]:
    """What deploys the fleet, in the order of additions, given the stacks that the backend holds.

    A retired cell's stacks are kept up while they stand, and not made again once they are destroyed.
    """
    cells = {cell.name: cell for cell in fleet.managed()}
    gone = frozenset(
        stack.subject
        for stack in stacks_of(fleet)
        if stack.kind is Kind.CELL and cells[stack.subject].state is State.RETIRED and stack.name not in existing
    )
    standing = without_cells(fleet, gone)
    # a cell has its record for as long as it is declared
    return tuple(_task(fleet if stack.kind in _OF_LOCALITIES else standing, stack) for stack in stacks_of(standing))


def strays(fleet: Fleet, existing: Iterable[str]) -> tuple[str, ...]:
    """The stacks that the backend holds and the inventory does not ask for."""
    return tuple(sorted(set(existing) - {stack.name for stack in stacks_of(fleet)}))


def without_cells(fleet: Fleet, names: frozenset[str]) -> Fleet:
    """The fleet as if some of its cells were not declared."""
    if not names:
        return fleet
    return fleet.model_copy(update={"cells": {name: cell for name, cell in fleet.cells.items() if name not in names}})


def held_back(fleet: Fleet, names: frozenset[str]) -> Fleet:
    """The fleet as if some of its cells were not active yet."""
    cells = {
        name: cell.model_copy(update={"state": State.PROVISIONING}) if name in names else cell
        for name, cell in fleet.cells.items()
    }
    return fleet.model_copy(update={"cells": cells}) if names else fleet


def stacks_of_cells(fleet: Fleet, names: Collection[str]) -> frozenset[str]:
    """The stacks without which some cells do not serve."""
    deployed = [cell.name for cell in fleet.managed() if cell.deployed and cell.name in names]
    return frozenset(Stack(kind, name).name for name in deployed for kind in (Kind.CELL, Kind.WORKLOAD))


def _task(fleet: Fleet, stack: Stack) -> Task:
    cells = frozenset(Stack(Kind.CELL, cell.name).name for cell in fleet.managed() if cell.deployed)
    program, unguarded = guarded(fleet, stack), program_of(fleet, stack)
    match stack.kind:
        case Kind.DNS:
            return Task(
                stack.name,
                program,
                Needs(ended=cells),
                without=lambda failed: program_of(without_cells(fleet, _subjects(failed)), stack),
                imports=f"dns-{fleet.settings.dns.provider}",
                reads=cells,
                unguarded=unguarded,
            )
        case Kind.WORKLOAD:
            own = frozenset({Stack(Kind.CELL, stack.subject).name})
            needs = Needs(done=own | {Stack(Kind.DNS).name})
            imports = f"workload-{_provider(fleet, stack)}"
            return Task(stack.name, program, needs, imports=imports, reads=own, unguarded=unguarded)
        case Kind.REGISTRY | Kind.ROUTING:
            own = stacks_of_cells(fleet, [name for name, cell in fleet.cells.items() if cell.locality == stack.subject])
            registry = frozenset({Stack(Kind.REGISTRY, stack.subject).name} - {stack.name})
            return Task(
                stack.name,
                program,
                Needs(done=registry, ended=own),
                without=lambda failed: program_of(held_back(fleet, _subjects(failed)), stack),
                imports=_imports(fleet, stack),
                reads=registry,
                unguarded=unguarded,
            )
        case Kind.CELL:
            return Task(stack.name, program, imports=f"cell-{_provider(fleet, stack)}", unguarded=unguarded)


def _imports(fleet: Fleet, stack: Stack) -> str:
    """A registry's copies import the SDKs of the clouds that they are in, routers Kubernetes' alone."""
    clouds = sorted({place.provider for place in fleet.routers[stack.subject].places})
    return "-".join([stack.kind, *(clouds if stack.kind is Kind.REGISTRY else ())])


def _provider(fleet: Fleet, stack: Stack) -> Provider:
    cell = fleet.cells[stack.subject]
    assert isinstance(cell, ManagedCell)
    return cell.provider


def _subjects(stacks: frozenset[str]) -> frozenset[str]:
    return frozenset(Stack.parse(name).subject for name in stacks)

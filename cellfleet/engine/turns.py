"""Whose turn comes first where cells join what routers route, or leave it.

Routers send no request to a cell that the registry does not have: a joining cell reaches the registry first, a leaving
one leaves routing first. What routers route today is known from what their stack said when it was last deployed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cellfleet.engine.order import Needs
from cellfleet.engine.plan import Step, Task, held_back, stacks_of_cells
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Kind, Stack
from stacks import program_of


def in_turn(fleet: Fleet, tasks: Sequence[Task], routed: Mapping[str, frozenset[str]]) -> tuple[Task, ...]:
    """The tasks, with those of registries and routers in the order in which no request is lost.

    `routed` are the cells that routers route today, by locality: of those whose routing stack is asked for. Of cells
    that join, those whose stacks fail in this run are neither registered as active nor routed.
    """
    wanted = {name: cell.locality for name, cell in fleet.cells.items() if cell.routed}
    joining = frozenset(
        name for name, locality in wanted.items() if locality in routed and name not in routed[locality]
    )
    newcomers = stacks_of_cells(fleet, joining)
    turned = {task.stack: task for task in tasks}
    for locality, today in routed.items():
        names = Stack(Kind.REGISTRY, locality).name, Stack(Kind.ROUTING, locality).name
        registry, routing = (turned.get(name) for name in names)
        if registry:
            registry = _aware_of(registry, newcomers)
        if routing:
            routing = _aware_of(routing, newcomers)
        if registry and routing and any(wanted.get(name) != locality for name in today):
            if any(wanted[name] == locality for name in joining):
                only_leaving = program_of(held_back(fleet, joining), Stack(Kind.ROUTING, locality))
                routing = replace(routing, first=Step(only_leaving, before=registry.stack))
            else:
                routing = replace(routing, needs=Needs())
                registry = replace(registry, needs=replace(registry.needs, done=frozenset({routing.stack})))
        turned |= {task.stack: task for task in (registry, routing) if task}
    return tuple(turned[task.stack] for task in tasks)


def _aware_of(task: Task, newcomers: frozenset[str]) -> Task:
    """The task, waiting for newcomers of other localities too: their records, and what leads to them, are in every
    registry and every router."""
    return replace(task, needs=replace(task.needs, ended=task.needs.ended | newcomers), newcomers=newcomers)

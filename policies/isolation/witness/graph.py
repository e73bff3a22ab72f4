"""A directed graph, and the shortest ways in it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field

Way = tuple["Edge", ...]
"""Edges one after the other."""


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """A cell, or something that belongs to none: two that have the same id are the same, whatever they are called."""

    name: str
    """The cell's name, or the id."""
    cell: bool = False
    kind: str = field(default="thing", compare=False)
    """`network`, `principal`, `key`, `bucket`, `account`, `range`, `service`, `store`: what to call it."""

    def __str__(self) -> str:
        return self.name if self.cell else f"{self.kind} {self.name}"


def cell_node(name: str) -> Node:
    return Node(name, cell=True, kind="cell")


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """Who has the source may reach, read or become the target."""

    source: Node
    target: Node
    kind: str
    """`peering`, `route`, `firewall`, `trust`, `grant`, `key`, `data`, `dns`, `state`, `account`, `reference`."""
    urn: str
    """Of the resource that makes it; empty where the inventory does."""
    sentence: str
    made_by: str = ""
    """The cell whose stack has that resource; empty for a shared stack's."""


class Graph:
    """Edges by where they start, in an order that does not depend on how they were found."""

    def __init__(self, edges: Iterable[Edge]) -> None:
        self.edges = tuple(sorted({*edges}))
        out: dict[Node, list[Edge]] = {}
        for edge in self.edges:
            out.setdefault(edge.source, []).append(edge)
        self._out: Mapping[Node, list[Edge]] = out

    @property
    def nodes(self) -> Set[Node]:
        return {node for edge in self.edges for node in (edge.source, edge.target)}

    def ways(self, source: Node, targets: Set[Node], *, through_cells: bool = True) -> Iterator[Way]:
        """The shortest way from a node to each of the targets that can be reached, the nearest first.

        With `through_cells` false, a way ends at the first cell that it comes to.
        """
        came_by: dict[Node, Edge | None] = {source: None}
        waiting = deque([source])
        while waiting:
            here = waiting.popleft()
            if here in targets:
                yield _back(came_by, here)
            if here.cell and here != source and not through_cells:
                continue
            for edge in self._out.get(here, ()):
                if edge.target not in came_by:
                    came_by[edge.target] = edge
                    waiting.append(edge.target)


def _back(came_by: Mapping[Node, Edge | None], node: Node) -> Way:
    way: list[Edge] = []
    while (edge := came_by[node]) is not None:
        way.append(edge)
        node = edge.source
    return tuple(reversed(way))

"""The isolation witness: what can reach or read what, over all cells' resources, and the shortest way between two.

Each rule looks at one thing in one stack. The witness puts together what each of them may have found harmless: a
peering with a control network in one cell and another in a second; a bucket of nobody's that one cell writes and a
second one reads.

**What a node is.** A cell with everything in it is one node: whoever has a part of a cell may come to have all of it,
so a cell is reached once any part of it is. What belongs to no cell (a network, a principal, a key, a bucket, a range)
is a node of its own, by its id: two stacks that name the same id meet there.

**What an edge is.** `a → b`: who has a may reach, read, or become b. Direction decides:

- networks that are joined (peering, transit, VPN, shared VPC) lead both ways; whether routes and firewalls let anything
  through today is not asked, for they are changed in a minute;
- a route or an egress rule leads out to its range, a firewall's source in from it;
- a trust, grant or resource policy leads from the principal that it names into the cell, an identity's own policy from
  the cell to the resource that it names, and back if it may write there;
- a key leads both ways: who uses it reads what others encrypted with it;
- DNS leads from the name's cell to where the name points, a reference to another stack to that stack's cell.

So a third principal that two cells trust can read both, and is no way from one to the other unless one of them can
become it. What is meant to be is no edge: listed shared services, routers and the world on a cell's front door, CI's
identity (it deploys all cells, and nobody in a cell becomes it), the control zone's delegations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from policies.isolation import rules
from policies.isolation.witness.edges import edges_of, memberships
from policies.isolation.witness.graph import Edge, Graph, Node, Way, cell_node
from policies.isolation.witness.names import Names
from policies.resource import Resources
from policies.rule import Facts, Violation

MOST: Final = 10
"""Ways of one cell that are told; what follows is counted."""


@dataclass(frozen=True)
class Witness:
    """The graph of a fleet, and what can be asked of it."""

    graph: Graph
    cells: tuple[str, ...]
    """Those whose resources were looked at, in the inventory's order."""
    resources: int

    def path(self, source: str, target: str) -> Way | None:
        """The shortest way from one cell to another, over whatever cells; None where no way leads."""
        return next(self.graph.ways(cell_node(source), {cell_node(target)}), None)

    def paths(self) -> Iterator[tuple[str, str, Way]]:
        """Each cell with each other one that it reaches by no third, and the shortest way; one search a cell."""
        cells = {node for node in self.graph.nodes if node.cell}
        for source in self.cells:
            for way in self.graph.ways(cell_node(source), cells - {cell_node(source)}, through_cells=False):
                yield source, way[-1].target.name, way


def witness(facts: Facts, stacks: Iterable[Resources]) -> Witness:
    """Look at the stacks of a fleet, recorded or deployed; those of all its cells, and of what they share."""
    every = list(stacks)
    names = Names(facts.fleet, every)
    edges = [edge for resources in every for edge in edges_of(names, resources)]
    seen = {names.cell_of(resources.stack) for resources in every}
    cells = tuple(name for name in facts.fleet.cells if name in seen)
    return Witness(
        Graph([*edges, *memberships(edges), *names.shared()]), cells, sum(len(resources.every) for resources in every)
    )


def reaching(facts: Facts, stacks: Iterable[Resources]) -> Iterator[Violation]:
    """ISO-16: each cell that can reach another, with the shortest way."""
    found = witness(facts, stacks)
    by_source: dict[str, list[tuple[str, Way]]] = {}
    for source, target, way in found.paths():
        by_source.setdefault(source, []).append((target, way))
    for source, reached in by_source.items():
        for target, way in islice(reached, MOST):
            yield _violation(found, source, target, way, max(0, len(reached) - MOST))


def _violation(found: Witness, source: str, target: str, way: Way, more: int) -> Violation:
    # Where an edge is cut: in the first cell on the way whose stack makes one.
    cut = next((edge for edge in way if edge.made_by in found.cells), way[0])
    and_more = f" (and {more} more cells)" if more else ""
    return Violation(
        rules.WITNESS,
        ("cells", cut.made_by if cut.made_by in found.cells else source),
        f"{source} can reach {target}{and_more}: {told(way)}",
        f"a way of {len(way)} {'step' if len(way) == 1 else 'steps'}",
        "no way",
        at_key=True,
        resource=cut.urn,
        concerns=(f"cells.{source}", f"cells.{target}"),
    )


def told(way: Sequence[Edge]) -> str:
    """A way in one sentence."""
    return "; then ".join(edge.sentence for edge in way)


__all__ = ["Edge", "Graph", "Node", "Way", "Witness", "reaching", "told", "witness"]

"""`cellfleet cell witness`: whether anything in one cell can reach or read something of another, and by which way; by
what the programs make, or by what is deployed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from cyclopts import Parameter

from cellfleet.cli import BAD_INVOCATION, VIOLATED, InventoryPath
from cellfleet.cli.deployed import Standing, standing, told
from cellfleet.cli.options import Deployed, Sandbox, only_with_deployed
from cellfleet.cli.output.text import escaped
from cellfleet.failure import Failure
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Kind, stacks_of

if TYPE_CHECKING:
    from policies.isolation.witness import Way, Witness
    from policies.resource import Resources

FORMAT_VERSION: Final = 1
_LOOKED_AT: Final = (Kind.CELL, Kind.DNS, Kind.WORKLOAD)
"""Registries and routers serve all cells; what cells are to them, and they to cells, is in the cells' stacks."""

Found = tuple[str, str, "Way"]
"""From which cell, to which, and how."""


def witness(
    source: Annotated[str | None, Parameter(name="FROM")] = None,
    target: Annotated[str | None, Parameter(name="TO")] = None,
    /,
    *,
    inventory: InventoryPath = Path("cells.yaml"),
    deployed: Deployed = False,
    sandbox: Sandbox = False,
    output: Literal["text", "json"] = "text",
) -> int:
    """Print the shortest way from one cell to another, or that there is none; ends with 5 where there is one.

    The programs of all cells are recorded, with no cloud and no engine, and what can reach or read what is put
    together: peering, routes, firewalls, trust, grants, shared keys and buckets, DNS. With --deployed it is what the
    engine's state has of all cells.

    Parameters
    ----------
    source
        The cell that the way begins in. Without it: each cell, and each other one that it reaches.
    target
        The cell that it leads to. Without it: whichever there is.
    inventory
        The fleet's file.
    deployed
        Look at what is deployed, rather than at what the programs make.
    output
        How to say it.
    """
    from policies.isolation.witness import witness as looked_at
    from policies.rule import Facts

    only_with_deployed(sandbox=sandbox, deployed=deployed)
    fleet = load(inventory)
    for name in filter(None, (source, target)):
        if name not in fleet.cells:
            known = ", ".join(fleet.cells)
            raise Failure(f"There is no cell {name!r}.", f"Cells are {known}.", exit_code=BAD_INVOCATION)
    if source and source == target:
        raise Failure(f"Everything in {source} is one.", "Name two cells, or one.", exit_code=BAD_INVOCATION)
    # Nothing that is asked here depends on the day.
    there = standing(fleet, inventory, sandbox=sandbox, kinds=_LOOKED_AT) if deployed else None
    seen = looked_at(Facts(fleet, None, date.min), there.stacks if there else recorded(fleet))
    found = list(_asked_for(seen, source, target))
    if output == "json":
        print(json.dumps(_as_json(seen, found, there), indent=2))
    else:
        print("\n".join(escaped(line) for line in _told(seen, found, source, target)))
        if there:
            print(told(there.as_json()))
    return VIOLATED if found else 0


def recorded(fleet: Fleet) -> Iterator[Resources]:
    """What the programs of the cells, and of the zone that delegates to them, would make."""
    from cellfleet.engine.record import record
    from policies.resource import Resources
    from stacks import program_of

    stacks = [stack for stack in stacks_of(fleet) if stack.kind in _LOOKED_AT]
    for number, stack in enumerate(stacks, start=1):
        if sys.stderr.isatty():
            print(f"\r{number} of {len(stacks)} stacks", end="", file=sys.stderr)
        yield Resources(stack, record(program_of(fleet, stack), stack=stack.name, project=fleet.project).resources)
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)


def _asked_for(seen: Witness, source: str | None, target: str | None) -> Iterator[Found]:
    if source and target:
        if way := seen.path(source, target):
            yield source, target, way
        return
    for one, other, way in seen.paths():
        if source in (None, one):
            yield one, other, way


def _told(seen: Witness, found: Sequence[Found], source: str | None, target: str | None) -> Iterator[str]:
    for one, other, way in found:
        yield f"{one} can reach {other} in {len(way)} {'step' if len(way) == 1 else 'steps'}:"
        for number, edge in enumerate(way, start=1):
            yield f"  {number}. {edge.kind}: {edge.sentence}"
            if edge.urn:
                yield f"     {edge.urn}"
    looked_at = f"{seen.resources:,} resources of {len(seen.cells):,} cells looked at, {len(seen.graph.edges):,} edges"
    if found:
        yield looked_at
    else:
        yield f"no way leads from {source or 'any cell'} to {target or 'another'}: {looked_at}"
    for name in (source, target):
        if name and name not in seen.cells:
            yield f"nothing of {name} itself was looked at, for it has no stack here: only what other cells say of it"


def _as_json(seen: Witness, found: Sequence[Found], there: Standing | None) -> dict[str, Any]:
    figures = {"cells": len(seen.cells), "resources": seen.resources, "edges": len(seen.graph.edges)}
    return {
        "format_version": FORMAT_VERSION,
        "summary": {**figures, "deployed": there.as_json()} if there else figures,
        "ways": [
            {
                "from": source,
                "to": target,
                "edges": [
                    {
                        "from": str(edge.source),
                        "to": str(edge.target),
                        "kind": edge.kind,
                        "resource": edge.urn,
                        "sentence": edge.sentence,
                    }
                    for edge in way
                ],
            }
            for source, target, way in found
        ],
    }

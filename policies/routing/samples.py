"""Names to ask routers about, so that a proof takes as long as there are routes and cells, and not tenants.

All tenants of a cell go the same way but those whose names look like something else, so a few of each are asked about.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pattern import Names
from cellfleet.inventory.tenants.columns import Tenants
from cellfleet.routing.table import RoutingTable, TableRoute

_ALIKE: Final = 3
"""Tenants that are asked about for each part of a route that their names are alike."""
_NOBODY: Final = "nobody-is-called-this"


@dataclass(frozen=True, slots=True)
class Samples:
    """Names of one kind to ask one locality's routers about."""

    here: tuple[tuple[str, str], ...]
    """A name and its cell: one of each routed cell of the locality, and those that look like something else."""
    elsewhere: tuple[tuple[str, str], ...]
    """A name and its locality: one of each other locality."""
    nobody: tuple[str, ...]
    """Names that nobody has."""


def of_cells(fleet: Fleet, table: RoutingTable) -> Samples:
    """Every cell, those that are not routed among the ones that nobody should reach."""
    unrouted = (cell.name for cell in fleet.cells.values() if not cell.routed)
    return Samples(
        tuple((name, name) for name in table.cells), tuple(table.cells_elsewhere.items()), (_NOBODY, *unrouted)
    )


def of_tenants(fleet: Fleet, table: RoutingTable, tenants: Tenants | None, kind: Names) -> Samples:
    """Some tenants by their slugs, or by their ids."""
    here = table.placements.here.get(kind, {})
    one_of_each: dict[str, str] = {}
    for name, cell in here.items():
        if cell not in one_of_each or name < one_of_each[cell]:
            one_of_each[cell] = name
    names = {name: cell for cell, name in one_of_each.items()}
    names |= {name: here[name] for name in _alike(here, table.routes)}
    nobody = _NOBODY
    while nobody in here:
        nobody += "-x"
    return Samples(tuple(names.items()), tuple(_elsewhere(fleet, table, tenants, kind)), (nobody,))


def _elsewhere(fleet: Fleet, table: RoutingTable, tenants: Tenants | None, kind: Names) -> Iterator[tuple[str, str]]:
    if tenants is None:
        return
    column = "id" if kind is Names.TENANT_ID else "slug"
    locality_of = {name: cell.locality for name, cell in fleet.cells.items()}
    wanted = {locality_of[cell] for cell, load in tenants.by_cell.items() if load.tenants} - {table.locality}
    for batch in tenants.rows.select([column, "cell"]).to_batches(max_chunksize=4096):
        if not wanted:
            return
        cells = batch["cell"].cast("string").to_pylist()
        for name, cell in zip(batch[column].to_pylist(), cells, strict=True):
            if (locality := locality_of[cell]) in wanted:
                wanted.remove(locality)
                yield name, locality


def _alike(here: Mapping[str, str], routes: Iterable[TableRoute]) -> Iterator[str]:
    """Tenants whose names look like a fixed part of a host or path, or like one around a name."""
    parts = dict.fromkeys(part for route in routes for part in (route.host.label, *route.path.segments))
    around = [part for part in parts if part.names and (part.before or part.after)]
    yield from (part.before for part in parts if part.names is None and part.before in here)
    # sorted once, so that many routes cost no pass over all tenants each
    by_start = sorted(here) if any(part.before for part in around) else []
    by_end = sorted(name[::-1] for name in here) if any(not part.before for part in around) else []
    for part in around:
        found = _starting(by_start, part.before) if part.before else _starting(by_end, part.after[::-1])
        names = (name if part.before else name[::-1] for name in found)
        least = len(part.before + part.after)
        yield from islice((name for name in names if name.endswith(part.after) and len(name) > least), _ALIKE)


def _starting(ordered: Sequence[str], start: str) -> Iterator[str]:
    for at in range(bisect_left(ordered, start), len(ordered)):
        if not ordered[at].startswith(start):
            return
        yield ordered[at]

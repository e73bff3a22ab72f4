"""Names to ask routers about, so that a proof takes as long as there are routes and cells, and not tenants.

All tenants of a cell go the same way but those whose names look like something else, so a few of each are asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pattern import Names, Part
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
    rows = tenants.rows.select([column, "cell"])
    found: set[str] = set()
    for batch in rows.to_batches(max_chunksize=4096):
        for name, cell in zip(batch[column].to_pylist(), batch["cell"].to_pylist(), strict=True):
            locality = fleet.cells[cell].locality
            if locality != table.locality and locality not in found:
                found.add(locality)
                yield name, locality
        if len(found) == len(table.hosts_elsewhere):
            return


def _alike(here: Mapping[str, str], routes: Iterable[TableRoute]) -> Iterator[str]:
    """Tenants whose names look like a fixed part of a host or path, or like one around a name."""
    fixed = {part for route in routes for part in (route.host.label, *route.path.segments)}
    for part in fixed:
        if part.names is None:
            if part.before in here:
                yield part.before
        elif part.before or part.after:
            yield from _around(here, part)


def _around(here: Mapping[str, str], part: Part) -> Iterator[str]:
    count = 0
    for name in here:
        if name.startswith(part.before) and name.endswith(part.after) and len(name) > len(part.before + part.after):
            yield name
            count += 1
            if count == _ALIKE:
                return

"""The cells of GitLab's Topology Service: the `[[cells]]` of its `config.toml`.

A cell has an id, an address, the prefix of its session cookies, by which GitLab's HTTP router knows a session's cell,
and the ranges of object ids that it hands out (`id_ranges`). The prefix is what GitLab's own development kit gives,
`cell-<id>`; a cell's `session_cookie_token_prefix` has to be the same.

The service knows no localities, so the file lists one locality's cells. It cannot say that a cell is cordoned, draining
or fenced, and a cell without `id_ranges` has none there. Who lives where is not in the file at all: cells claim their
own namespaces at the service.

Form: the development kit's template of config.toml and GitLab's merge request 169787, read 2026-11-24; the older
`sequence_range`, one a cell, is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cellfleet.inventory.model import Cell, Fleet
from cellfleet.registry.formats.running import running
from cellfleet.registry.record import PORT


def emit(fleet: Fleet, locality: str) -> Mapping[str, bytes]:
    """`cells.toml`, by id, to be included in or appended to the service's configuration."""
    cells = sorted(running(fleet, locality), key=lambda cell: cell.id)
    return {"cells.toml": "\n".join(line for cell in cells for line in (*_cell(fleet, cell), "")).encode()}


def _cell(fleet: Fleet, cell: Cell) -> Iterator[str]:
    yield f"# {cell.name}"
    yield "[[cells]]"
    yield f"id = {cell.id}"
    yield f'address = "{fleet.address_of(cell)}:{PORT}"'
    yield f'session_prefix = "cell-{cell.id}"'
    for first, last in cell.id_ranges:
        yield "[[cells.sequence_ranges]]"
        yield f"minval = {first}"
        yield f"maxval = {last}"

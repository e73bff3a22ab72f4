"""Which cells other programs are told of: those that run, whether or not they have tenants yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cellfleet.inventory.model import Cell, Fleet
from cellfleet.inventory.types import State

_NOT_RUNNING: Final = (State.PLANNED, State.RETIRED)


def running(fleet: Fleet, locality: str | None = None) -> Iterator[Cell]:
    """The cells that are neither planned nor retired, of one locality or of all, by name."""
    for _, cell in sorted(fleet.cells.items()):
        if cell.state not in _NOT_RUNNING and locality in (None, cell.locality):
            yield cell

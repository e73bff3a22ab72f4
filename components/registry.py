"""What the copies of a registry have in common on every cloud."""

from __future__ import annotations

from cellfleet.inventory.model import Fleet


def guarded(fleet: Fleet, locality: str) -> bool:
    """Whether a locality's copies are protected from deletion: for as long as one of its cells serves."""
    return any(cell.routed for cell in fleet.cells.values() if cell.locality == locality)

"""The tags and labels that every resource of a cell or a locality carries, by which people, bills and rules know whose
it is."""

from __future__ import annotations

from cellfleet.inventory.model import Fleet, ManagedCell


def tags(fleet: Fleet, cell: ManagedCell) -> dict[str, str]:
    """Tags of one cell's resources, in letters that AWS, Azure, GCP and Kubernetes all allow.

    A cell's own labels cannot replace what cellfleet says.
    """
    return {
        **cell.labels,
        "fleet": fleet.settings.name,
        "environment": fleet.settings.environment,
        "cell": cell.name,
        "locality": cell.locality,
        "ring": cell.ring,
        "managed-by": "cellfleet",
    }


def locality_tags(fleet: Fleet, locality: str) -> dict[str, str]:
    """Tags of what is of a locality and of no cell, such as its routers."""
    return {
        "fleet": fleet.settings.name,
        "environment": fleet.settings.environment,
        "locality": locality,
        "managed-by": "cellfleet",
    }

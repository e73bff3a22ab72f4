"""`cellfleet check`: say everything that is wrong with the inventory, or that nothing is."""

from __future__ import annotations

from pathlib import Path

from cellfleet.cli import InventoryPath
from cellfleet.inventory.load import load


def check(*, inventory: InventoryPath = Path("cells.yaml")) -> int:
    """Say everything that is wrong with the inventory.

    Parameters
    ----------
    inventory
        The fleet's file.
    """
    fleet = load(inventory)
    print(f"{inventory}: {len(fleet.cells)} cells in {len(fleet.localities)} localities")
    return 0

"""`cellfleet check`: everything that is wrong with the inventory, or the figures of one that is well."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cellfleet.cli import BAD_INVOCATION, InventoryPath
from cellfleet.cli.output import Output, write
from cellfleet.inventory.finding import Invalid
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.types import State


def check(*, inventory: InventoryPath = Path("cells.yaml"), output: Output = Output.TEXT) -> int:
    """Say everything that is wrong with the inventory.

    Parameters
    ----------
    inventory
        The fleet's file.
    output
        How to show what was found.
    """
    try:
        fleet = load(inventory)
    except Invalid as invalid:
        write(output, invalid.findings, {"valid": False}, sys.stdout)
        return BAD_INVOCATION
    summary = _summary(fleet)
    if output is Output.TEXT:
        print("\n".join(_sentences(inventory, summary)))
    else:
        write(output, (), summary, sys.stdout)
    return 0


def _summary(fleet: Fleet) -> dict[str, Any]:
    """The fleet's figures, as JSON has them."""
    states = Counter(cell.state for cell in fleet.cells.values())
    cells = Counter(cell.locality for cell in fleet.cells.values())
    return {
        "valid": True,
        "fleet": fleet.settings.name,
        "environment": fleet.settings.environment,
        "localities": {name: cells[name] for name in fleet.localities},
        "cells": {str(state): states[state] for state in State if states[state]},
    }


def _sentences(inventory: Path, summary: Mapping[str, Any]) -> list[str]:
    localities = ", ".join(f"{name} {cells}" for name, cells in summary["localities"].items())
    states = ", ".join(f"{cells} {state}" for state, cells in summary["cells"].items())
    total = sum(summary["cells"].values())
    return [
        f"{inventory}: the inventory of {summary['fleet']}, {summary['environment']}, is valid",
        f"  localities  {len(summary['localities'])}: {localities}",
        f"  cells       {total}: {states}",
    ]

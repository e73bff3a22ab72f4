"""The cell that these tests are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.components import recorded as any_cell
from tests.components.recorded import Resources

SDK = "gcp"
CELL = "us-gcp-1"


def recorded(changes: Mapping[str, Any] | None = None, name: str = CELL) -> Resources:
    """The cell's stack in the test fleet with these changes."""
    return any_cell.recorded(SDK, name, changes)


def as_declared() -> Resources:
    """The cell's stack in the test fleet as it is."""
    return recorded()

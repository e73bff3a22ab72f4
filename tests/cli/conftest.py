"""The example fleet, to change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A copy of the example's cells.yaml, with its tenants beside it."""
    for file in ("cells.yaml", "tenants.csv"):
        shutil.copy(Path(__file__).parents[2] / file, tmp_path)
    return tmp_path / "cells.yaml"

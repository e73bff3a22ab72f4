"""The real engine and a sandbox; nobody's Pulumi login is touched, for the sandbox brings a home of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import process
from tests.engine.tiny import World


@pytest.fixture(scope="package")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a sandbox that runs."""
    folder = tmp_path_factory.mktemp("cellfleet") / "sandbox"
    process.start(folder)
    yield folder
    process.stop(folder)


@pytest.fixture
def world(tmp_path: Path, sandbox: Path) -> Iterator[World]:
    made = World.make(tmp_path, sandbox)
    yield made
    made.books.close()

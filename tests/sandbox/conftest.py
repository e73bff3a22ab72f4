from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import process, types
from tests.sandbox.calls import Api
from tests.sandbox.engine import Engine


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a sandbox that runs."""
    folder = tmp_path_factory.mktemp("cellfleet") / "sandbox"
    process.start(folder)
    yield folder
    process.stop(folder)


@pytest.fixture
def engine(folder: Path) -> Iterator[Engine]:
    process.start(folder)  # a test may have killed it
    for token in ("aws:ec2/vpc:Vpc", "aws:rds/cluster:Cluster"):
        types.arguments(token)  # a program's own first import would warn, in the engine's thread
    yield Engine(folder)
    gc.collect()  # what pulumi left open goes with the test that opened it


@pytest.fixture
def api(folder: Path) -> Iterator[Api]:
    """What the engine says to a provider, said without one."""
    process.start(folder)
    with Api(folder) as api:
        yield api

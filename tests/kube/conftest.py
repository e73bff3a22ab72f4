"""One control plane for all of these tests."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.kube import kinds, server

_BUILD = Path(__file__).parents[2] / "tools" / "kube" / "build"


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Server]:
    """An API server that knows the kinds of a cell's objects; `tools/kube/build` has built it, or does now."""
    binaries = Path(subprocess.run([_BUILD], check=True, stdout=subprocess.PIPE, text=True).stdout.strip())
    with ExitStack() as until:
        running = server.start(binaries, tmp_path_factory.mktemp("kube"), until)
        kinds.install(running)
        yield running


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Leave these tests out unless they are asked for by name: what they need takes minutes to build."""
    return None if any("kube" in Path(asked).parts for asked in config.args) else True

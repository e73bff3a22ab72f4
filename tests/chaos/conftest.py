"""How often a run is killed: `--kills 20`, three times where nothing is said."""

from __future__ import annotations

import pytest

USUAL = 3


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=USUAL, help="how often a deployment is killed at a random moment")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        # the option is unknown where this folder is not named on the command line
        metafunc.parametrize("seed", range(metafunc.config.getoption("--kills", USUAL)))

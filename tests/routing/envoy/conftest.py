"""Cells and certificates that the tests of a real Envoy share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.routing.envoy.cells import Authorities, cells


@pytest.fixture(scope="session")
def authorities() -> Authorities:
    return Authorities.made()


@pytest.fixture(scope="session")
def port(authorities: Authorities) -> Iterator[int]:
    """Where all cells are."""
    with cells(authorities, "de.acme.io", "legacy.us.acme.io") as found:
        yield found

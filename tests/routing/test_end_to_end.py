"""From cells.yaml to cells: what `render` writes is run by the real Envoy, and each cell is reached through it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from cellfleet.cli import main
from cellfleet.inventory.load import load
from cellfleet.inventory.pseudonym import Key, tenant_key
from cellfleet.routing.envoy.match import Envoy
from cellfleet.routing.request import Request
from tests.routing.envoy.cells import Authorities, cells
from tests.routing.envoy.running import Running, as_decided, running

ROOT = Path(__file__).parents[2]
FLEET = load(ROOT / "cells.yaml")
LOCALITIES = sorted(FLEET.routers)


@pytest.fixture(scope="module")
def key() -> Key:
    return tenant_key(FLEET)


@pytest.fixture(scope="module")
def routers(tmp_path_factory: pytest.TempPathFactory, key: Key) -> Iterator[dict[str, tuple[Running, dict[str, str]]]]:
    """A router of each locality, on one set of cells."""
    out = tmp_path_factory.mktemp("rendered")
    assert main(["render", "envoy", "--out", str(out), "--inventory", str(ROOT / "cells.yaml")]) == 0
    authorities = Authorities.made()
    with cells(authorities, "legacy.us.acme.io") as port:
        found: dict[str, tuple[Running, dict[str, str]]] = {}
        started = []
        try:
            for locality in LOCALITIES:
                files = {file.name: file.read_text() for file in (out / locality).iterdir()}
                context = running(tmp_path_factory.mktemp(locality) / "envoy", files, key, authorities, port)
                found[locality] = (context.__enter__(), files)
                started.append(context)
            yield found
        finally:
            for context in started:
                context.__exit__(None, None, None)


def one_tenant_of_each_cell() -> dict[str, tuple[str, str]]:
    """The slug and the id of the first tenant of each cell that has some."""
    with (ROOT / "tenants.csv").open() as file:
        first: dict[str, tuple[str, str]] = {}
        for row in csv.DictReader(file):
            if row["cell"]:
                first.setdefault(row["cell"], (row["slug"], row["id"]))
    return first


@pytest.mark.parametrize("locality", LOCALITIES)
def test_every_cell_is_reached_by_every_route(
    locality: str, routers: dict[str, tuple[Running, dict[str, str]]], key: Key
) -> None:
    router, files = routers[locality]
    said = Envoy(files, key)
    reached = set()
    for cell, (slug, number) in one_tenant_of_each_cell().items():
        home = FLEET.cells[cell].locality
        for request in (
            Request(f"{slug}.{locality}.acme.io", "/a?b"),
            Request(f"{locality}.acme.io", f"/api/0/organizations/{slug}/"),
            Request(f"{locality}.acme.io", f"/api/0/cells/{cell}/health"),
            Request(f"o{number}.ingest.{locality}.acme.io", "/store/"),
            Request(f"{slug}.acme.io", "/x"),
        ):
            answer = router.ask(request)
            assert answer.as_decided() == as_decided(said.decide(request)), request
            if served := answer.served:
                assert home == locality
                assert served["headers"]["x-cellfleet-cell"] == cell
                reached.add(cell)
            elif home != locality:
                assert answer.status in (307, 404)
    assert reached == {name for name, cell in FLEET.cells.items() if cell.routed and cell.locality == locality}

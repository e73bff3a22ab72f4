"""An address that Synapse sends to never comes to stand for another cell."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cellfleet.inventory.pattern import Names, Part, Path
from cellfleet.routing.synapse.exits import MOST_CELL_IDS, Exit, exits
from cellfleet.routing.table import Upstream
from tests.routing.synapse.tables import BY_CELL, de

ONE = de(BY_CELL)
IDS = st.sets(st.integers(1, MOST_CELL_IDS), min_size=1, max_size=20)
SERVICES = st.sets(st.text("abcdefghij-", min_size=1, max_size=8), min_size=1, max_size=6)


def made(ids: Collection[int], services: Collection[str]) -> dict[str, Exit]:
    """The exits of a locality with these cells, and a route to each service."""
    cells = {f"cell-{one}": Upstream(f"cell-{one}", one, f"cell-{one}.cells.acme.io", False, 1.0) for one in ids}
    segment = Part("", Names.CELL)
    routes = tuple(
        replace(ONE.routes[0], position=position, path=Path((Part(service), segment), open=True), service=service)
        for position, service in enumerate(sorted(services))
    )
    table = replace(ONE, routes=routes, cells=cells, services=dict.fromkeys(services, "/healthz"))
    return {one.name: one for one in exits(table, routes)}


@given(IDS, SERVICES)
def test_each_cells_service_and_each_redirect_has_an_address_of_its_own(ids: set[int], services: set[str]) -> None:
    found = made(ids, services)
    assert len({one.authority for one in found.values()}) == len(found)
    assert len(found) == len(ids) * len(services) + 1, "and one to the other locality"
    assert all(one.address.startswith("127.") and 20_000 <= one.port < 32_768 for one in found.values())


@given(IDS, SERVICES, st.integers(1, MOST_CELL_IDS))
def test_a_cell_more_changes_no_other_address(ids: set[int], services: set[str], more: int) -> None:
    before, after = made(ids, services), made({*ids, more}, services)
    assert {name: after[name].authority for name in before} == {name: one.authority for name, one in before.items()}


@given(IDS, SERVICES, st.text("klmnop", min_size=1, max_size=8))
def test_a_service_more_gives_no_address_to_another_cell(ids: set[int], services: set[str], more: str) -> None:
    before, after = made(ids, services), made(ids, {*services, more})
    addresses = {one.address: one.cell for one in before.values() if one.cell}
    assert all(addresses[one.address] == one.cell for one in after.values() if one.cell)


def test_two_services_that_want_one_port_get_two() -> None:
    ports = [made({1}, services)[f"cell-1/{name}"].port for services in ({"aft"}, {"agb"}) for name in services]
    assert ports == [23697, 23697]
    both = made({1}, {"aft", "agb"})
    assert (both["cell-1/aft"].port, both["cell-1/agb"].port) == (23697, 23698)

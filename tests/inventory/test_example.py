"""The example fleet is one that a platform team could run: it is understood, it has room, and nothing overlaps.

The numbers are those that docs and rules speak of, computed here once more from the files alone.
"""

from __future__ import annotations

import math
import ssl
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import cache
from ipaddress import IPv4Address
from itertools import combinations
from pathlib import Path

import pyarrow.compute as pc
import pytest

from cellfleet.inventory import regions
from cellfleet.inventory.accounts import account_problem
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Fleet, ManagedCell, UnmanagedCell
from cellfleet.inventory.tenants.columns import Load, Tenants
from cellfleet.inventory.tenants.read import read
from cellfleet.inventory.types import Provider, State, Tenancy

ROOT = Path(__file__).parents[2]
AS_OF = date(2026, 11, 24)
MEASURES: dict[str, Callable[[Load], float]] = {
    "tenants": lambda load: load.tenants,
    "requests_per_second": lambda load: load.requests_per_second,
    "storage_gib": lambda load: load.storage_gib,
}


@cache
def example() -> Fleet:
    return load(ROOT / "cells.yaml")


@cache
def tenants() -> Tenants:
    source = example().tenants
    assert source is not None
    found, findings = read(ROOT / source.file, list(example().cells), AS_OF)
    assert findings == ()
    return found


def shared(locality: str) -> list[ManagedCell | UnmanagedCell]:
    return [cell for cell in example().cells.values() if cell.locality == locality and cell.tenancy is Tenancy.SHARED]


def accepting(locality: str) -> list[ManagedCell | UnmanagedCell]:
    """The shared cells that take new tenants."""
    return [cell for cell in shared(locality) if cell.state is State.ACTIVE]


def used(cell: ManagedCell | UnmanagedCell, measure: str) -> float:
    return MEASURES[measure](tenants().by_cell[cell.name])


def limit(cell: ManagedCell | UnmanagedCell, measure: str) -> float:
    return float(getattr(example().class_of(cell).capacity, measure))


localities = pytest.mark.parametrize("locality", ["us", "de", "jp"])
measures = pytest.mark.parametrize("measure", list(MEASURES))

# --- what it shows --------------------------------------------------------------------------------------------------


def test_it_has_all_that_a_newcomer_should_see() -> None:
    cells = example().cells.values()
    managed = list(example().managed())
    assert {cell.provider for cell in managed if cell.state is State.ACTIVE} == {*Provider}
    assert {cell.state for cell in cells} == {*State}
    assert [cell.name for cell in cells if isinstance(cell, UnmanagedCell)] == ["us-legacy"]
    assert [cell.name for cell in cells if cell.tenancy is Tenancy.DEDICATED] == ["us-globex-1"]
    assert [cell.name for cell in cells if cell.ring == example().settings.rings[0].name] == ["us-canary-1"]
    assert {cell.provider for cell in managed if cell.replication} == {Provider.AWS, Provider.GCP, Provider.AZURE}
    assert example().waivers == ()
    assert example().policies == {}


def test_the_tenant_file_is_what_its_script_writes() -> None:
    script = [sys.executable, str(ROOT / "tools" / "example_tenants.py")]
    written = subprocess.run(script, check=True, capture_output=True).stdout
    assert (ROOT / "tenants.csv").read_bytes() == written


def test_a_few_thousand_tenants_live_in_cells_that_serve() -> None:
    assert 3000 < len(tenants()) < 5000
    for name, loads in tenants().by_cell.items():
        cell = example().cells[name]
        assert bool(loads.tenants) == cell.routed, name
        assert cell.tenancy is Tenancy.SHARED or loads.tenants == 1


# --- isolation ------------------------------------------------------------------------------------------------------


def test_an_account_holds_one_cell_and_nothing_shared() -> None:
    accounts = Counter(cell.account for cell in example().managed())
    accounts.update(control.account for control in example().settings.control.values())
    accounts.update(
        cell.backup.account
        for cell in example().managed()
        if cell.backup.account and cell.backup.account != cell.account
    )
    assert [account for account, uses in accounts.items() if uses > 1] == []
    for cell in example().managed():
        assert account_problem(cell.provider, cell.account) is None


def test_ranges_lie_apart_inside_the_supernets_and_leave_a_quarter_free() -> None:
    supernets = example().settings.supernets
    ranges = [cell.cidr for cell in example().managed()]
    ranges += [tombstone.cidr for tombstone in example().tombstones if tombstone.cidr]
    assert [pair for pair in combinations(ranges, 2) if pair[0].overlaps(pair[1])] == []
    assert all(any(network.subnet_of(supernet) for supernet in supernets) for network in ranges)
    taken = sum(network.num_addresses for network in ranges)
    assert taken <= 0.75 * sum(supernet.num_addresses for supernet in supernets)


def test_data_and_backups_stay_in_the_residency_and_backups_are_elsewhere() -> None:
    for cell in example().managed():
        residency = example().locality_of(cell).residency
        if cell.provider is Provider.KUBERNETES:
            assert cell.country in residency
            assert cell.backup.region != cell.region
            continue
        home = regions.region(cell.provider, cell.region)
        assert home is not None
        assert home.country in residency, cell.name
        assert set(cell.zones) <= set(home.zones), cell.name
        for place in filter(None, (cell.backup, cell.replication)):
            there = regions.region(cell.provider, place.region)
            assert there is not None
            assert there.country in residency, cell.name
        elsewhere = cell.backup.account not in (None, cell.account)
        only_region = regions.in_country(cell.provider, home.country) == (cell.region,)
        assert cell.backup.region != cell.region or (elsewhere and only_region), cell.name


def test_a_cell_needs_at_most_three_services_to_run() -> None:
    assert sum(service.needed_at_run_time for service in example().settings.shared_services.values()) <= 3


def test_routers_are_reached_where_nothing_else_is_and_no_cell_is_their_cluster() -> None:
    addresses = [address for router in example().routers.values() for address in router.addresses]
    assert len(set(addresses)) == len(addresses)
    deployers = example().settings.deploy_from
    assert not any(IPv4Address(address) in network for address in addresses for network in deployers)
    clusters = {cluster for router in example().routers.values() for cluster in router.clusters}
    assert not clusters & {cell.account for cell in example().managed()}
    assert all(len(router.clusters) >= 2 for router in example().routers.values())


def test_each_locality_has_an_authority_of_its_own() -> None:
    certificates = [router.client_ca for router in example().routers.values()]
    assert len(set(certificates)) == len(example().localities)
    for certificate in certificates:
        assert certificate is not None
        ssl.create_default_context(cadata=certificate)
        assert "PRIVATE KEY" not in certificate


# --- capacity -------------------------------------------------------------------------------------------------------


@measures
def test_cells_are_at_most_four_fifths_full_and_seven_tenths_busy(measure: str) -> None:
    most = 0.7 if measure == "requests_per_second" else 0.8
    for cell in example().cells.values():
        assert used(cell, measure) <= most * limit(cell, measure), cell.name


@localities
@measures
def test_any_shared_cell_can_be_lost(locality: str, measure: str) -> None:
    for lost in shared(locality):
        room = sum(limit(cell, measure) - used(cell, measure) for cell in accepting(locality) if cell != lost)
        assert room >= 1.1 * used(lost, measure), lost.name


def test_a_dedicated_cell_has_a_standby() -> None:
    for cell in example().managed():
        assert cell.tenancy is Tenancy.SHARED or cell.replication


@localities
@measures
def test_no_cell_has_more_than_its_share(locality: str, measure: str) -> None:
    cells = [cell for cell in shared(locality) if used(cell, measure)]
    most = max(0.15, 1.5 / len(cells))
    fullness = {cell.name: used(cell, measure) / limit(cell, measure) for cell in cells}
    for cell in cells:
        assert used(cell, measure) <= most * sum(used(other, measure) for other in cells), cell.name
        assert fullness[cell.name] <= most * sum(fullness.values()), cell.name


@pytest.mark.parametrize("measure", ["requests_per_second", "storage_gib"])
def test_no_tenant_fills_a_fifth_of_a_shared_cell(measure: str) -> None:
    for cell in example().cells.values():
        if cell.tenancy is Tenancy.SHARED and used(cell, measure):
            rows = tenants().rows.filter(pc.equal(tenants().rows["cell"].cast("string"), cell.name))
            assert pc.max(rows[measure]).as_py() <= 0.2 * limit(cell, measure), cell.name


def test_cells_have_two_zones_or_more() -> None:
    assert all(len(cell.zones) >= 2 for cell in example().managed())


@localities
@measures
def test_there_is_time_to_add_a_cell(locality: str, measure: str) -> None:
    declared = example().localities[locality]
    full = 0.8 * sum(limit(cell, measure) for cell in accepting(locality))
    now = sum(used(cell, measure) for cell in accepting(locality))
    days = 30 * math.log(full / now) / math.log(1 + declared.growth_per_month)
    assert days > 2 * declared.lead_time_days


@localities
def test_two_cells_take_tenants_and_new_ones_have_a_place(locality: str) -> None:
    assert len(accepting(locality)) >= 2
    assert example().localities[locality].new_tenants in {cell.name for cell in accepting(locality)}


def test_a_wave_of_a_rollout_touches_a_fifth_of_the_tenants_and_one_serving_cell_of_a_pair() -> None:
    everybody = len(tenants())
    for ring in example().settings.rings:
        here = [cell for cell in example().managed() if cell.ring == ring.name and cell.routed]
        largest = sorted((used(cell, "tenants") for cell in here), reverse=True)
        assert sum(largest[: ring.max_parallel]) <= 0.2 * everybody, ring.name
        for locality in example().localities:
            alike = [cell for cell in accepting(locality) if cell in here]
            assert len(alike) < len(accepting(locality)), (ring.name, locality)

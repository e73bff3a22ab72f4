"""The shipped table of regions, zones and countries."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cellfleet.inventory import regions
from cellfleet.inventory.types import Provider

CLOUDS = (Provider.AWS, Provider.GCP, Provider.AZURE)


@pytest.mark.parametrize(
    ("provider", "name", "country", "zone"),
    [
        (Provider.AWS, "us-west-2", "US", "us-west-2a"),
        (Provider.AWS, "eu-central-1", "DE", "eu-central-1c"),
        (Provider.GCP, "europe-west10", "DE", "europe-west10-a"),
        (Provider.GCP, "us-central1", "US", "us-central1-f"),
        (Provider.AZURE, "germanywestcentral", "DE", "1"),
        (Provider.AZURE, "eastus2", "US", "4"),
    ],
)
def test_a_region_has_its_country_and_its_zones_as_cells_name_them(
    provider: Provider, name: str, country: str, zone: str
) -> None:
    found = regions.region(provider, name)
    assert found is not None
    assert found.country == country
    assert zone in found.zones


def test_what_is_no_region_of_the_provider_is_none() -> None:
    assert regions.region(Provider.AWS, "europe-west3") is None
    assert regions.region(Provider.GCP, "eu-central-1") is None
    assert regions.region(Provider.KUBERNETES, "us-west-2") is None
    assert regions.names(Provider.KUBERNETES) == ()


def test_us_east1_and_europe_west1_of_gcp_have_no_zone_a() -> None:
    # The trap that makes the zones data rather than a pattern.
    for name in ("us-east1", "europe-west1"):
        found = regions.region(Provider.GCP, name)
        assert found is not None
        assert found.zones == (f"{name}-b", f"{name}-c", f"{name}-d")


def test_a_region_of_azure_without_zones_has_none() -> None:
    found = regions.region(Provider.AZURE, "westus")
    assert found is not None
    assert found.zones == ()


@pytest.mark.parametrize("provider", CLOUDS)
def test_every_row_is_well_formed(provider: Provider) -> None:
    names = regions.names(provider)
    assert list(names) == sorted(names, key=_natural)
    assert len(names) > 30
    for name in names:
        found = regions.region(provider, name)
        assert found is not None
        assert re.fullmatch(r"[A-Z]{2}", found.country), name
        assert len(set(found.zones)) == len(found.zones), name
        assert len(found.zones) in ((0, 3, 4) if provider is Provider.AZURE else (3, 4, 6)), name


def test_germany_has_the_regions_that_a_german_cell_can_be_backed_up_to() -> None:
    assert regions.in_country(Provider.AWS, "DE") == ("eu-central-1",)
    assert regions.in_country(Provider.GCP, "DE") == ("europe-west3", "europe-west10")
    assert regions.in_country(Provider.AZURE, "DE") == ("germanynorth", "germanywestcentral")


def test_the_table_says_its_day_and_its_sources() -> None:
    assert re.fullmatch(r"20\d\d-\d\d", regions.as_of())
    document = json.loads((Path(regions.__file__).parent / "data" / "regions.json").read_text())
    for provider in CLOUDS:
        assert all(source.startswith("https://") for source in document["sources"][provider])


def _natural(name: str) -> list[tuple[int, str]]:
    """Digits compare as numbers, so that europe-west10 follows europe-west9."""
    return [(int(part) if part.isdigit() else -1, part) for part in re.split(r"(\d+)", name)]

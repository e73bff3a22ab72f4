"""The public regions of the three clouds: their countries and their zones.

The table is shipped (`data/regions.json`, which says its day, its sources and what it leaves out), so that `check` runs
with no network and no credentials. A region that a cloud has opened since is added there. Kubernetes has none: regions
there may have any name, and a cell says its `country`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cellfleet.inventory.types import Provider


@dataclass(frozen=True, slots=True)
class Region:
    """One region of a cloud."""

    name: str
    country: str
    """ISO 3166-1 alpha-2."""
    zones: tuple[str, ...]
    """As a cell names them: `us-west-2a`, `europe-west3-a`, `1`. None where the region has no zones."""


def region(provider: Provider, name: str) -> Region | None:
    """The region of that name, or None where the provider has none such."""
    return _table(provider).get(name)


def names(provider: Provider) -> tuple[str, ...]:
    """Every region of a provider, for "did you mean"."""
    return tuple(_table(provider))


def in_country(provider: Provider, country: str) -> tuple[str, ...]:
    """The regions of a provider in a country: where its backups may go."""
    return tuple(region.name for region in _table(provider).values() if region.country == country)


def as_of() -> str:
    """The month in which the table was last compared with its sources: `2026-11`."""
    return str(_document()["as_of"])


@cache
def _document() -> dict[str, dict[str, tuple[str, str]]]:
    document: dict[str, dict[str, tuple[str, str]]] = json.loads(
        (Path(__file__).parent / "data" / "regions.json").read_bytes()
    )
    return document


@cache
def _table(provider: Provider) -> dict[str, Region]:
    match provider:
        case Provider.AWS:
            prefix = "{region}"
        case Provider.GCP:
            prefix = "{region}-"
        case Provider.AZURE:
            prefix = ""
        case Provider.KUBERNETES:
            return {}
    return {
        name: Region(name, country, tuple(prefix.format(region=name) + suffix for suffix in suffixes))
        for name, (country, suffixes) in _document()[provider].items()
    }

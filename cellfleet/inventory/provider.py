"""Whether each cell has what its provider needs, in its provider's own terms: accounts, regions, zones, ranges.

Reads the document as it was parsed, like `reference`, and passes over what is of a wrong type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cellfleet.inventory import regions, rules
from cellfleet.inventory.accounts import account_problem
from cellfleet.inventory.fault import Fault, Path, dotted, listed, seen, similar
from cellfleet.inventory.reference import items, section
from cellfleet.inventory.types import Provider

LONGEST_PREFIX: Final = 20
"""A cell on a cloud has at least this many addresses: 2 ** (32 - 20) = 4,096."""
_PREFIX: Final = re.compile(r"/([0-9]{1,2})$")


def provider_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Everything that a provider would not understand."""
    for name, control in section(document, "fleet", "control").items():
        path: Path = ("fleet", "control", name)
        if isinstance(control, Mapping) and name in {*Provider}:
            yield from _account(Provider(name), control, path)
            yield from _region(Provider(name), control, path)
            if name != Provider.GCP and control.get("billing_account") is not None:
                yield _not_here((*path, "billing_account"), "only GCP's budgets are kept in a billing account")
    for name in section(document, "routers"):
        for index, place in enumerate(items(document, "routers", name, "places")):
            if isinstance(place, Mapping) and place.get("provider") in {*Provider}:
                yield from _region(Provider(place["provider"]), place, ("routers", name, "places", index))
    for name, cell in section(document, "cells").items():
        if isinstance(cell, Mapping):
            yield from _ranges_in_order(cell, ("cells", name))
            provider = cell.get("provider")
            if cell.get("managed", True) is not False and isinstance(provider, str) and provider in {*Provider}:
                yield from _cell(Provider(provider), cell, ("cells", name))


def _cell(provider: Provider, cell: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    yield from _account(provider, cell, path)
    yield from _region(provider, cell, path)
    yield from _zones(provider, cell, path)
    for elsewhere in ("backup", "replication"):
        if isinstance(inner := cell.get(elsewhere), Mapping):
            yield from _account(provider, inner, (*path, elsewhere))
            yield from _region(provider, inner, (*path, elsewhere))
    if provider is Provider.KUBERNETES:
        if cell.get("country") is None:
            yield Fault(
                rules.PROVIDER_ONLY,
                (*path, "country"),
                f"{dotted(path)} has no `country`",
                limit="on kubernetes a region may have any name, so the cell says which country it is in",
                remedy="add `country: US`, with the ISO 3166-1 alpha-2 code",
                at_key=True,
            )
        return
    if cell.get("country") is not None:
        yield _not_here((*path, "country"), f"a region of {provider} says its country itself")
    if cell.get("isolation") == "soft":
        remedy = "write `isolation: hard`, or remove it"
        limit = "soft isolation is for provider kubernetes: namespaces on a shared cluster"
        yield Fault(
            rules.PROVIDER_ONLY, (*path, "isolation"), f"a cell on {provider} cannot be soft", '"soft"', limit, remedy
        )
    yield from _cidr(cell, path)


def _not_here(path: Path, reason: str) -> Fault:
    return Fault(rules.PROVIDER_ONLY, path, f"`{path[-1]}` does not belong here", "", reason, "remove it", at_key=True)


def _account(provider: Provider, owner: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    account = owner.get("account")
    if isinstance(account, str) and account and (problem := account_problem(provider, account)):
        yield Fault(rules.ACCOUNT, (*path, "account"), f"`account` is none of {provider}'s", seen(account), problem)


def _region(provider: Provider, owner: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    name = owner.get("region")
    if provider is Provider.KUBERNETES or not isinstance(name, str) or not name:
        return
    if regions.region(provider, name) is None:
        known = regions.names(provider)
        yield Fault(
            rules.REGION,
            (*path, "region"),
            f"{provider} has no region of that name",
            seen(name),
            f"its {len(known)} public regions as of {regions.as_of()}",
            similar(name, known),
        )


def _zones(provider: Provider, cell: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    zones = cell.get("zones")
    if not isinstance(zones, list):
        return
    name = cell.get("region")
    region = regions.region(provider, name) if isinstance(name, str) else None
    for index, zone in enumerate(zones):
        if not isinstance(zone, str):
            continue
        if zone in zones[:index]:
            yield Fault(rules.ZONES, (*path, "zones", index), "the zone stands twice", seen(zone), "each zone once")
        elif region is not None and zone not in region.zones:
            allowed = listed(region.zones) or f"{name} has no zones, and so no cells; it may hold backups"
            message = f"`{zone}` is not a zone of {name}"
            remedy = similar(zone, region.zones)
            yield Fault(rules.ZONES, (*path, "zones", index), message, seen(zone), allowed, remedy)


def _cidr(cell: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    cidr = cell.get("cidr")
    if not isinstance(cidr, str) or not (written := _PREFIX.search(cidr)):
        return
    prefix = int(written[1])
    if LONGEST_PREFIX < prefix <= 32:
        message = "the range is too small for a cell on a cloud"
        measured = f"/{prefix}, {2 ** (32 - prefix):,} addresses"
        yield Fault(rules.CIDR, (*path, "cidr"), message, measured, f"/{LONGEST_PREFIX} or larger: 4,096 addresses")


def _ranges_in_order(cell: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    ranges = cell.get("id_ranges")
    for index, pair in enumerate(ranges if isinstance(ranges, list) else ()):
        match pair:
            case [int(first), int(last)] if first > last:
                where = (*path, "id_ranges", index)
                yield Fault(
                    rules.ORDER, where, "the range ends before it starts", f"from {first} to {last}", "first, last"
                )
            case _:
                pass

"""What every verb that places tenants has to have: the tenants, and how full this fleet lets its cells become."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from cellfleet.cli import BAD_INVOCATION
from cellfleet.cli.tenants import tenants_of
from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet
from cellfleet.placement.limits import DEFAULT, Limits

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants

NUMBERS: Final = {
    "tenants": ("CAP-01", "warn"),
    "requests_per_second": ("CAP-02", "peak"),
    "storage_gib": ("CAP-01", "warn"),
    "one_tenant": ("CAP-05", "share"),
    "when_lost": ("CAP-03", "full"),
}
"""The rule's number that each limit is."""


def limits_of(fleet: Fleet) -> Limits:
    """The limits that the fleet sets by its `policies`; the rules' defaults where it sets none, or no share."""
    found = {}
    for limit, (rule, number) in NUMBERS.items():
        value = fleet.policies.get(rule, {}).get(number)
        share = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
        found[limit] = float(value) if value is not None and share else float(getattr(DEFAULT, limit))
    return Limits(**found)


def tenants_to_place(fleet: Fleet, inventory: Path) -> Tenants:
    """The tenants of a fleet. Raises Failure where it lists none."""
    tenants, _ = tenants_of(fleet, inventory)
    if tenants is None:
        raise Failure(
            f"{inventory} names no tenant file, so nobody knows who lives where.",
            "Name one: tenants: {file: tenants.csv, authority: inventory}.",
            exit_code=BAD_INVOCATION,
        )
    return tenants

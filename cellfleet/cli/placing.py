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
_BELOW: Final = 1 - 1e-9
"""Of the share from which on a cell is to take nobody: it is not reached."""


def limits_of(fleet: Fleet) -> Limits:
    """The limits that the fleet sets by its `policies`; the rules' defaults where it sets none, or no share."""
    found = {}
    for limit, (rule, number) in NUMBERS.items():
        found[limit] = _share(fleet, rule, number) or float(getattr(DEFAULT, limit))
    if cordon := _share(fleet, "CAP-01", "cordon"):
        found |= {limit: min(found[limit], cordon * _BELOW) for limit in ("tenants", "storage_gib")}
    return Limits(**found)


def _share(fleet: Fleet, rule: str, number: str) -> float | None:
    value = fleet.policies.get(rule, {}).get(number)
    is_one = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    return float(value) if value is not None and is_one else None


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

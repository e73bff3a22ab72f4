"""Explicit Azure providers: each pinned to one subscription and one region, since default providers are disabled."""

from __future__ import annotations

import pulumi
import pulumi_azure_native as azure

from cellfleet.failure import Failure
from cellfleet.inventory.model import ControlAccount, Fleet, ManagedCell, RouterPlace
from cellfleet.inventory.types import Provider


def provider(fleet: Fleet, cell: ManagedCell) -> pulumi.ProviderResource:  # noqa: ARG001 (the same on every cloud)
    """The provider of the cell's own subscription and region."""
    return pinned(f"{cell.name}-azure", cell.account, cell.region)


def control_provider(fleet: Fleet) -> pulumi.ProviderResource:
    """The provider of the subscription that holds the fleet's shared stacks.

    Raises Failure where the inventory names none.
    """
    control = _control(fleet, "the fleet's zone is on Azure DNS")
    return pinned("control-azure", control.account, control.region)


def registry_provider(fleet: Fleet, place: RouterPlace, region: pulumi.Input[str]) -> pulumi.ProviderResource:
    """The provider of one region of the shared stacks' subscription; `region` is the place's, known when it may be
    used.

    Raises Failure where the inventory names no such subscription.
    """
    return pinned(f"control-azure-{place.region}", _control(fleet, f"routers are in {place.region}").account, region)


def _control(fleet: Fleet, because: str) -> ControlAccount:
    control = fleet.settings.control.get(Provider.AZURE)
    if control is None:
        raise Failure(
            f"{because}, but the inventory names no Azure subscription for shared stacks",
            "add fleet.control.azure with an account (a subscription id) and a region",
            exit_code=2,
        )
    return control


def pinned(name: str, subscription: str, region: pulumi.Input[str]) -> pulumi.ProviderResource:
    """A provider that reaches one subscription and puts what says no location into one region."""
    return azure.Provider(name, subscription_id=subscription, location=region, disable_pulumi_partner_id=True)

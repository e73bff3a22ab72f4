"""Explicit GCP providers: each pinned to one project and one region, since default providers are disabled."""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from cellfleet.failure import Failure
from cellfleet.inventory.model import ControlAccount, Fleet, ManagedCell, RouterPlace
from cellfleet.inventory.types import Provider


def provider(fleet: Fleet, cell: ManagedCell) -> pulumi.ProviderResource:  # noqa: ARG001 (the same on every cloud)
    """The provider of the cell's own project and region."""
    return pinned(f"{cell.name}-gcp", cell.account, cell.region)


def control_provider(fleet: Fleet) -> pulumi.ProviderResource:
    """The provider of the project that holds the fleet's shared stacks.

    Raises Failure where the inventory names none.
    """
    control = _control(fleet, "the fleet's zone is on Cloud DNS")
    return pinned("control-gcp", control.account, control.region)


def registry_provider(fleet: Fleet, place: RouterPlace, region: pulumi.Input[str]) -> pulumi.ProviderResource:
    """The provider of one region of the shared stacks' project; `region` is the place's, known when it may be used.

    Raises Failure where the inventory names no such project.
    """
    return pinned(f"control-gcp-{place.region}", _control(fleet, f"routers are in {place.region}").account, region)


def _control(fleet: Fleet, because: str) -> ControlAccount:
    control = fleet.settings.control.get(Provider.GCP)
    if control is None:
        raise Failure(
            f"{because}, but the inventory names no GCP project for shared stacks",
            "add fleet.control.gcp with an account (a project id) and a region",
            exit_code=2,
        )
    return control


def pinned(
    name: str,
    project: str,
    region: pulumi.Input[str],
    *,
    quota: bool = False,
    opts: pulumi.ResourceOptions | None = None,
) -> gcp.Provider:
    """A provider that reaches one project and puts what says no location into one region.

    `quota`: its calls count against the project itself, which APIs that belong to no project (budgets) ask for.
    Labels are said by each resource: no default label, nor Pulumi's own, is added.
    """
    return gcp.Provider(
        name,
        project=project,
        region=region,
        add_pulumi_attribution_label=False,
        user_project_override=True if quota else None,
        billing_project=project if quota else None,
        opts=opts,
    )

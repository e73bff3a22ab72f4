"""Explicit Google Cloud providers, each pinned to one project and one region.

Credentials are not in the program: they are the environment's (in CI, those of the stack's own deploy account).
"""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.types import Provider
from components.gcp.place import Place, home


def provider(fleet: Fleet, cell: ManagedCell) -> gcp.Provider:
    """The provider of the cell's own project and region."""
    del fleet
    return _pinned(f"{cell.name}-gcp", home(cell))


def provider_at(place: Place, name: str, opts: pulumi.ResourceOptions) -> gcp.Provider:
    """The provider of another place that holds something of the cell's."""
    return _pinned(name, place, opts)


def control_provider(fleet: Fleet) -> gcp.Provider:
    """The provider of the fleet's own project, where shared stacks live.

    Raises Failure where the fleet declares none.
    """
    control = fleet.settings.control.get(Provider.GCP)
    if control is None:
        raise Failure(
            "the fleet's zone is on Cloud DNS, but fleet.control declares no Google Cloud project",
            "add fleet.control.gcp: {account, region}, the project that holds the zone",
            exit_code=2,
        )
    return _pinned("control-gcp", Place(control.account, control.region))


def _pinned(name: str, place: Place, opts: pulumi.ResourceOptions | None = None) -> gcp.Provider:
    return gcp.Provider(
        name,
        project=place.project,
        region=place.region,
        # APIs that belong to no project, budgets among them, are counted against this one's quota
        user_project_override=True,
        billing_project=place.project,
        # a cell's resources carry the fleet's labels and no others
        add_pulumi_attribution_label=False,
        opts=opts,
    )

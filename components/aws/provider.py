"""Explicit AWS providers, each pinned to one account and one region.

Credentials are not in the program: they are the environment's (in CI, those of the stack's own deploy role), and a
provider refuses to work in any account but the one that it is pinned to.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from cellfleet.failure import Failure
from cellfleet.inventory.model import ControlAccount, Fleet, ManagedCell, RouterPlace
from cellfleet.inventory.types import Provider
from components.aws.place import Place, home

BACKUP_ROLE = "cellfleet-backup"
"""The role that a cell's stack assumes in another account that keeps its backups. It has to be there before, and to
trust the cell's account: a stack cannot let itself in."""


def provider(fleet: Fleet, cell: ManagedCell) -> aws.Provider:
    """The provider of the cell's own account and region."""
    del fleet
    return _pinned(f"{cell.name}-aws", home(cell))


def provider_at(cell: ManagedCell, place: Place, name: str, opts: pulumi.ResourceOptions) -> aws.Provider:
    """The provider of another place that holds something of the cell's."""
    return _pinned(name, place, opts, assume=place.account != cell.account)


def control_provider(fleet: Fleet) -> aws.Provider:
    """The provider of the fleet's own account, where shared stacks live.

    Raises Failure where the fleet declares none.
    """
    control = _control(fleet, "the fleet's zone is on Route 53")
    return _pinned("control-aws", Place(control.account, control.region))


def registry_provider(fleet: Fleet, place: RouterPlace, region: pulumi.Input[str]) -> aws.Provider:
    """The provider of one region of the fleet's own account; `region` is the place's, known when it may be used.

    Raises Failure where the fleet declares no such account.
    """
    account = _control(fleet, f"routers are in {place.region}").account
    return aws.Provider(f"control-aws-{place.region}", region=region, allowed_account_ids=[account])


def _control(fleet: Fleet, because: str) -> ControlAccount:
    control = fleet.settings.control.get(Provider.AWS)
    if control is None:
        raise Failure(
            f"{because}, but fleet.control declares no AWS account",
            "add fleet.control.aws: {account, region}, the account that holds what cells share",
            exit_code=2,
        )
    return control


def _pinned(
    name: str, place: Place, opts: pulumi.ResourceOptions | None = None, *, assume: bool = False
) -> aws.Provider:
    role = aws.ProviderAssumeRoleArgs(role_arn=f"arn:aws:iam::{place.account}:role/{BACKUP_ROLE}")
    return aws.Provider(
        name,
        region=place.region,
        allowed_account_ids=[place.account],
        assume_roles=[role] if assume else None,
        opts=opts,
    )

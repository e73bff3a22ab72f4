"""`cellfleet cell add`: another cell like one that there is, with the next free id and range."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from cellfleet.cli import BAD_INVOCATION, InventoryPath
from cellfleet.cli.cell.asked import declared, read, resting, today
from cellfleet.cli.edited import Diff, Edits, carry_out
from cellfleet.failure import Failure
from cellfleet.inventory.edit.draft import Draft
from cellfleet.inventory.edit.free import next_cidr, next_id
from cellfleet.inventory.edit.like import Wish
from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.types import Isolation, Provider, State

_WHAT = {
    Provider.AWS: "an AWS account",
    Provider.GCP: "a GCP project",
    Provider.AZURE: "an Azure subscription",
    Provider.KUBERNETES: "a cluster (a kubeconfig context)",
}


def add(
    name: str,
    /,
    *,
    like: str,
    account: str | None = None,
    region: str | None = None,
    zone: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    country: str | None = None,
    cidr: str | None = None,
    class_: Annotated[str | None, Parameter(name="--class")] = None,
    ring: str | None = None,
    state: Literal["planned", "provisioning"] = "planned",
    backup_account: str | None = None,
    label: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    inventory: InventoryPath = Path("cells.yaml"),
    as_of: date | None = None,
    diff: Diff = False,
) -> int:
    """Add a cell behind the one that it is like, with the next free id and range.

    It takes over what tells the other's kind, and neither its comments nor what was decided for it alone: the ids that
    it hands out, a pinned release, a freeze or a fence.

    Parameters
    ----------
    name
        The new cell's name.
    like
        The cell that it is like.
    account
        The AWS account, GCP project, Azure subscription or kubeconfig context that is the new cell's own.
    region
        Another region than the other's; where backups or a standby would be in it, they go to the other's region.
    zone
        A zone that the cell is spread over. May be repeated; where none is given, the region's first, as many as the
        other has.
    country
        kubernetes only: the region's country.
    cidr
        Its range; the first free one of the other's size where it is not given.
    class_
        Another class.
    ring
        Another ring.
    state
        planned, or provisioning to deploy it at once.
    backup_account
        The account that its backups go to, where that is not the other's.
    label
        A label that is to be another, `name=value`. May be repeated.
    inventory
        The fleet's file.
    as_of
        The day to judge the change for, such as 2026-12-31; today where it is not given.
    diff
        Show the lines that would change, and change nothing.
    """
    fleet, tenants = read(inventory)
    model = declared(fleet, like)
    if name in fleet.cells:
        raise _refused(f"There is a cell {name} already.", "Give the new one a name of its own.")
    if not isinstance(model, ManagedCell):
        raise _refused(f"{like} is run by other means, so nothing is known of how.", "Name a cell that is managed.")
    if account is None and model.isolation is Isolation.HARD:
        raise _refused(f"A cell needs {_WHAT[model.provider]} of its own.", "Name it: --account")
    day = as_of or today()
    wish = Wish(
        name=name,
        id=next_id(fleet),
        cidr=_range(cidr) if cidr else _free(fleet, model, day),
        account=account or model.account,
        state=State(state),
        region=region,
        zones=zone,
        country=country,
        class_=class_,
        ring=ring,
        backup_account=backup_account,
        labels=_labels(label),
    )
    draft = Draft.of(fleet).add(model, wish)
    outcome = carry_out(Edits(fleet, tenants, draft), inventory, day, dry=diff, show=diff)
    if outcome.exit_code == 0:
        print(f"{name} is like {like}, with the id {wish.id} and the range {wish.cidr}; it is {state}.")
        print(outcome)
    return outcome.exit_code


def _free(fleet: Fleet, like: ManagedCell, day: date) -> IPv4Network:
    prefix = like.cidr.prefixlen
    found = next_cidr(fleet, prefix, day, resting(fleet, day))
    if found is None:
        supernets = ", ".join(map(str, fleet.settings.supernets))
        raise Failure(f"No /{prefix} is free in {supernets}.", "Add a supernet to the fleet, or name a range: --cidr")
    return found


def _range(text: str) -> IPv4Network:
    try:
        return IPv4Network(text)
    except ValueError as error:
        raise _refused(f"--cidr {text} is no range: {error}.", "Write it like 10.0.16.0/20.") from None


def _labels(texts: tuple[str, ...]) -> Mapping[str, str]:
    pairs = [text.partition("=") for text in texts]
    if wrong := [text for text, pair in zip(texts, pairs, strict=True) if not (pair[0] and pair[1])]:
        raise _refused(f"--label {wrong[0]} is not understood.", "Write --label name=value.")
    return {name: value for name, _, value in pairs}


def _refused(message: str, remedy: str) -> Failure:
    return Failure(message, remedy, exit_code=BAD_INVOCATION)

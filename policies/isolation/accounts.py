"""ISO-01 in the inventory: no two cells share an account, and none is in an account that holds what cells share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cellfleet.inventory.finding import Severity
from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.types import Isolation, Provider
from policies.isolation.rules import ACCOUNT
from policies.rule import Facts, Violation

Owners = Mapping[tuple[Provider, str], ManagedCell]
"""The first cell in each account."""


def own_account(facts: Facts) -> Iterator[Violation]:
    """Cells whose account, or the account of whose backups, is another cell's or a control account.

    Soft cells may share a cluster with one another, which is what soft means; none shares one with a hard cell.
    """
    owners = _owners(facts.fleet)
    backups: dict[tuple[Provider, str], ManagedCell] = {}
    for cell in facts.fleet.managed():
        for account in _accounts(cell):
            yield from _shared(cell, account, owners[cell.provider, account])
        yield from _control(facts.fleet, cell)
        yield from _backups(cell, owners, backups)


def _accounts(cell: ManagedCell) -> tuple[str, ...]:
    return cell.contexts or (cell.account,)


def _owners(fleet: Fleet) -> Owners:
    """A hard cell is the owner where there is one, so that it is told of each soft one that came to its cluster."""
    owners: dict[tuple[Provider, str], ManagedCell] = {}
    for cell in fleet.managed():
        for account in _accounts(cell):
            first = owners.setdefault((cell.provider, account), cell)
            if first.isolation is Isolation.SOFT and cell.isolation is Isolation.HARD:
                owners[cell.provider, account] = cell
    return owners


def _shared(cell: ManagedCell, account: str, owner: ManagedCell) -> Iterator[Violation]:
    if owner is cell or (cell.isolation is Isolation.SOFT and owner.isolation is Isolation.SOFT):
        return
    yield Violation(
        ACCOUNT,
        ("cells", cell.name, "account" if account == cell.account else "replication"),
        f"{_noun(cell)} {account} of {cell.name} is {owner.name}'s",
        measured=f"2 cells or more in {account}",
        limit="1, unless all of them are isolated softly" if cell.provider is Provider.KUBERNETES else "1",
        concerns=(f"cells.{owner.name}",),
    )


def _control(fleet: Fleet, cell: ManagedCell) -> Iterator[Violation]:
    control = fleet.settings.control.get(cell.provider)
    for account, path in ((cell.account, ("account",)), (cell.backup.account, ("backup", "account"))):
        if control is not None and account == control.account:
            whose = "has its backups" if path[0] == "backup" else "is"
            yield Violation(
                ACCOUNT,
                ("cells", cell.name, *path),
                f"{cell.name} {whose} in {account}, which holds what cells share",
                measured=account,
                limit=f"any but fleet.control.{cell.provider}.account",
            )


def _backups(
    cell: ManagedCell, owners: Owners, backups: dict[tuple[Provider, str], ManagedCell]
) -> Iterator[Violation]:
    account = cell.backup.account
    if account is None or account == cell.account:
        return
    path = ("cells", cell.name, "backup", "account")
    owner = owners.get((cell.provider, account))
    keeper = backups.setdefault((cell.provider, account), cell)
    if owner is not None:
        yield Violation(
            ACCOUNT,
            path,
            f"the backups of {cell.name} are in the account of {owner.name}, which would lose both",
            measured=account,
            limit="an account that is no cell's",
            remedy="keep the backups in an account that is for them alone",
            concerns=(f"cells.{owner.name}",),
        )
    elif keeper is not cell:
        yield Violation(
            ACCOUNT,
            path,
            f"the backups of {cell.name} and {keeper.name} are in one account, so what deploys one reaches both",
            measured=f"2 cells or more have backups in {account}",
            limit="1",
            remedy="keep each cell's backups in an account of their own",
            severity=Severity.WARNING,
            concerns=(f"cells.{keeper.name}",),
        )


def _noun(cell: ManagedCell) -> str:
    match cell.provider:
        case Provider.AWS:
            return "the account"
        case Provider.GCP:
            return "the project"
        case Provider.AZURE:
            return "the subscription"
        case Provider.KUBERNETES:
            return "the cluster"

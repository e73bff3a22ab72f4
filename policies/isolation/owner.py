"""The accounts that a stack may reach into, by the package that would reach them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Kind, Stack
from cellfleet.inventory.types import Provider
from policies.isolation.places import cell_of

SDK: Final[Mapping[Provider, str]] = {
    Provider.AWS: "aws",
    Provider.GCP: "gcp",
    Provider.AZURE: "azure-native",
    Provider.KUBERNETES: "kubernetes",
}
"""What Pulumi calls the package of each provider's resources."""

CELLS: Final = (Kind.CELL, Kind.WORKLOAD)
"""The kinds of stack that are a cell's own."""


def accounts_of(fleet: Fleet, stack: Stack) -> Mapping[str, frozenset[str]]:
    """The accounts that a stack may have resources in, by package; for Kubernetes the kubeconfig's contexts.

    A cell's own stack is also in the account that keeps its backups. Empty where the inventory lacks the stack.
    """
    if cell := cell_of(fleet, stack):
        others = {cell.backup.account} if stack.kind is Kind.CELL and cell.backup.account else set()
        return {SDK[cell.provider]: frozenset({*cell.contexts} or {cell.account, *others})}
    control = {SDK[provider]: frozenset({each.account}) for provider, each in fleet.settings.control.items()}
    match stack.kind:
        case Kind.DNS:
            dns = SDK[Provider(fleet.settings.dns.provider)]
            return {sdk: accounts for sdk, accounts in control.items() if sdk == dns}
        case Kind.REGISTRY | Kind.ROUTING if router := fleet.routers.get(stack.subject):
            clusters = {"kubernetes": frozenset(router.clusters)}
            return {**control, **clusters} if stack.kind is Kind.REGISTRY else clusters
        case _:
            return {}

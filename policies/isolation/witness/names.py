"""Whose an id is: from accounts, addresses, ranges and namespaces that the inventory declares, and from the ids that
deployed resources have.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network, ip_network
from typing import Any, Final

from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.stack import Kind, Stack
from cellfleet.inventory.types import Isolation, Provider
from policies.isolation.argument import mapping
from policies.isolation.soft import namespaces
from policies.isolation.witness.graph import Edge, Node, cell_node
from policies.resource import Resource, Resources

ANYBODY: Final = Node("anybody", kind="principal")
_ACCOUNTS: Final = re.compile(
    r"(?<![0-9a-zA-Z])(?P<aws>[0-9]{12})(?![0-9a-zA-Z])"
    r"|/subscriptions/(?P<azure>[0-9a-fA-F-]{36})"
    r"|projects/(?P<gcp>[a-z][a-z0-9-]{4,28}[a-z0-9])"
    r"|@(?P<email>[a-z][a-z0-9-]{4,28}[a-z0-9])\.iam\.gserviceaccount\.com"
    r"|(?P<pool>[a-z][a-z0-9-]{4,28}[a-z0-9])\.svc\.id\.goog"
)
_AWS_ACCOUNT: Final = re.compile("[0-9]{12}")
_WORD: Final = re.compile(r"[A-Za-z0-9_.:/@+-]{8,}")
_IDS: Final = ("id", "arn", "selfLink", "principalId", "clientId", "email", "fqdn", "dnsName", "endpoint", "keyUri")
"""Outputs that name a resource to the rest of the world."""


class Names:
    """Whose what is. An id that two cells claim is neither's: they meet in it."""

    def __init__(self, fleet: Fleet, stacks: Sequence[Resources]) -> None:
        self.fleet = fleet
        self._accounts: dict[str, set[str]] = {}
        self._namespaces: dict[tuple[str, str], str] = {}
        self._soft: set[str] = set()
        ranges: list[tuple[int, int, str]] = []
        for cell in fleet.managed():
            for account in filter(None, (*_accounts(cell), cell.backup.account)):
                self._accounts.setdefault(account, set()).add(cell.name)
            for context in cell.contexts:
                for namespace in namespaces(fleet, cell):
                    self._namespaces.setdefault((context, namespace), cell.name)
            if cell.isolation is Isolation.SOFT:
                self._soft.update(cell.contexts)
            ranges.append((int(cell.cidr.broadcast_address), int(cell.cidr.network_address), cell.name))
        self._ranges = sorted(ranges)
        self._widest = max((last - first for last, first, _ in ranges), default=0)
        self._addresses = {fleet.address_of(cell): cell.name for cell in fleet.cells.values()}
        self._host = re.compile(
            rf"(?<![a-z0-9.-])(?:[a-z0-9*_-]+\.)*[a-z0-9-]+\.cells\.{re.escape(fleet.settings.domain)}"
        )
        self._ids: dict[str, Node | None] = {}
        for resources in stacks:
            for resource in resources.every:
                self._learn(resource, self.owner(resources, resource))

    def _learn(self, resource: Resource, owner: Node) -> None:
        if resource.type.startswith(("kubernetes:", "pulumi:", "cellfleet:")):
            return
        for value in (*map(resource.outputs.get, _IDS), *_issuers(resource)):
            if isinstance(value, str) and len(value) >= len("vpc-0000"):
                self._ids[value] = owner if self._ids.get(value, owner) == owner else None

    def cell_of(self, stack: Stack) -> str:
        """The cell that a stack belongs to; empty for one that is shared."""
        return stack.subject if stack.kind in (Kind.CELL, Kind.WORKLOAD) else ""

    def owner(self, resources: Resources, resource: Resource) -> Node:
        """The node that a resource is part of, or is."""
        if name := self.cell_of(resources.stack):
            return cell_node(name)
        known = resource.outputs.get("arn") or resource.outputs.get("id") or resource.urn
        return Node(str(known), kind=kind_of(resource.type))

    def shared(self) -> Iterator[Edge]:
        """The edges that the inventory itself makes: cells in one account, and that everybody is anybody."""
        for account, cells in self._accounts.items():
            if len(cells) > 1 and account not in self._soft:
                for name in cells:
                    node, cell = Node(account, kind="account"), cell_node(name)
                    yield Edge(cell, node, "account", "", f"{name} is in the account {account}", name)
                    yield Edge(node, cell, "account", "", f"{name} is in the account {account}", name)
        for name in self.fleet.cells:
            yield Edge(cell_node(name), ANYBODY, "trust", "", f"{name} is anybody")

    def cells_in(self, text: str) -> Iterator[str]:
        """The cells that a text names by an account, an address or the id of something deployed."""
        for found in _ACCOUNTS.finditer(text):
            if len(cells := self._accounts.get(next(filter(None, found.groups())).lower(), ())) == 1:
                yield from cells
        if ".cells." in text:
            for found in self._host.finditer(text):
                if (name := found[0].split(".cells.")[0].rpartition(".")[2]) in self.fleet.cells:
                    yield name
        if self._ids:
            for word in _WORD.findall(text):
                if (node := self._ids.get(word)) is not None and node.cell:
                    yield node.name

    def node(self, text: str, kind: str) -> Node:
        """What an id names: a cell where it is part of one, else something of a kind that belongs to none."""
        if text == "*" or text in ("allUsers", "allAuthenticatedUsers"):
            return ANYBODY
        if (node := self._ids.get(text)) is not None:
            return node
        address = network_of(text) if text[:1].isdigit() else None
        if name := next(self.in_range(address) if address else self.cells_in(text), ""):
            return cell_node(name)
        shared = (next(filter(None, found.groups())) for found in _ACCOUNTS.finditer(text))
        if account := next((one for one in shared if len(self._accounts.get(one.lower(), ())) > 1), ""):
            return Node(account.lower(), kind="account")
        return Node(f"arn:aws:iam::{text}:root" if _AWS_ACCOUNT.fullmatch(text) else text, kind=kind)

    def in_range(self, network: IPv4Network) -> Iterator[str]:
        """The cells whose addresses a range overlaps."""
        first, last = int(network.network_address), int(network.broadcast_address)
        for position in range(bisect_left(self._ranges, (first, 0, "")), len(self._ranges)):
            end, start, name = self._ranges[position]
            if start <= last:
                yield name
            if end > last + self._widest:
                return

    def in_namespace(self, contexts: Sequence[str], namespace: str) -> Iterator[str]:
        """The cells that have a namespace on one of some clusters."""
        for context in contexts:
            if name := self._namespaces.get((context, namespace)):
                yield name


def _issuers(resource: Resource) -> Iterator[Any]:
    """Who vouches for the pods of a cluster."""
    yield mapping(resource.outputs.get("oidcIssuerProfile")).get("issuerURL")
    for identity in resource.outputs.get("identities") or []:
        for issuer in mapping(identity).get("oidcs") or []:
            yield mapping(issuer).get("issuer")


def _accounts(cell: ManagedCell) -> tuple[str, ...]:
    return cell.contexts if cell.provider is Provider.KUBERNETES else (cell.account.lower(),)


def network_of(text: Any) -> IPv4Network | None:
    """The range that a text is; None where it is none, or all addresses."""
    try:
        network = ip_network(str(text), strict=False)
    except ValueError:
        return None
    return network if isinstance(network, IPv4Network) and network.prefixlen else None


_KINDS: Final[Mapping[str, str]] = {
    "Vpc": "network", "Network": "network", "VirtualNetwork": "network", "TransitGateway": "network",
    "Role": "principal", "User": "principal", "Account": "principal", "UserAssignedIdentity": "principal",
    "Key": "key", "CryptoKey": "key", "Bucket": "bucket", "StorageAccount": "bucket", "Zone": "zone",
    "ManagedZone": "zone", "DatabaseInstance": "database", "Server": "database", "Cluster": "database",
}  # fmt: skip


def kind_of(token: str) -> str:
    """What a shared resource of a type is called."""
    return _KINDS.get(token.rpartition(":")[2], "resource")

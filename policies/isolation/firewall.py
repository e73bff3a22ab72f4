"""ISO-08: no firewall lets in another cell's range, and the world reaches the edge's port 443 only.

Ranges of supernets count as another cell's wherever they are not the cell's own: who is not there yet may come. Those
of `fleet.deploy_from` that no cell has are for who deploys, wherever they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from cellfleet.inventory.model import ManagedCell
from cellfleet.inventory.stack import Kind
from policies.isolation.addresses import Ranges
from policies.isolation.openings import aws, openings
from policies.isolation.openings.opening import Opening
from policies.isolation.places import cell_of, path_of
from policies.isolation.rules import FIREWALL
from policies.resource import Resource, Resources
from policies.rule import Facts, Violation

_WORDS: Final = frozenset({"*", "any", "internet", "appservice", "azurecloud", "azurefrontdoor"})
"""Azure's words for everybody, or for all of Azure's customers, whose apps and front doors have shared addresses."""
_WIDE: Final = 7
"""Bits of a prefix that is taken for the world: two halves of it are no less."""
_EDGE_PORTS: Final = {
    Kind.CELL: frozenset({443, 10443}),
    Kind.WORKLOAD: frozenset({443, 10443}),
    Kind.ROUTING: frozenset({443, 80, 8443, 8080}),
}
"""443, where it is on pods (which may not have it), and on routers HTTP, which is redirected."""


def ways_in(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """Ways in for other cells' ranges, for the world, and for groups and lists that nobody can look into."""
    stack = resources.stack
    cell = cell_of(facts.fleet, stack)
    if cell is None and stack.kind is not Kind.ROUTING:
        return
    others = _Others(facts, cell)
    told: set[tuple[str, str]] = set()
    for opening in openings(resources):
        for peer in opening.peers:
            violation = _world(opening, peer, resources) or (cell and _other(opening, peer, others, resources))
            if violation and (opening.resource.urn, peer) not in told:
                told.add((opening.resource.urn, peer))
                yield violation
    for resource, written in aws.unseen(resources):
        message = f"{resource.name} lets in a group or list that the stack does not make, so nobody sees who is in it"
        yield _violation(resource, resources, message, written, "groups of the cell's own stack")


class _Others:
    """The ranges that are not the cell's."""

    def __init__(self, facts: Facts, cell: ManagedCell | None) -> None:
        self.own = (cell.cidr, cell.pod_cidr) if cell else ()
        self.supernets = Ranges.of(facts.fleet.settings.supernets)
        self._facts, self._cell = facts, cell

    def whose(self, range_: IPv4Network) -> str | None:
        """Whose a range is, in part or in whole; None where it is the cell's own, or no cell's."""
        if any(range_.subnet_of(own) for own in self.own) or self.supernets.overlapped(range_) is None:
            return None
        others = (cell for cell in self._facts.fleet.managed() if cell is not self._cell)
        if other := next((cell for cell in others if cell.cidr.overlaps(range_)), None):
            return f"{other.name}'s"
        deploying = any(range_.subnet_of(one) for one in self._facts.fleet.settings.deploy_from)
        return None if deploying else "for cells that are to come"


def _world(opening: Opening, peer: str, resources: Resources) -> Violation | None:
    if not opening.inward or not _is_world(peer):
        return None
    allowed = _EDGE_PORTS.get(resources.stack.kind, frozenset())
    if opening.edge and opening.ports and all(first == last and first in allowed for first, last in opening.ports):
        return None
    shown = ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in opening.ports or ())
    message = f"{opening.resource.name} lets the world in{'' if opening.edge else ', and is not the edge'}"
    return _violation(
        opening.resource,
        resources,
        message,
        f"{peer} to {f'port {shown}' if shown else 'all ports'}",
        "443 at the edge",
    )


def _other(opening: Opening, peer: str, others: _Others, resources: Resources) -> Violation | None:
    range_ = _network(peer)
    if not isinstance(range_, IPv4Network) or range_.prefixlen <= _WIDE or not (whose := others.whose(range_)):
        return None
    way = "in" if opening.inward else "through"
    message = f"{opening.resource.name} lets addresses {way} that are {whose}"
    limit = "the cell's own ranges, or those of no cell"
    return _violation(opening.resource, resources, message, str(peer), limit)


def _is_world(peer: str) -> bool:
    range_ = _network(peer)
    if range_ is None:
        return str(peer).lower().partition(".")[0] in _WORDS
    return range_.prefixlen <= _WIDE


def _network(peer: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(peer, strict=False)
    except ValueError:
        return None


def _violation(resource: Resource, resources: Resources, message: str, measured: str, limit: str) -> Violation:
    return Violation(FIREWALL, path_of(resources.stack), message, measured, limit, resource=resource.urn)

"""Ranges and namespaces: whose they are, and what policies of pods make of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any, Final

from cellfleet.inventory.model import Cell, ManagedCell
from cellfleet.inventory.types import Provider
from policies.isolation.argument import mapping, values
from policies.isolation.witness.graph import Node, cell_node
from policies.isolation.witness.names import Names, network_of
from policies.resource import Resource

Reached = tuple[Node, str, str, str]
"""A node, `in` or `out`, the kind of the edge and what it says."""
_LINK_LOCAL: Final = IPv4Network("169.254.0.0/16")
_LETS_IN: Final = ("in", "firewall", "lets in")
_LETS_OUT: Final = ("out", "firewall", "lets pods out to")


def nodes(names: Names, cell: Cell | None, value: Any) -> Iterator[Node]:
    """The cells that a range overlaps, or the range itself where it is no cell's; none for all addresses."""
    network = network_of(value)
    if network is None:
        return
    own = (cell.cidr, cell.pod_cidr) if isinstance(cell, ManagedCell) else ()
    if any(network.subnet_of(one) for one in (*own, _LINK_LOCAL)):
        return
    overlapped = [name for name in names.in_range(network) if cell is None or name != cell.name]
    if overlapped:
        yield from map(cell_node, overlapped)
    elif not any(network.subnet_of(one) for one in names.fleet.settings.deploy_from):
        yield Node(str(network), kind="range")


def reached(names: Names, cell: ManagedCell, resource: Resource) -> Iterator[Reached]:
    """What a network policy or a binding of roles lets in or out of a cell."""
    match resource.type:
        case "kubernetes:networking.k8s.io/v1:NetworkPolicy":
            yield from _policy(names, cell, mapping(resource.inputs.get("spec")))
        case kind if kind.startswith("kubernetes:") and kind.endswith("RoleBinding"):
            for subject in values(resource, "subjects[?]"):
                for name in names.in_namespace(cell.contexts, str(mapping(subject).get("namespace"))):
                    yield cell_node(name), "in", "grant", "lets in an account of"


def _policy(names: Names, cell: ManagedCell, spec: Mapping[str, Any]) -> Iterator[Reached]:
    for key, peers, way in (("ingress", "from", _LETS_IN), ("egress", "to", _LETS_OUT)):
        for allowed in spec.get(key) or []:
            given = mapping(allowed).get(peers)
            for peer in given if isinstance(given, list) else []:
                yield from _peer(names, cell, mapping(peer), way)


def _peer(names: Names, cell: ManagedCell, peer: Mapping[str, Any], way: tuple[str, str, str]) -> Iterator[Reached]:
    block = mapping(peer.get("ipBlock"))
    but = [network for network in map(network_of, block.get("except") or []) if network is not None]
    for node in nodes(names, cell, block.get("cidr")):
        other = names.fleet.cells.get(node.name) if node.kind == "cell" else None
        if not (isinstance(other, ManagedCell) and any(other.cidr.subnet_of(one) for one in but)):
            yield node, *way
    labels = mapping(mapping(peer.get("namespaceSelector")).get("matchLabels"))
    if cell.provider is Provider.KUBERNETES:
        for name in names.in_namespace(cell.contexts, str(labels.get("kubernetes.io/metadata.name"))):
            yield cell_node(name), *way
        other_cell = labels.get("cell")
        neighbour = names.fleet.cells.get(str(other_cell))
        if isinstance(neighbour, ManagedCell) and {*neighbour.contexts} & {*cell.contexts}:
            yield cell_node(neighbour.name), *way

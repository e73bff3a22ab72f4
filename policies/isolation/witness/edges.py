"""The edges that the resources of one stack make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from cellfleet.inventory.model import ManagedCell
from cellfleet.inventory.stack import Kind
from policies.isolation.argument import mapping, values
from policies.isolation.openings import openings
from policies.isolation.openings.opening import Opening
from policies.isolation.places import places_of
from policies.isolation.trust.check import principals_of
from policies.isolation.witness import documents, ranges
from policies.isolation.witness.graph import Edge, Node, cell_node
from policies.isolation.witness.names import ANYBODY, Names
from policies.isolation.witness.tables import TABLE, Leads
from policies.resource import UNKNOWN, Resource, Resources

_BY_TYPE: Final[Mapping[str, tuple[Leads, ...]]] = {
    token: tuple(row for row in TABLE if token in row.types.split()) for row in TABLE for token in row.types.split()
}
_IAM: Final = re.compile(r"gcp:.*I(am|AM)(Member|Binding|Policy)$")
_NOT_FIREWALLS: Final = ("kubernetes:", "aws:ec2/networkAcl", "aws:ec2/defaultNetworkAcl")
"""Policies of pods, which `ranges` reads with their exceptions; and lists that answers have to pass, and that open
nothing which a security group does not."""
_CELLS_TOO: Final = ("everybody who has ", "everybody but ")
"""How begins what is said of everybody whom a resource trusts where cells are among them."""
_REFERENCE: Final = "pulumi:pulumi:StackReference::"
_KEY: Final = re.compile(r"arn:aws[a-z-]*:kms:\S+:key/|/cryptoKeys/|\.vault\.azure\.net/keys/")
_VERSION: Final = re.compile(r"(?<=/keys/)([^/]+)/[0-9a-f]+$|/cryptoKeyVersions/[0-9]+$")
"""Of a key, which is the same key in whatever version."""
_PRINCIPAL: Final = re.compile(r"(arn:aws[a-z-]*:iam::[0-9]{12}):(?:role|user)/")
_OF_A_CLOUD: Final = re.compile(
    r"com\.amazonaws\.|arn:aws[a-z-]*:\w*::aws:|gcp-sa-|cloudservices\.gserviceaccount|/providers/Microsoft\.Authorization/"
    r"roleDefinitions/"
)
"""What names a part of the clouds themselves."""


def edges_of(names: Names, resources: Resources) -> Iterator[Edge]:
    """Every edge that leads in or out of a stack; what it says of itself makes none."""
    if resources.stack.kind is Kind.ROUTING:
        return  # routers reach every cell, by its front door
    for resource in resources.every:
        if resource.custom and not resource.type.startswith("pulumi:pulumi:"):
            seen = _Seen(names, resources, resource)
            yield from (edge for edge in seen.edges() if edge.source != edge.target)
    for opening in openings(resources):
        if not opening.resource.type.startswith(_NOT_FIREWALLS):
            yield from _Seen(names, resources, opening.resource).opened(opening)


def memberships(edges: Iterable[Edge]) -> Iterator[Edge]:
    """That a role or user of an account which is no cell's is let in wherever that account as a whole is."""
    for name in {node.name for edge in edges for node in (edge.source, edge.target)}:
        if found := _PRINCIPAL.match(name):
            member, account = Node(name, kind="principal"), Node(f"{found[1]}:root", kind="principal")
            yield Edge(member, account, "trust", "", f"{member} is of {account}")


class _Seen:
    """One resource, looked at."""

    def __init__(self, names: Names, resources: Resources, resource: Resource) -> None:
        self.names, self.resources, self.resource = names, resources, resource
        self.cell = names.cell_of(resources.stack)
        self.owner = names.owner(resources, resource)
        self.own = {place.account for place in places_of(names.fleet, resources.stack)}

    def opened(self, opening: Opening) -> Iterator[Edge]:
        """What a firewall lets in or out."""
        way, says = ("in", "lets in") if opening.inward else ("out", "sends traffic to")
        for peer in opening.peers:
            for node in ranges.nodes(self.names, self.names.fleet.cells.get(self.cell), peer):
                yield self._edge(*self._ends(self.owner, node, way), "firewall", f"{says} {node}")

    def edges(self) -> Iterator[Edge]:
        told = list(self._told())
        yield from told
        spoken_of = {edge.source for edge in told} | {edge.target for edge in told}
        if self.cell:
            for node in self._mentioned():
                if node not in spoken_of:
                    yield self._edge(self.owner, node, "reference", f"names something of {node}")

    def _told(self) -> Iterator[Edge]:
        for row in _BY_TYPE.get(self.resource.type, ()):
            yield from self._leads(row)
        yield from self._other_stacks()
        declared = self.names.fleet.cells.get(self.cell)
        if isinstance(declared, ManagedCell):
            for node, way, kind, says in ranges.reached(self.names, declared, self.resource):
                yield self._edge(*self._ends(self.owner, node, way), kind, f"{says} {node}")
        if _IAM.fullmatch(self.resource.type):
            for member in (*values(self.resource, "member"), *values(self.resource, "members[?]")):
                if isinstance(member, str) and not _OF_A_CLOUD.search(member):
                    node = self.names.node(member.partition(":")[2] or member, "principal")
                    yield self._edge(node, self.owner, "grant", f"lets in {node}")
        for principal in principals_of(self.resource, self.own):
            if principal.everybody == "everybody" or principal.everybody.startswith(_CELLS_TOO):
                yield self._edge(ANYBODY, self.owner, "trust", f"lets in {ANYBODY}")
            elif principal.account and not principal.reached:
                node = self.names.node(principal.account, "account")
                if node.cell:
                    yield self._edge(node, self.owner, "trust", f"lets in {node}")
        for name, value in self.resource.inputs.items():
            for statement in documents.statements(value):
                yield from self._stated(statement)
            if self.cell and name != "policy":
                yield from self._keys(value)

    def _leads(self, row: Leads) -> Iterator[Edge]:
        own = self.owner
        if not self.cell and row.own:
            named = next((value for value in values(self.resource, row.own) if isinstance(value, str)), "")
            sources = self.resources.sources(self.resource, row.own)
            own = self.names.owner(self.resources, sources[0]) if sources else self.names.node(named, row.to)
        for value in values(self.resource, row.path):
            if row.to == "range":
                for node in ranges.nodes(self.names, self.names.fleet.cells.get(self.cell), value):
                    yield self._edge(*self._ends(own, node, row.way), row.kind, f"{row.says} {node}")
            elif isinstance(value, str) and value and " " not in value and not _OF_A_CLOUD.search(value):
                node = self.names.node(value.rstrip("."), row.to)
                for way in ("out", "in") if row.way == "both" else (row.way,):
                    yield self._edge(*self._ends(own, node, way), row.kind, f"{row.says} {node}")

    def _ends(self, own: Node, other: Node, way: str) -> tuple[Node, Node]:
        return (own, other) if way == "out" else (other, own)

    def _other_stacks(self) -> Iterator[Edge]:
        """What was read from another cell's stack; in `dns`, which names lead to it."""
        urns = {urn for some in self.resource.property_dependencies.values() for urn in some}
        for urn in sorted(urns):
            if _REFERENCE in urn:
                read = urn.rpartition("::")[2].rpartition("/")[2]
                other = next((name for kind in ("cell-", "workload-") if (name := read.removeprefix(kind)) != read), "")
                if self.cell and other in self.names.fleet.cells:
                    yield self._edge(self.owner, cell_node(other), "state", f"takes what the stack {read} says")
                elif other and (answers := self._name_of_a_cell()):
                    node = cell_node(answers)
                    yield self._edge(node, cell_node(other), "dns", f"answers for {answers} with {other}'s zone")

    def _name_of_a_cell(self) -> str:
        name = self.resource.inputs.get("name") or self.resource.inputs.get("relativeRecordSetName")
        return next(self.names.cells_in(str(name).rstrip(".")), "")

    def _stated(self, statement: Mapping[str, Any]) -> Iterator[Edge]:
        """What one statement of a policy lets in, or lets its holder use."""
        named = list(documents.principals(statement))
        if named:
            bound = [self.names.node(text, "account") for text in documents.conditions(statement)]
            cells = [node for node in bound if node.cell]
            for text in named:
                node = self.names.node("*" if "::*:" in text else text, "principal")
                # Anybody, of those cells that a condition names.
                for one in cells if node is ANYBODY and cells else [node]:
                    yield self._edge(one, self.owner, "trust", f"lets in {one}")
        elif "Principal" not in statement:
            for text in documents.resources(statement):
                if _OF_A_CLOUD.search(text) or not self.cell:
                    continue
                node = self.names.node(text.removesuffix("/*"), "store")
                if self._is_known_elsewhere(text, node):
                    yield self._edge(self.owner, node, "grant", f"may use {node}")
                    if documents.writes(statement):
                        yield self._edge(node, self.owner, "grant", f"leaves data in {node}")

    def _is_known_elsewhere(self, text: str, node: Node) -> bool:
        """Whether a resource of an identity's policy is another's: its own account's need no name outside it."""
        account = text.split(":")[4] if text.count(":") >= 5 else "?"
        return node.cell or account not in ("", "*", "?") or text.startswith("arn:aws:s3:::")

    def _keys(self, value: Any) -> Iterator[Edge]:
        for text in _texts(value):
            if _KEY.search(text) and not documents.statements(text):
                node = self.names.node(_VERSION.sub(r"\1", text), "key")
                yield self._edge(self.owner, node, "key", f"uses the key of {node}")
                yield self._edge(node, self.owner, "key", f"is encrypted with the key of {node}")

    def _mentioned(self) -> list[Node]:
        """Other cells that the resource names anywhere, in whatever argument."""
        inputs = {name: value for name, value in self.resource.inputs.items() if not documents.statements(value)}
        found = {name for text in _texts(inputs) for name in self.names.cells_in(text)}
        return [cell_node(name) for name in sorted(found - {self.cell})]

    def _edge(self, source: Node, target: Node, kind: str, says: str) -> Edge:
        whose = f"{self.cell}'s " if self.cell else ""
        sentence = f"{whose}{self.resource.type.rpartition(':')[2]} {self.resource.name} {says}"
        return Edge(source, target, kind, self.resource.urn, sentence, self.cell)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in mapping(value).items():
            if name not in ("tags", "labels"):
                yield from _texts(inner)
    elif isinstance(value, list) and value is not UNKNOWN:
        for inner in value:
            yield from _texts(inner)

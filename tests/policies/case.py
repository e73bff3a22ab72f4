"""Cases of rules as data: what is changed in a fleet that violates nothing, and what is found then.

    # Its first comment tells what the case shows.
    change: {cells: {us-aws-1: {cidr: 10.0.16.0/20}}}  # merged into tests/fleets.py; null removes
    before: {}                                         # likewise, of the fleet as it was; no key: that is not known
    tenants: [[1001, acme, us-aws-1, "", 10.0, 1.0]]   # id, slug, cell, group, requests_per_second, storage_gib
    tenants_before: []                                 # likewise; the same as `tenants` if not given
    as_of: 2026-11-24
    stack: cell-us-aws-1                               # recorded, and judged by the resource rules
    set: [{type: "aws:ec2/subnet:Subnet", name: "*-data-*", path: mapPublicIpOnLaunch, value: true}]
    add: [{type: "aws:ec2/vpcPeeringConnection:VpcPeeringConnection", name: peering, inputs: {peerVpcId: vpc-1}}]
    remove: [{type: "kubernetes:networking.k8s.io/v1:NetworkPolicy", name: "*default-deny*"}]
    refer: [{type: "aws:cloudwatch/logGroup:LogGroup", path: kmsKeyId, to: "aws:kms/key:Key", to_name: "*-data"}]
    deployed: false                                    # true: as the state of what is deployed
    also: [{stack: cell-us-gcp-1, add: []}]            # other stacks; the witness looks at all of them
    target: envoy                                      # of routing: what its routers are given, with edits
    locality: us                                       # (tests/policies/artifacts.py)
    edit: [{file: "map-*", find: "sglobex 2", replace: "sglobex 1"}]
    finds: [{subject: cells.us-aws-1.cidr, severity: error, resource: "*peering"}]   # of the rule; not in `passes`;
                                                       # message, measured, limit: how each begins
    besides: [RTE-17]                                  # of routing: the other rules that the same fault breaks

`set` changes an argument of the real program (value null removes it); `add` and `remove` change what it registered, and
`refer` has an argument come from another resource, as far as rules can tell before it has a value. An
added resource takes `refers: {vpcId: "aws:ec2/vpc:Vpc"}` for inputs whose value comes from the resources of a type, and
has the provider of the stack's first resource of its SDK.
"""

from __future__ import annotations

import copy
import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import yaml

from cellfleet.engine.record import record
from cellfleet.inventory.finding import Finding
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Stack
from cellfleet.inventory.tenants.columns import TYPES, Tenants, gather, no_rows
from policies.isolation.witness import reaching
from policies.judge import found, judge
from policies.lifecycle.before import of_fleet
from policies.resource import UNKNOWN, Resource, Resources
from policies.routing.rules import RULES as ROUTING
from policies.rule import Facts
from stacks import program_of
from tests.fleets import DOCUMENT, validated
from tests.policies.artifacts import proved
from tests.policies.seed import Argument, change, seeded

TODAY: Final = date(2026, 11, 24)
KEYS: Final = frozenset(
    "change before tenants tenants_before as_of stack set add remove refer deployed also "  # noqa: SIM905
    "target locality edit finds besides".split()
)


@dataclass(frozen=True)
class Case:
    """One case, as its file has it."""

    content: Mapping[str, Any]

    def findings(self, rule: str) -> list[Finding]:
        """What is found of one rule."""
        return [finding for finding in self.judged(rule) if finding.rule == rule]

    def judged(self, rule: str) -> list[Finding]:
        """What is found of every rule that its case needs to be measured with: of routing only for one of those."""
        assert not {*self.content} - KEYS, f"unknown keys: {sorted({*self.content} - KEYS)}"
        facts = self.facts()
        changed = {key: self.content[key] for key in ("change", "deployed") if key in self.content}
        also = [Case({**changed, **one}).resources(facts.fleet) for one in self.content.get("also", ())]
        stacks = [self.resources(facts.fleet), *also] if "stack" in self.content else []
        together = found(facts.fleet, [*reaching(facts, stacks)]) if also else ()
        routing = proved(facts, self.content) if rule in ROUTING else ()
        return [finding for finding in (*judge(facts, stacks, routing), *together) if not finding.waived]

    def facts(self) -> Facts:
        fleet = patched(self.content.get("change", {}))
        rows = self.content.get("tenants")
        tenants = None if rows is None else tenants_of(rows, fleet)
        before = None
        if "before" in self.content:
            was = patched(self.content["before"])
            rows_before = self.content.get("tenants_before", rows)
            before = of_fleet(was, None if rows_before is None else tenants_of(rows_before, was))
        return Facts(fleet, tenants, date.fromisoformat(str(self.content.get("as_of", TODAY))), before)

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """The arguments of the real program that are changed."""
        return tuple(
            Argument(one["type"], one["path"], ... if one["value"] is None else one["value"], one.get("name", "*"))
            for one in self.content.get("set", ())
        )

    def resources(self, fleet: Fleet) -> Resources:
        stack = Stack.parse(self.content["stack"])
        arguments = self.arguments
        if arguments:
            program = seeded(program_of(fleet, stack), *arguments)
            every = record(program, stack=stack.name, project=fleet.project).resources
            for argument in arguments:
                assert any(_matches(resource, argument.type, argument.name) for resource in every), argument
        else:
            every = _recorded(yaml.safe_dump(self.content.get("change", {})), stack)
        for one in self.content.get("remove", ()):
            kept = [resource for resource in every if not _matches(resource, one["type"], one.get("name", "*"))]
            assert len(kept) < len(every), one
            every = tuple(kept)
        every += tuple(_added(one, every, stack, fleet) for one in self.content.get("add", ()))
        for one in self.content.get("refer", ()):
            assert any(_matches(resource, one["type"], one.get("name", "*")) for resource in every), one
            every = tuple(_referring(resource, one, every) for resource in every)
        deployed = bool(self.content.get("deployed", False))
        if deployed:
            every = tuple(replace(resource, outputs={**resource.inputs}) for resource in every)
        return Resources(stack, every, deployed)


def read(path: Path) -> Case:
    return Case(yaml.safe_load(path.read_text()) or {})


def patched(change: Mapping[str, Any]) -> Fleet:
    """The fleet that violates nothing, with a merge patch (RFC 7386)."""
    return validated(merged(copy.deepcopy(DOCUMENT), change))


def tenants_of(rows: Sequence[Sequence[Any]], fleet: Fleet) -> Tenants:
    """Tenants from rows of the required columns."""
    names = list(TYPES)[:6]
    text = [[*map(str, row[:4]), *map(float, row[4:])] for row in rows]
    columns = {name: pa.array([row[i] for row in text], TYPES[name]) for i, name in enumerate(names)}
    return gather(pa.table(columns), no_rows(TYPES), tuple(fleet.cells))


def merged(document: Any, patch: Any) -> Any:
    """A document with a merge patch."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(document) if isinstance(document, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


@cache
def _recorded(change: str, stack: Stack) -> tuple[Resource, ...]:
    fleet = patched(yaml.safe_load(change))
    return record(program_of(fleet, stack), stack=stack.name, project=fleet.project).resources


def _matches(resource: Resource, kind: str, name: str) -> bool:
    return resource.type == kind and fnmatch.fnmatch(resource.name, name)


def _referring(resource: Resource, one: Mapping[str, Any], every: Sequence[Resource]) -> Resource:
    if not _matches(resource, one["type"], one.get("name", "*")):
        return resource
    inputs = copy.deepcopy({**resource.inputs}, {id(UNKNOWN): UNKNOWN})
    change(inputs, one["path"], UNKNOWN)
    urns = tuple(each.urn for each in every if _matches(each, one["to"], one.get("to_name", "*")))
    assert urns, one
    dependencies = {**resource.property_dependencies, one["path"].partition(".")[0].partition("[")[0]: urns}
    return replace(resource, inputs=inputs, property_dependencies=dependencies)


def _added(one: Mapping[str, Any], every: Sequence[Resource], stack: Stack, fleet: Fleet) -> Resource:
    refers = {name: tuple(_urns(every, kind)) for name, kind in one.get("refers", {}).items()}
    sdk = one["type"].partition(":")[0]
    provider = next((each.provider for each in every if each.provider and each.type.startswith(f"{sdk}:")), "")
    return Resource(
        urn=f"urn:pulumi:{stack.name}::{fleet.project}::{one['type']}::{one['name']}",
        type=one["type"],
        name=one["name"],
        inputs={**one.get("inputs", {}), **dict.fromkeys(refers, UNKNOWN)},
        provider=provider,
        property_dependencies=refers,
        dependencies=tuple(urn for urns in refers.values() for urn in urns),
    )


def _urns(every: Sequence[Resource], kind: str) -> Iterator[str]:
    found = [resource.urn for resource in every if resource.type == kind]
    assert found, f"the stack has no {kind}"
    yield from found

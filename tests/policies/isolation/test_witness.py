"""The isolation witness: no way leads between the cells of a fleet, and any single thing that makes one is found."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellfleet.engine.record import record
from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.stack import Kind, Stack, stacks_of
from policies.isolation.witness import Way, reaching, told, witness
from policies.resource import Resource, Resources
from policies.rule import Facts
from stacks import program_of
from tests.policies.case import patched

FLEET = patched({})
FACTS = Facts(FLEET, None, date(2026, 11, 24))
CELLS = [cell.name for cell in FLEET.managed()]
PAIRS = st.permutations(CELLS).map(lambda names: (names[0], names[1]))


@pytest.fixture(scope="module")
def fleet() -> list[Resources]:
    """Everything that the programs make of cells, and of the zone that delegates to them."""
    stacks = [stack for stack in stacks_of(FLEET) if stack.kind in (Kind.CELL, Kind.DNS, Kind.WORKLOAD)]
    return [
        Resources(stack, record(program_of(FLEET, stack), stack=stack.name, project=FLEET.project).resources)
        for stack in stacks
    ]


def test_no_way_leads_anywhere_in_an_untouched_fleet(fleet: list[Resources]) -> None:
    found = witness(FACTS, fleet)
    assert list(found.paths()) == []
    assert found.path("us-aws-1", "us-gcp-1") is None
    assert set(found.cells) == set(CELLS)
    assert found.resources == sum(len(resources.every) for resources in fleet) > 1000


# --- any single edge ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Added:
    """A resource that somebody adds to one of two cells' stacks."""

    to_source: bool
    """Whether the stack is that of the cell where the way begins."""
    type: str
    inputs: Mapping[str, Any]
    reads: str = ""
    """A stack that it takes a value from."""


def cell(name: str) -> ManagedCell:
    found = FLEET.cells[name]
    assert isinstance(found, ManagedCell)
    return found


def named(name: str) -> str:
    """Something of a cell's, as other stacks would name it."""
    match cell(name).provider:
        case "aws":
            return f"arn:aws:iam::{cell(name).account}:role/services"
        case "gcp":
            return f"services@{cell(name).account}.iam.gserviceaccount.com"
        case "azure":
            return f"/subscriptions/{cell(name).account}/resourceGroups/{name}"
        case _:
            return FLEET.address_of(cell(name))


def statement(**parts: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", **parts}]})


SUPERNET = "10.0.0.0/8"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
NSG = "azure-native:network:NetworkSecurityGroup"
INBOUND = {"access": "Allow", "direction": "Inbound"}
EDGES: Mapping[str, Callable[[str, str], Added]] = {
    "route": lambda _, b: Added(True, "aws:ec2/route:Route", {"destinationCidrBlock": str(cell(b).cidr)}),
    "route on GCP": lambda _, b: Added(True, "gcp:compute/route:Route", {"destRange": str(cell(b).cidr)}),
    "route on Azure": lambda _, b: Added(True, "azure-native:network:Route", {"addressPrefix": str(cell(b).cidr)}),
    "security group": lambda a, _: Added(
        False, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", {"cidrIpv4": str(cell(a).cidr)}
    ),
    "security group for all cells": lambda *_: Added(
        False, "aws:ec2/securityGroup:SecurityGroup", {"ingress": [{"cidrBlocks": [SUPERNET]}]}
    ),
    "firewall": lambda a, _: Added(
        False, "gcp:compute/firewall:Firewall", {"allows": [{}], "sourceRanges": [str(cell(a).cidr)]}
    ),
    "network security group": lambda a, _: Added(
        False, NSG, {"securityRules": [{**INBOUND, "sourceAddressPrefixes": [str(cell(a).cidr)]}]}
    ),
    "network policy in": lambda a, _: Added(
        False, POLICY, {"spec": {"ingress": [{"from": [{"ipBlock": {"cidr": str(cell(a).cidr)}}]}]}}
    ),
    "network policy out": lambda _, b: Added(
        True, POLICY, {"spec": {"egress": [{"to": [{"ipBlock": {"cidr": str(cell(b).cidr)}}]}]}}
    ),
    "trust": lambda a, _: Added(
        False, "aws:iam/role:Role", {"assumeRolePolicy": statement(Principal={"AWS": named(a)})}
    ),
    "bucket policy for everybody": lambda *_: Added(
        False, "aws:s3/bucketPolicy:BucketPolicy", {"policy": statement(Principal="*")}
    ),
    "identity policy": lambda _, b: Added(
        True, "aws:iam/rolePolicy:RolePolicy", {"policy": statement(Resource=[named(b)])}
    ),
    "grant": lambda a, _: Added(False, "gcp:storage/bucketIAMMember:BucketIAMMember", {"member": f"x:{named(a)}"}),
    "grant to all": lambda *_: Added(
        False, "gcp:storage/bucketIAMBinding:BucketIAMBinding", {"members": ["allAuthenticatedUsers"]}
    ),
    "peering by what it names": lambda _, b: Added(
        True, "gcp:compute/networkPeering:NetworkPeering", {"peerNetwork": named(b)}
    ),
    "record": lambda _, b: Added(
        True, "aws:route53/record:Record", {"type": "CNAME", "records": [f"{FLEET.address_of(cell(b))}."]}
    ),
    "stack reference": lambda _, b: Added(True, "kubernetes:core/v1:ConfigMap", {"data": {}}, reads=f"cell-{b}"),
    "any argument of any resource": lambda _, b: Added(True, "acme:some/thing:Thing", {"deep": [{"er": named(b)}]}),
    "provider": lambda _, b: Added(True, "pulumi:providers:aws", {"assumeRoles": json.dumps([{"roleArn": named(b)}])}),
}


@pytest.mark.parametrize("kind", EDGES)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pair=PAIRS)
def test_any_single_edge_between_two_cells_is_found(fleet: list[Resources], kind: str, pair: tuple[str, str]) -> None:
    source, target = pair
    added = EDGES[kind](source, target)
    stack = f"cell-{source if added.to_source else target}"
    changed = [plus(resources, added) if resources.stack.name == stack else resources for resources in fleet]
    way = witness(FACTS, changed).path(source, target)
    assert way is not None
    assert any(edge.urn.endswith("::added") for edge in way)
    violations = list(reaching(FACTS, changed))
    assert any({f"cells.{source}", f"cells.{target}"} <= {*one.concerns} for one in violations)


def plus(resources: Resources, added: Added) -> Resources:
    urn = f"urn:pulumi:{resources.stack.name}::{FLEET.project}::{added.type}::added"
    reads = f"urn:pulumi:{resources.stack.name}::{FLEET.project}::pulumi:pulumi:StackReference::{added.reads}"
    more = Resource(
        urn, added.type, "added", added.inputs, property_dependencies={"data": (reads,)} if added.reads else {}
    )
    return replace(resources, every=(*resources.every, more))


# --- what adds up, and what does not -----------------------------------------------------------------------------

A, B, C = "us-aws-1", "us-gcp-1", "us-azure-1"


def stack_of(name: str, *some: tuple[str, str, Mapping[str, Any]], deployed: bool = False) -> Resources:
    """A stack of a few resources: type, name, and inputs, or outputs where it is deployed."""
    stack = Stack.parse(name)
    every = tuple(
        Resource(
            f"urn:pulumi:{name}::{FLEET.project}::{token}::{resource}",
            token,
            resource,
            inputs,
            outputs=inputs if deployed else {},
        )
        for token, resource, inputs in some
    )
    return Resources(stack, every, deployed)


def way(stacks: Sequence[Resources], source: str = A, target: str = B) -> Way | None:
    return witness(FACTS, stacks).path(source, target)


PEERING = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"


def test_two_peerings_with_a_control_network_are_a_way_though_neither_joins_two_cells() -> None:
    one = stack_of(f"cell-{A}", (PEERING, "to-control", {"peerVpcId": "vpc-0control"}))
    other = stack_of(f"cell-{B}", ("gcp:compute/networkPeering:NetworkPeering", "up", {"peerNetwork": "vpc-0control"}))
    assert way([one]) is None
    found = way([one, other])
    assert found is not None
    assert told(found) == (
        "us-aws-1's VpcPeeringConnection to-control joins its network with network vpc-0control; then "
        "us-gcp-1's NetworkPeering up joins its network with network vpc-0control"
    )


def test_a_route_and_an_open_firewall_add_up_over_a_range_of_nobody_s() -> None:
    there = stack_of(f"cell-{A}", ("aws:ec2/route:Route", "out", {"destinationCidrBlock": "192.168.0.0/16"}))
    here = stack_of(
        f"cell-{B}", ("gcp:compute/firewall:Firewall", "in", {"allows": [{}], "sourceRanges": ["192.168.0.0/16"]})
    )
    assert [edge.kind for edge in way([there, here]) or ()] == ["route", "firewall"]
    assert way([there, here], B, A) is None


def test_a_shared_key_leads_both_ways() -> None:
    key = "arn:aws:kms:us-east-1:999999999999:key/0"
    stacks = [
        stack_of(f"cell-{A}", ("aws:rds/cluster:Cluster", "database", {"kmsKeyId": key})),
        stack_of(f"cell-{C}", ("acme:any/thing:Thing", "thing", {"encryption": {"key": key}})),
    ]
    assert way(stacks, A, C)
    assert way(stacks, C, A)


def test_a_bucket_that_one_cell_writes_and_another_reads_leads_to_the_writer() -> None:
    def may(action: str) -> Mapping[str, Any]:
        return {"policy": statement(Action=action, Resource="arn:aws:s3:::exchange/*")}

    stacks = [
        stack_of(f"cell-{A}", ("aws:iam/rolePolicy:RolePolicy", "reads", may("s3:GetObject"))),
        stack_of(f"cell-{C}", ("aws:iam/rolePolicy:RolePolicy", "writes", may("s3:PutObject"))),
    ]
    assert way(stacks, A, C) is not None
    assert way(stacks, C, A) is None


OPERATOR = "arn:aws:iam::555555555555:role/operator"


def test_a_principal_that_two_cells_trust_is_no_way_unless_one_of_them_can_become_it() -> None:
    def trusting(name: str) -> Resources:
        return stack_of(
            f"cell-{name}", ("aws:iam/role:Role", "r", {"assumeRolePolicy": statement(Principal={"AWS": OPERATOR})})
        )

    both = [trusting(A), trusting(C)]
    assert way(both, A, C) is None
    assert way(both, C, A) is None
    becomes = stack_of(
        f"workload-{A}", ("aws:iam/rolePolicy:RolePolicy", "p", {"policy": statement(Resource=OPERATOR)})
    )
    assert [edge.kind for edge in way([*both, becomes], A, C) or ()] == ["grant", "trust"]
    assert way([*both, becomes], C, A) is None


def test_a_shared_stack_s_role_that_trusts_one_cell_and_is_trusted_by_another_is_a_way() -> None:
    role = {"arn": "arn:aws:iam::999999999999:role/reader", "assumeRolePolicy": statement(Principal={"AWS": named(A)})}
    shared = stack_of("registry-us", ("aws:iam/role:Role", "reader", role), deployed=True)
    trusts = stack_of(
        f"cell-{C}",
        ("aws:s3/bucketPolicy:BucketPolicy", "data", {"policy": statement(Principal={"AWS": role["arn"]})}),
    )
    assert way([shared], A, C) is None
    assert [edge.made_by for edge in way([shared, trusts], A, C) or ()] == ["", C]


def test_what_is_deployed_is_known_by_its_ids() -> None:
    there = stack_of(f"cell-{B}", ("gcp:compute/network:Network", "network", {"id": "vpc-0b0b0b0b"}), deployed=True)
    peering = stack_of(f"cell-{A}", (PEERING, "direct", {"peerVpcId": "vpc-0b0b0b0b"}))
    record = stack_of(f"cell-{C}", ("azure-native:dns:RecordSet", "cname", {"cnameRecord": {"cname": "vpc-0b0b0b0b"}}))
    assert way([there, peering])
    assert way([there, peering], B, A)
    assert [edge.kind for edge in way([there, record], C, B) or ()] == ["dns"]


def test_who_vouches_for_one_cell_s_pods_and_is_believed_in_another_is_a_way() -> None:
    cluster = {"oidcIssuerProfile": {"issuerURL": "https://oidc.example/azure"}}
    there = stack_of(f"cell-{C}", ("azure-native:containerservice:ManagedCluster", "c", cluster), deployed=True)
    here = stack_of(
        f"cell-{A}",
        ("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "o", {"url": "https://oidc.example/azure"}),
    )
    assert [edge.kind for edge in way([there, here], C, A) or ()] == ["trust"]
    assert way([there, here], A, C) is None


def test_the_delegating_zone_may_lead_a_cell_s_name_to_that_cell_only() -> None:
    def delegation(read: str) -> Resources:
        [stack] = [stack_of("dns", ("aws:route53/record:Record", "ns", {"name": f"{A}.cells.acme.io", "type": "NS"}))]
        urn = f"urn:pulumi:dns::{FLEET.project}::pulumi:pulumi:StackReference::organization/acme/cell-{read}"
        return replace(stack, every=(replace(stack.every[0], property_dependencies={"records": (urn,)}),))

    assert way([delegation(A)]) is None
    assert [edge.kind for edge in way([delegation(B)]) or ()] == ["dns"]


def test_what_is_denied_or_bound_to_the_own_account_lets_nobody_in() -> None:
    own = {"StringEquals": {"aws:SourceAccount": cell(C).account}}
    policies = [
        json.dumps({"Statement": [{"Effect": "Deny", "Principal": {"AWS": named(A)}, "Action": "*"}]}),
        json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "*"}]}),
    ]
    some = [("aws:s3/bucketPolicy:BucketPolicy", f"p{i}", {"policy": text}) for i, text in enumerate(policies)]
    bound = ("aws:s3/bucketPolicy:BucketPolicy", "own", {"policy": statement(Principal="*", Condition=own)})
    azure = stack_of(f"cell-{C}", *some)
    assert way([azure], A, C) is None
    aws = stack_of(
        f"cell-{A}",
        (bound[0], bound[1], {"policy": bound[2]["policy"].replace(cell(C).account, cell(A).account)}),
    )
    assert way([aws], C, A) is None


def test_cells_in_one_account_can_reach_each_other_but_soft_ones_on_a_cluster_are_declared() -> None:
    shared = patched({"cells": {"de-gcp-2": {"account": "acme-de-gcp-1"}}})
    found = witness(replace(FACTS, fleet=shared), [stack_of("cell-de-gcp-1"), stack_of("cell-de-gcp-2")])
    assert [(source, target) for source, target, _ in found.paths()] == [
        ("de-gcp-1", "de-gcp-2"),
        ("de-gcp-2", "de-gcp-1"),
    ]
    soft = softly()
    found = witness(replace(FACTS, fleet=soft), [stack_of("cell-us-k8s-1"), stack_of("cell-us-k8s-2")])
    assert list(found.paths()) == []
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "us-k8s-2-data"}}}
    opened = stack_of("cell-us-k8s-1", (POLICY, "out", {"spec": {"egress": [{"to": [peer]}]}}))
    assert witness(replace(FACTS, fleet=soft), [opened]).path("us-k8s-1", "us-k8s-2") is not None


def softly() -> Fleet:
    second = {**patched({}).cells["us-k8s-1"].model_dump(mode="json", by_alias=True, exclude_none=True)}
    return patched(
        {
            "fleet": {"environment": "staging"},
            "cells": {
                "us-k8s-1": {"isolation": "soft"},
                "us-k8s-2": {**second, "id": 40, "cidr": "10.0.240.0/20", "isolation": "soft"},
            },
        }
    )


def test_a_way_over_a_third_cell_is_a_way_and_told_of_each_pair_that_is_next_to_each_other() -> None:
    stacks = [
        stack_of(f"cell-{A}", ("acme:any/thing:Thing", "t", {"of": named(C)})),
        stack_of(f"cell-{C}", ("acme:any/thing:Thing", "t", {"of": named(B)})),
    ]
    found = witness(FACTS, stacks)
    assert len(found.path(A, B) or ()) == 2
    assert [(source, target) for source, target, _ in found.paths()] == [(A, C), (C, B)]


@given(st.permutations(range(4)))
@settings(deadline=None)
def test_what_is_found_does_not_depend_on_the_order_of_what_is_looked_at(order: list[int]) -> None:
    stacks = [
        stack_of(f"cell-{A}", (PEERING, "one", {"peerVpcId": "vpc-0one"}), (PEERING, "two", {"peerVpcId": "vpc-0two"})),
        stack_of(f"cell-{B}", (PEERING, "one", {"peerVpcId": "vpc-0one"}), (PEERING, "two", {"peerVpcId": "vpc-0two"})),
        stack_of(f"cell-{C}", (PEERING, "two", {"peerVpcId": "vpc-0two"})),
        stack_of("dns"),
    ]
    assert list(reaching(FACTS, [stacks[i] for i in order])) == list(reaching(FACTS, stacks))


def test_a_network_of_very_many_cells_is_told_by_a_few_ways_of_each() -> None:
    many = {
        f"us-aws-{i}": {
            **FLEET.cells[A].model_dump(mode="json", by_alias=True, exclude_none=True),
            "id": 1000 + i,
            "account": f"{100000000000 + i}",
            "cidr": f"10.{i // 16 + 1}.{i % 16 * 16}.0/20",
        }
        for i in range(100, 300)
    }
    fleet = patched({"cells": many})
    stacks = [stack_of(f"cell-{name}", (PEERING, "hub", {"peerVpcId": "vpc-0hub"})) for name in many]
    violations = list(reaching(replace(FACTS, fleet=fleet), stacks))
    assert len(violations) == 200 * 10
    assert "(and 189 more cells)" in violations[0].message

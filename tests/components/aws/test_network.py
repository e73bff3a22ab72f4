"""An AWS cell's network: what is in it, and what gets in and out."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellfleet.failure import Failure
from components.aws.network import ranges
from tests.components.aws.recorded import CELL, as_declared, recorded

CIDR, PODS = IPv4Network("10.0.0.0/20"), IPv4Network("100.64.0.0/14")
ZONES = ["us-west-2a", "us-west-2b", "us-west-2c"]


@given(
    prefix=st.integers(16, 20),
    pod_prefix=st.integers(10, 24),
    zones=st.integers(2, 6),
)
def test_subnets_lie_in_their_range_and_never_overlap(prefix: int, pod_prefix: int, zones: int) -> None:
    cidr, pods = IPv4Network(f"10.16.0.0/{prefix}"), IPv4Network(f"100.64.0.0/{pod_prefix}")
    cut = ranges(cidr, pods, [f"zone-{number}" for number in range(zones)])
    assert len(cut) == zones
    inside = [block for of in cut.values() for block in (of.public, of.data, of.private)]
    assert all(block.subnet_of(cidr) for block in inside)
    assert all(of.pods.subnet_of(pods) for of in cut.values())
    everything = [*inside, *(of.pods for of in cut.values())]
    assert not any(a.overlaps(b) for a, b in combinations(everything, 2))
    assert all(16 <= block.prefixlen <= 28 for block in everything)


def test_the_subnets_of_a_slash_20() -> None:
    first = ranges(CIDR, PODS, ZONES)["us-west-2a"]
    assert [str(block) for block in (first.private, first.data, first.public, first.pods)] == [
        "10.0.0.0/23",
        "10.0.2.0/24",
        "10.0.3.0/25",
        "100.64.0.0/16",
    ]


def test_a_zone_more_moves_no_subnet() -> None:
    four = ranges(CIDR, PODS, [*ZONES, "us-west-2d"])
    assert {zone: four[zone] for zone in ZONES} == ranges(CIDR, PODS, ZONES)


@pytest.mark.parametrize(
    ("cidr", "pods", "zones", "said"),
    [
        ("10.0.0.0/15", "100.64.0.0/14", ZONES, "/16 to /20"),
        ("10.0.0.0/24", "100.64.0.0/14", ZONES, "/16 to /20"),
        ("10.0.0.0/20", "100.64.0.0/27", ZONES, "/24 or larger"),
        ("10.0.0.0/20", "100.64.0.0/14", ZONES[:1], "second zone"),
    ],
)
def test_what_aws_would_refuse_is_said_before(cidr: str, pods: str, zones: list[str], said: str) -> None:
    with pytest.raises(Failure) as refused:
        ranges(IPv4Network(cidr), IPv4Network(pods), zones)
    assert said in refused.value.remedy


def test_a_small_class_has_one_nat_and_a_large_one_one_a_zone() -> None:
    assert len(as_declared().of("ec2/natGateway:NatGateway")) == 1
    large = recorded({f"cells.{CELL}.class": "large"})
    assert len(large.of("ec2/natGateway:NatGateway")) == 3
    # An account has five Elastic IPs; rules ask for a fifth of every quota to be left.
    assert len(large.of("ec2/eip:Eip")) <= 4


def test_the_internet_reaches_tls_at_the_load_balancer_and_nothing_else() -> None:
    resources = as_declared()
    opened = [
        r
        for r in resources.of("vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if not IPv4Network(r.inputs.get("cidrIpv4", "10.0.0.0/32")).is_private
        and not IPv4Network(r.inputs["cidrIpv4"]).subnet_of(PODS)
    ]
    assert [(r.name, r.inputs["cidrIpv4"], r.inputs["fromPort"], r.inputs["toPort"]) for r in opened] == [
        (f"{CELL}-ingress-tls", "0.0.0.0/0", 443, 443)
    ]
    (closed,) = resources.of("ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert not closed.inputs.get("ingress")
    assert not closed.inputs.get("egress")
    assert not any(subnet.inputs["mapPublicIpOnLaunch"] for subnet in resources.of("ec2/subnet:Subnet"))


def test_every_range_let_in_is_the_cells_own() -> None:
    for rule in as_declared().of("vpc/securityGroupIngressRule:SecurityGroupIngressRule"):
        if rule.name.startswith(f"{CELL}-endpoints-"):
            source = IPv4Network(rule.inputs["cidrIpv4"])
            assert source.subnet_of(CIDR) or source.subnet_of(PODS), rule.urn


def test_the_database_has_no_way_out() -> None:
    out = {route.name for route in as_declared().of("ec2/route:Route")}
    assert out == {f"{CELL}-public-out", *(f"{CELL}-private-{zone}-out" for zone in ZONES)}


def test_every_subnet_has_its_route_table() -> None:
    associated = {r.name for r in as_declared().of("ec2/routeTableAssociation:RouteTableAssociation")}
    assert associated == {r.name for r in as_declared().of("ec2/subnet:Subnet")}


def test_what_needs_the_internet_gateway_waits_for_it() -> None:
    resources = as_declared()
    (gateway,) = resources.of("ec2/internetGateway:InternetGateway")
    for kind in ("ec2/eip:Eip", "ec2/natGateway:NatGateway", "lb/loadBalancer:LoadBalancer"):
        assert all(gateway.urn in r.dependencies for r in resources.of(kind)), kind


def test_the_load_balancer_passes_tcp_on_to_the_gateways_node_port() -> None:
    resources = as_declared()
    listener = resources.one("lb/listener:Listener")
    assert (listener.inputs["protocol"], listener.inputs["port"]) == ("TCP", 443)
    group = resources.one("lb/targetGroup:TargetGroup")
    assert (group.inputs["protocol"], group.inputs["port"], group.inputs["targetType"]) == ("TCP", 30443, "instance")

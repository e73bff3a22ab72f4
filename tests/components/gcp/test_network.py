"""What may pass in and out of a cell on GCP, and from where its control plane is reached."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from cellfleet.failure import Failure
from components.gcp.addresses import divide
from policies.resource import UNKNOWN
from tests.components.gcp.recorded import CELL, as_declared, recorded
from tests.components.recorded import values

FIREWALL = "compute/firewall:Firewall"
ANYWHERE = "0.0.0.0/0"


def test_nothing_passes_that_no_rule_lets_pass() -> None:
    denying = {r.inputs["direction"]: r.inputs for r in as_declared().of(FIREWALL) if "denies" in r.inputs}
    assert set(denying) == {"INGRESS", "EGRESS"}
    for direction, ranges in (("INGRESS", "sourceRanges"), ("EGRESS", "destinationRanges")):
        assert denying[direction]["denies"] == [{"protocol": "all"}]
        assert denying[direction][ranges] == [ANYWHERE]
        allowing = [r for r in as_declared().of(FIREWALL) if "allows" in r.inputs]
        assert all(r.inputs["priority"] < denying[direction]["priority"] for r in allowing)


def test_from_anywhere_only_443_of_the_cells_own_address_is_reached() -> None:
    allowing = [r.inputs for r in as_declared().of(FIREWALL) if "allows" in r.inputs]
    open_to_all = [rule for rule in allowing if ANYWHERE in rule.get("sourceRanges", [])]
    assert [(rule["allows"], rule["destinationRanges"]) for rule in open_to_all] == [
        ([{"protocol": "tcp", "ports": ["443"]}], [UNKNOWN])
    ]
    to_all = [rule for rule in allowing if ANYWHERE in rule.get("destinationRanges", [])]
    assert [rule["allows"] for rule in to_all] == [[{"protocol": "tcp", "ports": ["443"]}]]


def test_what_is_all_allowed_is_the_cells_own() -> None:
    own = [IPv4Network("10.0.16.0/20"), IPv4Network("100.64.0.0/14")]
    rules = [r.inputs for r in as_declared().of(FIREWALL) if {"protocol": "all"} in r.inputs.get("allows", [])]
    assert len(rules) == 2
    for rule in rules:
        for given in rule.get("sourceRanges", []) + rule.get("destinationRanges", []):
            assert any(IPv4Network(given).subnet_of(range_) for range_ in own)


def test_no_machine_and_no_database_has_a_public_address() -> None:
    made = as_declared()
    cluster = made.one("container/cluster:Cluster").inputs
    assert cluster["privateClusterConfig"]["enablePrivateNodes"] is True
    assert made.one("container/nodePool:NodePool").inputs["networkConfig"] == {"enablePrivateNodes": True}
    for instance in made.of("sql/databaseInstance:DatabaseInstance"):
        assert instance.inputs["settings"]["ipConfiguration"]["ipv4Enabled"] is False
        assert "authorizedNetworks" not in instance.inputs["settings"]["ipConfiguration"]
    reserved = [r.name for r in made.of("compute/address:Address") if r.inputs["addressType"] == "EXTERNAL"]
    assert reserved == [f"{CELL}-ingress", f"{CELL}-nat-1"]


def test_the_control_plane_is_reached_from_where_the_fleet_deploys_and_nowhere_else() -> None:
    cluster = as_declared().one("container/cluster:Cluster").inputs
    authorized = cluster["masterAuthorizedNetworksConfig"]
    assert [*values(authorized, lambda key: key == "cidrBlock")] == ["203.0.113.0/24"]
    assert authorized["gcpPublicCidrsAccessEnabled"] is False
    assert authorized["privateEndpointEnforcementEnabled"] is True
    assert cluster["privateClusterConfig"]["enablePrivateEndpoint"] is False
    assert cluster["controlPlaneEndpointsConfig"]["dnsEndpointConfig"]["allowExternalTraffic"] is False
    closed = recorded({"fleet.deploy_from": []}).one("container/cluster:Cluster").inputs
    assert closed["privateClusterConfig"]["enablePrivateEndpoint"] is True
    assert closed["masterAuthorizedNetworksConfig"]["cidrBlocks"] == []


def test_the_network_has_no_subnet_and_no_route_but_those_declared() -> None:
    made = as_declared()
    network = made.one("compute/network:Network").inputs
    assert (network["autoCreateSubnetworks"], network["deleteDefaultRoutesOnCreate"]) == (False, True)
    subnet = made.one("compute/subnetwork:Subnetwork").inputs
    assert subnet["ipCidrRange"] == "10.0.16.0/21"
    assert {r["rangeName"]: r["ipCidrRange"] for r in subnet["secondaryIpRanges"]} == {
        "pods": "100.64.0.0/15", "services": "100.66.0.0/20",
    }  # fmt: skip
    assert subnet["privateIpGoogleAccess"] is True
    assert "logConfig" in subnet
    policy = made.one("container/cluster:Cluster").inputs["ipAllocationPolicy"]
    assert (policy["clusterSecondaryRangeName"], policy["servicesSecondaryRangeName"]) == ("pods", "services")
    assert [r.inputs["destRange"] for r in made.of("compute/route:Route")] == [ANYWHERE]


@pytest.mark.parametrize(("class_", "addresses"), [("small", 1), ("large", 3)])
def test_a_class_with_a_nat_a_zone_has_an_address_a_zone(class_: str, addresses: int) -> None:
    made = recorded({f"cells.{CELL}.class": class_})
    assert len(made.one("compute/routerNat:RouterNat").inputs["natIps"]) == addresses


def test_the_database_is_made_once_googles_services_are_connected() -> None:
    made = as_declared()
    connection = made.one("servicenetworking/connection:Connection")
    leased = made.one("compute/globalAddress:GlobalAddress").inputs
    assert (leased["address"], leased["prefixLength"], leased["purpose"]) == ("10.0.24.0", 22, "VPC_PEERING")
    assert connection.inputs["deletionPolicy"] == "REMOVE_PEERING"
    for instance in made.of("sql/databaseInstance:DatabaseInstance"):
        assert connection.urn in instance.dependencies


def test_machines_start_once_they_can_reach_googles_apis() -> None:
    cluster = as_declared().one("container/cluster:Cluster")
    for kind in (
        FIREWALL,
        "compute/route:Route",
        "compute/routerNat:RouterNat",
        "kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
    ):
        needed = [r for r in as_declared().of(kind) if "us-east4" not in r.name]
        assert needed
        assert all(r.urn in cluster.dependencies for r in needed), kind


def test_ranges_are_apart_and_inside() -> None:
    cidr, pods = IPv4Network("10.0.16.0/20"), IPv4Network("100.64.0.0/14")
    divided = divide(cidr, pods, 100)
    ranges = [divided.nodes, divided.managed_services, divided.pods, divided.services]
    assert all(a is b or not a.overlaps(b) for a in ranges for b in ranges)
    assert all(r.subnet_of(cidr) for r in ranges[:2])
    assert all(r.subnet_of(pods) for r in ranges[2:])
    assert divided.managed_services.prefixlen <= 23, "a /24 for the cell's region and one for its standby's"
    with pytest.raises(Failure, match="room for 256 nodes; up to 257"):
        divide(IPv4Network("10.0.0.0/16"), IPv4Network("100.64.0.0/15"), 257)

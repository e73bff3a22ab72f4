"""A cell's network on Azure."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

import pytest

from cellfleet.failure import Failure
from components.azure.addresses import divide
from tests.components.azure.recorded import CELL, as_declared, recorded

CIDR = IPv4Network("10.0.32.0/20")
PODS = IPv4Network("100.64.0.0/14")
OPEN = {"Internet", "*", "0.0.0.0/0", "Any"}
STANDBY = {f"cells.{CELL}.replication": {"region": "westus3", "rpo_minutes": 5, "rto_minutes": 60}}


def rules(changes: dict[str, Any] | None = None) -> list[tuple[str, dict[str, Any]]]:
    groups = recorded(changes).of("network:NetworkSecurityGroup")
    return [(group.name, rule) for group in groups for rule in group.inputs["securityRules"]]


def test_ranges_of_a_cell_do_not_overlap_and_leave_room_for_standbys() -> None:
    made = divide(CIDR, PODS, ("1", "2", "3"), 12)
    inside = [*made.nodes, made.api_server, made.endpoints, made.databases]
    assert all(any(one.subnet_of(whole) for whole in made.network) for one in inside)
    every = [*inside, *made.standbys]
    assert not any(one.overlaps(other) for one in every for other in every if one is not other)
    assert all(one.subnet_of(CIDR) for one in every)
    assert not any(standby.overlaps(whole) for standby in made.standbys for whole in made.network)


def test_pods_and_services_share_the_pod_range_and_not_an_address() -> None:
    made = divide(CIDR, PODS, ("1", "2", "3"), 12)
    assert (str(made.pods), str(made.services)) == ("100.64.0.0/15", "100.67.240.0/20")


def test_a_pod_range_without_a_block_for_each_machine_of_an_upgrade_is_refused() -> None:
    divide(CIDR, IPv4Network("100.64.0.0/18"), ("1",), 16)
    with pytest.raises(Failure, match="too small for 17 machines"):
        divide(CIDR, IPv4Network("100.64.0.0/18"), ("1",), 17)
    with pytest.raises(Failure, match="too small"):
        divide(CIDR, IPv4Network("100.64.0.0/22"), ("1",), 1)


@pytest.mark.parametrize("changes", [{}, {"fleet.deploy_from": []}, STANDBY])
def test_443_on_the_nodes_is_all_that_is_open_to_everybody(changes: dict[str, Any]) -> None:
    found = rules(changes)
    open_ = [
        (group, rule["destinationPortRange"], rule["protocol"])
        for group, rule in found
        if rule["access"] == "Allow" and rule["direction"] == "Inbound" and rule.get("sourceAddressPrefix") in OPEN
    ]
    assert open_ == [(f"{CELL}-nodes", "443", "Tcp")]
    assert not any(OPEN & set(rule.get("sourceAddressPrefixes") or ()) for _, rule in found)


@pytest.mark.parametrize("changes", [{}, STANDBY])
def test_every_subnet_has_a_security_group_that_ends_in_a_refusal(changes: dict[str, Any]) -> None:
    made = recorded(changes)
    assert all("networkSecurityGroup" in subnet.inputs for subnet in made.of("network:Subnet"))
    assert all(subnet.inputs["defaultOutboundAccess"] is False for subnet in made.of("network:Subnet"))
    for group in made.of("network:NetworkSecurityGroup"):
        numbered = group.inputs["securityRules"]
        last = max(numbered, key=lambda rule: rule["priority"])
        assert (last["access"], last["protocol"], last["sourceAddressPrefix"]) == ("Deny", "*", "*")
        priorities = [rule["priority"] for rule in numbered]
        assert len(priorities) == len(set(priorities)), group.name


def test_deploy_ranges_reach_the_api_server_and_are_gone_without_any() -> None:
    def to_api(changes: dict[str, Any]) -> dict[str, Any]:
        return {rule["name"]: rule for group, rule in rules(changes) if group == f"{CELL}-api-server"}

    assert to_api({})["deploy-from"]["sourceAddressPrefix"] == "203.0.113.0/24"
    assert to_api({})["deploy-from"]["destinationPortRange"] == "443"
    assert "deploy-from" not in to_api({"fleet.deploy_from": []})


@pytest.mark.parametrize(("nat", "zones"), [("single", ["1"]), ("zonal", ["1", "2", "3"])])
def test_the_class_decides_the_ways_out_and_not_the_subnets(nat: str, zones: list[str]) -> None:
    made = recorded({"classes.small.nat": nat})
    assert [gateway.inputs["zones"] for gateway in made.of("network:NatGateway")] == [[zone] for zone in zones]
    nodes = [subnet for subnet in made.of("network:Subnet") if "-nodes-" in subnet.name]
    assert [subnet.name for subnet in nodes] == [f"{CELL}-nodes-{zone}" for zone in "123"]
    used = [[urn for urn in on if "NatGateway" in urn] for on in (s.property_dependencies["natGateway"] for s in nodes)]
    assert [urn.rsplit("-", 1)[1] for (urn,) in used] == [zones[n % len(zones)] for n in range(3)]


def test_subnets_are_made_one_after_another() -> None:
    subnets = {subnet.urn: subnet for subnet in as_declared().of("network:Subnet")}

    def place(urn: str) -> int:
        return 1 + max((place(before) for before in subnets[urn].dependencies if before in subnets), default=0)

    assert sorted(map(place, subnets)) == list(range(1, len(subnets) + 1))


def test_only_who_has_to_be_delegated_to_is() -> None:
    delegated = {
        subnet.name: subnet.inputs["delegations"][0]["serviceName"]
        for subnet in as_declared().of("network:Subnet")
        if subnet.inputs.get("delegations")
    }
    assert delegated == {
        f"{CELL}-api-server": "Microsoft.ContainerService/managedClusters",
        f"{CELL}-databases": "Microsoft.DBforPostgreSQL/flexibleServers",
    }


def test_the_way_in_is_one_static_address_in_three_zones() -> None:
    address = as_declared().one("network:PublicIPAddress", "-ingress")
    assert address.inputs["zones"] == ["1", "2", "3"]
    assert address.inputs["publicIPAllocationMethod"] == "Static"
    two = recorded({f"cells.{CELL}.zones": ["1", "2"]}).one("network:PublicIPAddress", "-ingress")
    assert two.inputs["zones"] == ["1", "2", "3"]
    one = recorded({f"cells.{CELL}.zones": ["2"]}).one("network:PublicIPAddress", "-ingress")
    assert one.inputs["zones"] == ["2"]


def test_a_standbys_network_is_joined_with_the_cells_and_with_nothing_else() -> None:
    assert as_declared().of("network:VirtualNetworkPeering") == []
    made = recorded(STANDBY)
    networks = {network.urn for network in made.of("network:VirtualNetwork")}
    assert len(networks) == 2
    for peering in made.of("network:VirtualNetworkPeering"):
        ends = {
            *peering.property_dependencies["virtualNetworkName"],
            *peering.property_dependencies["remoteVirtualNetwork"],
        }
        assert ends == networks
        assert not peering.inputs["allowForwardedTraffic"]
        assert not peering.inputs["useRemoteGateways"]

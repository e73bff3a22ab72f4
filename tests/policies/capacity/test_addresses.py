"""The figures of CAP-09 are those by which the components cut a cell's ranges."""

from __future__ import annotations

from ipaddress import IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from cellfleet.inventory.model import ManagedCell, Nodes
from components.aws.network import ranges
from components.azure import addresses as azure
from components.gcp import addresses as gcp
from components.gcp.cluster import machines
from policies.capacity.addresses import KEPT, PODS_OF_A_MACHINE, Fit, fits
from tests.policies.case import patched

CELL = st.integers(16, 20).map(lambda length: IPv4Network((0x0A000000, length)))
PODS = st.integers(12, 18).map(lambda length: IPv4Network((0x64400000, length)))


def fitted(cell: str, cidr: IPv4Network, pods: IPv4Network, zones: list[str], nodes: int) -> dict[str, Fit]:
    fleet = patched(
        {
            "classes": {"small": {"nodes": {"count": nodes, "vcpus": 4, "memory_gib": 16}}},
            "cells": {cell: {"cidr": str(cidr), "pod_cidr": str(pods), "zones": zones}},
        }
    )
    declared = fleet.cells[cell]
    assert isinstance(declared, ManagedCell)
    return {fit.what: fit for fit in fits(fleet, declared)}


@given(CELL, PODS, st.integers(2, 6))
def test_on_aws_each_zone_has_what_its_subnets_have(cidr: IPv4Network, pods: IPv4Network, zones: int) -> None:
    names = [f"us-west-2{letter}" for letter in "abcdef"[:zones]]
    found = fitted("us-aws-1", cidr, pods, names, 3)
    for cut in ranges(cidr, pods, names).values():
        assert found["the nodes in a zone"].has == cut.private.num_addresses - KEPT
        assert found["the database in a zone"].has == cut.data.num_addresses - KEPT
        assert found["the pods in a zone"].has == cut.pods.num_addresses - KEPT


@given(CELL, PODS, st.integers(1, 20))
def test_on_gcp_as_well(cidr: IPv4Network, pods: IPv4Network, nodes: int) -> None:
    zones = ["us-central1-a", "us-central1-b", "us-central1-c"]
    found = fitted("us-gcp-1", cidr, pods, zones, nodes)
    most = machines(Nodes(count=nodes, vcpus=4, memory_gib=16), zones)
    cut = gcp.divide(cidr, pods, most)
    assert found["the nodes"].has == cut.nodes.num_addresses - KEPT
    assert found["the nodes"].needs == most
    assert found["the pods"].has == cut.pods.num_addresses
    assert found["the databases' ranges"].has == cut.managed_services.num_addresses
    assert found["the Services"].has == cut.services.num_addresses


@given(CELL, PODS, st.integers(1, 10))
def test_and_on_azure(cidr: IPv4Network, pods: IPv4Network, nodes: int) -> None:
    found = fitted("us-azure-1", cidr, pods, ["1", "2", "3"], nodes)
    cut = azure.divide(cidr, pods, ["1", "2", "3"], nodes + 3)
    assert {found["the nodes in a zone"].has} == {block.num_addresses - KEPT for block in cut.nodes}
    assert found["the database"].has == cut.databases.num_addresses - KEPT
    assert found["the pods"].has == cut.pods.num_addresses
    assert found["the pods"].needs == 2 * (nodes + 3) * PODS_OF_A_MACHINE
    assert found["the Services"].has == cut.services.num_addresses

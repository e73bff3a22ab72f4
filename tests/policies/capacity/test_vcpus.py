"""Machines are known by their names: those that components ask for have the virtual CPUs that they are chosen by."""

from __future__ import annotations

import pytest

from cellfleet.inventory.model import Nodes
from components.aws import sizes as aws
from components.azure import sizes as azure
from policies.capacity.vcpus import of_machine


@pytest.mark.parametrize("vcpus", [2, 4, 8, 16, 32, 48, 64, 96])
def test_what_components_choose_has_the_vcpus_that_they_choose_it_by(vcpus: int) -> None:
    assert of_machine(aws.node_type(Nodes(count=1, vcpus=vcpus, memory_gib=vcpus * 4))) == vcpus
    assert of_machine(azure.node(vcpus, vcpus * 4)) == vcpus


@pytest.mark.parametrize(
    ("name", "vcpus"),
    [
        ("t3.medium", 0),
        ("m7i.metal-24xl", 0),
        ("u7i-12tb.224xlarge", 896),
        ("c7gn.large", 2),
        ("Standard_E16ds_v5", 16),
        ("Standard_DS2_v2", 2),
        ("Standard_D11_v2", 0),
        ("Standard_DS13-4_v2_Promo", 0),
        ("Standard_A10", 0),
        ("Standard_A8_v2", 8),
        ("Standard_D16_v3", 16),
        ("Standard_NC24ads_A100_v4", 24),
        ("", 0),
        (None, 0),
    ],
)
def test_what_a_name_does_not_tell_counts_for_nothing(name: str | None, vcpus: int) -> None:
    assert of_machine(name) == vcpus

"""Machine types on AWS."""

from __future__ import annotations

import pytest

from cellfleet.failure import Failure
from cellfleet.inventory.model import Database, Nodes
from components.aws.sizes import database_class, node_type


@pytest.mark.parametrize(
    ("vcpus", "memory_gib", "expected"),
    [
        (4, 16, "m7i.xlarge"),
        (4, 8, "c7i.xlarge"),
        (4, 17, "r7i.xlarge"),
        (5, 16, "c7i.2xlarge"),
        (1, 1, "c7i.large"),
        (192, 1536, "r7i.48xlarge"),
    ],
)
def test_a_node_is_the_cheapest_that_has_enough_of_both(vcpus: int, memory_gib: int, expected: str) -> None:
    assert node_type(Nodes(count=1, vcpus=vcpus, memory_gib=memory_gib)) == expected


@pytest.mark.parametrize(
    ("vcpus", "memory_gib", "expected"),
    [(4, 32, "db.r7g.xlarge"), (4, 33, "db.r7g.2xlarge"), (17, 1, "db.r7g.8xlarge"), (64, 512, "db.r7g.16xlarge")],
)
def test_a_database_is_the_smallest_that_has_enough_of_both(vcpus: int, memory_gib: int, expected: str) -> None:
    assert database_class(Database(vcpus=vcpus, memory_gib=memory_gib, storage_gib=1)) == expected


def test_more_than_the_largest_is_said_in_a_sentence() -> None:
    with pytest.raises(Failure, match="193 vCPUs and 16 GiB"):
        node_type(Nodes(count=1, vcpus=193, memory_gib=16))
    with pytest.raises(Failure, match="64 vCPUs and 513 GiB"):
        database_class(Database(vcpus=64, memory_gib=513, storage_gib=1))

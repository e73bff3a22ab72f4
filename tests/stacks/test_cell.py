"""A stack's program picks what to make by the cell's provider, and says so where there is nothing to make."""

from __future__ import annotations

from typing import Any

import pytest

from cellfleet.engine.record import record
from cellfleet.failure import Failure
from cellfleet.inventory.stack import Kind, Stack
from components.outputs import CellOutputs
from stacks import program_of
from tests.fleets import fleet

PROVIDERS = {"us-aws-1": "aws", "us-gcp-1": "gcp", "us-azure-1": "azure", "us-k8s-1": "kubernetes"}
_UNMANAGED = {
    "id": 90, "managed": False, "locality": "us", "address": "legacy.us.acme.io", "class": "small", "ring": "broad",
    "state": "active",
}  # fmt: skip


@pytest.mark.parametrize(("cell", "provider"), PROVIDERS.items())
def test_a_cell_is_made_of_its_own_clouds_components_and_tells_the_same_of_itself(cell: str, provider: str) -> None:
    recording = record(program_of(fleet(), Stack(Kind.CELL, cell)), stack=f"cell-{cell}", project="acme-production")
    (made,) = (each for each in recording.resources if each.type == f"cellfleet:{provider}:Cell")
    assert made.name == cell
    assert recording.outputs.keys() == {*CellOutputs.__dataclass_fields__, "declared"}


@pytest.mark.parametrize(
    ("changes", "name", "sentence"),
    [
        ({}, "us-asw-1", "the inventory has no cell 'us-asw-1'"),
        ({"cells.us-k8s-1.state": "planned"}, "us-k8s-1", "cell us-k8s-1 is planned"),
        ({"cells.us-legacy": _UNMANAGED}, "us-legacy", "cell us-legacy is unmanaged"),
    ],
)
@pytest.mark.parametrize("kind", [Kind.CELL, Kind.WORKLOAD])
def test_a_cell_without_infrastructure_is_a_sentence(
    kind: Kind, changes: dict[str, Any], name: str, sentence: str
) -> None:
    with pytest.raises(Failure) as failed:
        record(program_of(fleet(changes), Stack(kind, name)), stack=f"{kind}-{name}", project="acme-production")
    assert failed.value.message.startswith(sentence)
    assert failed.value.remedy


def test_a_name_that_is_nearly_one_is_offered() -> None:
    with pytest.raises(Failure) as failed:
        record(program_of(fleet(), Stack(Kind.CELL, "us-asw-1")), stack="cell-us-asw-1", project="acme-production")
    assert "did you mean us-aws-1?" in failed.value.remedy

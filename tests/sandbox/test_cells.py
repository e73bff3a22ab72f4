"""The cells of each provider, from nothing to nothing, under the real engine."""

from __future__ import annotations

import pytest
from pulumi import automation

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Kind, Stack
from stacks import program_of
from tests.fleets import fleet
from tests.sandbox.engine import Engine, counts

pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the SDKs warn of modules of their own
]


@pytest.mark.parametrize("cell", ["us-aws-1", "us-gcp-1", "us-azure-1", "us-k8s-1"])
def test_a_cell_and_its_workload_come_stay_as_they_are_and_go(engine: Engine, cell: str) -> None:
    acme = Engine(engine.folder, "acme-production")
    serving, retired = fleet(), fleet({f"cells.{cell}.state": "retired"})
    for kind in (Kind.CELL, Kind.WORKLOAD):
        made = counts(_stack(acme, serving, kind, cell).up())
        assert set(made) == {"create"}
        assert counts(_stack(acme, serving, kind, cell).preview(refresh=True)).keys() == {"same"}
    with acme.books() as books:
        assert books.duplicates() == []
    _stack(acme, serving, Kind.WORKLOAD, cell).destroy()
    unguarded = _stack(acme, retired, Kind.CELL, cell)
    assert not {"create", "replace"} & counts(unguarded.up()).keys()
    unguarded.destroy()
    assert acme.held(f"cell-{cell}") == []
    assert acme.held(f"workload-{cell}") == []


def _stack(engine: Engine, fleet: Fleet, kind: Kind, cell: str) -> automation.Stack:
    stack = Stack(kind, cell)
    return engine.stack(stack.name, program_of(fleet, stack))

"""What stacks say of themselves is enough to judge an `up` by, and says nothing that is not known."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from cellfleet.engine.record import record
from cellfleet.inventory.stack import Kind, Stack
from policies.catalogue import FLEET
from policies.lifecycle.before import Before, of_fleet, of_outputs
from policies.rule import Facts, Violation
from stacks import program_of
from tests.fleets import fleet

TODAY = date(2026, 11, 24)


def outputs(changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the stacks of a fleet's cells say, through JSON and with Pulumi's numbers, as the state keeps it."""
    made = fleet(changes)
    stacks = (Stack(Kind.CELL, cell.name) for cell in made.managed() if cell.deployed)
    recorded = {stack: record(program_of(made, stack), stack=stack.name, project=made.project) for stack in stacks}
    said = {stack.name: {"declared": recording.outputs["declared"]} for stack, recording in recorded.items()}
    return dict(json.loads(json.dumps(said)))


@pytest.fixture(scope="module")
def deployed() -> dict[str, Any]:
    return outputs()


def judged(before: Before, changes: dict[str, Any] | None = None) -> list[Violation]:
    facts = Facts(fleet(changes), None, TODAY, before)
    return [one for check in FLEET for one in check(facts) if one.rule.id.startswith("LIF")]


def test_a_stack_says_of_its_cell_what_the_inventory_says(deployed: dict[str, Any]) -> None:
    theirs, ours = of_outputs(deployed), of_fleet(fleet(), None)
    assert theirs.cells.keys() == ours.cells.keys()
    for name, was in ours.cells.items():
        for key in ("id", "locality", "state", "tenancy", "class_", "capacity", "provider", "account", "size"):
            assert getattr(theirs.cells[name], key) == getattr(was, key), key
        assert (theirs.cells[name].region, theirs.cells[name].cidr) == (was.region, was.cidr)


def test_what_is_deployed_as_declared_violates_nothing(deployed: dict[str, Any]) -> None:
    assert judged(of_outputs(deployed)) == []


def test_a_first_deployment_violates_nothing(deployed: dict[str, Any]) -> None:
    assert judged(of_outputs({})) == []
    some = {name: said for name, said in deployed.items() if name.startswith("cell-us")}
    assert judged(of_outputs(some)) == [], "a run was interrupted"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"cells.us-gcp-1.state": "retired"}, [("LIF-01", ("cells", "us-gcp-1", "state"))]),
        ({"cells.us-aws-1.account": "111111111112"}, [("LIF-02", ("cells", "us-aws-1", "account"))]),
        ({"classes.small.nodes.vcpus": 8}, [("LIF-03", ("classes", "small", "nodes", "vcpus"))]),
        ({"cells.us-k8s-1": ...}, [("LIF-04", ("cells", "us-k8s-1"))]),
        ({"cells.us-gcp-1.state": "cordoned", "cells.us-azure-1.state": "cordoned"}, []),  # merged one by one
        ({"cells.us-gcp-1.release": "26.13.0", "cells.us-gcp-1.ring": "canary"}, []),
    ],
)
def test_a_change_is_found_against_what_is_deployed(
    deployed: dict[str, Any], changes: dict[str, Any], found: list[tuple[str, Any]]
) -> None:
    assert [(one.rule.id, one.path) for one in judged(of_outputs(deployed), changes)] == found


def test_a_cell_that_was_retired_and_removed_has_to_leave_no_stack(deployed: dict[str, Any]) -> None:
    said = {**deployed, "cell-us-k8s-1": {"declared": {**deployed["cell-us-k8s-1"]["declared"], "state": "retired"}}}
    tombstone = {"name": "us-k8s-1", "id": 4, "cidr": "10.0.48.0/20", "removed": "2026-11-24"}
    changes = {"cells.us-k8s-1": ..., "tombstones": [tombstone]}
    (violation,) = judged(of_outputs(said), changes)
    assert violation.message == "us-k8s-1 is not declared any more, but its stack is still there"
    assert "cellfleet destroy cell-us-k8s-1" in violation.remedy
    assert judged(of_outputs({name: one for name, one in said.items() if name != "cell-us-k8s-1"}), changes) == []


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"bucket": "b"},
        {"declared": None},
        {"declared": {}},
        {"declared": {"id": "x"}},
        {"declared": [1]},
        {"declared": {"size": 3}},
    ],
)
def test_what_cannot_be_read_is_not_known(deployed: dict[str, Any], said: dict[str, Any]) -> None:
    before = of_outputs({**deployed, "cell-us-aws-1": said, "dns": {}, "stranger": {"declared": {}}})
    assert before.cells.keys() == of_outputs(deployed).cells.keys() - {"us-aws-1"}
    assert judged(before, {"cells.us-aws-1.region": "us-east-2"}) == []


def test_a_stack_tells_nothing_of_tenants_and_nothing_that_a_release_changes(deployed: dict[str, Any]) -> None:
    assert outputs({"cells.us-k8s-1.release": "26.13.0"})["cell-us-k8s-1"] == deployed["cell-us-k8s-1"]
    assert {*deployed["cell-us-k8s-1"]["declared"]} == {
        *("id", "provider", "account", "region", "cidr", "locality", "state", "tenancy", "class", "size")
    }

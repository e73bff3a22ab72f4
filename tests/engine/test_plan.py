"""What runs for a fleet, and what each stack waits for."""

from __future__ import annotations

import pytest

from cellfleet.engine.plan import strays, tasks_of
from tests.fleets import fleet


def test_a_cell_waits_for_nothing_dns_for_all_cells_and_a_workload_for_its_own_cell_and_dns() -> None:
    tasks = {task.stack: task for task in tasks_of(fleet(), frozenset())}
    cells = frozenset(stack for stack in tasks if stack.startswith("cell-"))
    assert tasks["cell-us-aws-1"].needs.done == frozenset()
    assert tasks["dns"].needs.ended == cells
    assert tasks["dns"].needs.done == frozenset(), "one broken cell must not keep the others from their workloads"
    assert tasks["workload-us-k8s-1"].needs.done == {"cell-us-k8s-1", "dns"}
    assert [task.stack for task in tasks_of(fleet(), frozenset())][:2] == ["cell-us-aws-1", "cell-us-gcp-1"]


@pytest.mark.parametrize("state", ["planned", "retired"])
def test_a_cell_without_stacks_is_given_none(state: str) -> None:
    stacks = [task.stack for task in tasks_of(fleet({"cells.us-aws-1.state": state}), frozenset())]
    assert not [stack for stack in stacks if stack.endswith("us-aws-1")]


def test_a_retired_cell_is_kept_up_while_it_stands() -> None:
    retired = fleet({"cells.us-aws-1.state": "retired"})
    stacks = [task.stack for task in tasks_of(retired, frozenset({"cell-us-aws-1"}))]
    assert "cell-us-aws-1" in stacks
    assert strays(retired, {"cell-us-aws-1", "dns"}) == ()


def test_a_stack_whose_cell_is_gone_is_a_stray() -> None:
    assert strays(fleet({"cells.us-aws-1": ...}), {"cell-us-aws-1", "dns"}) == ("cell-us-aws-1",)

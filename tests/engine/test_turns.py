"""Which of a registry and its routers is first, and which cells are left out of both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pulumi
import pytest

from cellfleet.engine.order import Needs
from cellfleet.engine.plan import Step, Task, tasks_of
from cellfleet.engine.report import Result
from cellfleet.engine.turns import in_turn
from sandbox import faults
from sandbox.faults import FaultKind
from tests.engine.tiny import Heard, World, program, task
from tests.fleets import fleet

US = frozenset({"us-aws-1", "us-gcp-1", "us-azure-1", "us-k8s-1"})
DE = frozenset({"de-gcp-1", "de-gcp-2"})


def turned(routed: dict[str, frozenset[str]], changes: dict[str, Any] | None = None) -> dict[str, Task]:
    made = fleet(changes)
    return {task.stack: task for task in in_turn(made, tasks_of(made, frozenset()), routed)}


def test_what_joins_is_registered_first() -> None:
    tasks = turned({"us": US - {"us-aws-1"}, "de": DE})
    assert tasks["routing-us"].needs.done == {"registry-us"}
    assert tasks["registry-us"].needs.done == frozenset()
    assert tasks["routing-us"].first is None
    own = {f"{kind}-{cell}" for kind in ("cell", "workload") for cell in US}
    assert tasks["registry-us"].needs.ended == own, "after the cells that it says are active"


def test_what_leaves_is_routed_no_more_first() -> None:
    tasks = turned({"us": US, "de": DE}, {"cells.us-aws-1.state": "retired"})
    assert tasks["registry-us"].needs.done == {"routing-us"}
    assert tasks["routing-us"].needs == Needs()
    assert tasks["routing-de"].needs.done == {"registry-de"}, "the other locality's turn is as ever"


def test_a_cell_that_is_not_declared_any_more_leaves_too() -> None:
    tasks = turned({"us": US | {"us-old-1"}, "de": DE})
    assert tasks["registry-us"].needs.done == {"routing-us"}


def test_where_one_joins_and_another_leaves_routing_has_two_steps() -> None:
    tasks = turned({"us": US - {"us-gcp-1"}, "de": DE}, {"cells.us-aws-1.state": "retired"})
    first = tasks["routing-us"].first
    assert isinstance(first, Step)
    assert first.before == "registry-us"
    assert tasks["routing-us"].needs.done == {"registry-us"}


def test_everybody_waits_for_a_newcomer_anywhere_for_all_registries_have_its_record() -> None:
    tasks = turned({"us": US, "de": DE - {"de-gcp-2"}})
    new = {"cell-de-gcp-2", "workload-de-gcp-2"}
    for stack in ("registry-us", "routing-us", "registry-de", "routing-de"):
        assert new <= tasks[stack].needs.ended
        assert tasks[stack].newcomers == new


def test_where_routing_is_not_asked_for_nothing_is_known_to_leave() -> None:
    made = fleet({"cells.us-aws-1.state": "retired"})
    asked = [task for task in tasks_of(made, frozenset()) if task.stack == "registry-us"]
    (registry,) = in_turn(made, asked, {})
    assert registry == asked[0], "its program refuses by itself"


# --- with the real engine --------------------------------------------------------------------------------------------

# pulumi makes event loops in threads of its own and leaves them open, to be collected at any time
engine = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")


def listing(stack: str, cells: str, **options: Any) -> Task:
    """A stack that lists cells, and leaves those out that it is told to."""

    def lists(names: str) -> Any:
        def deploy() -> None:
            program(stack, 0, tag=names, cidr=f"10.{len(names)}.0.0/16")()
            pulumi.export("cells", list(names))

        return deploy

    def without(failed: frozenset[str]) -> Any:
        return lists("".join(cell for cell in cells if f"cell-{cell}" not in failed))

    return Task(stack, lists(cells), without=without, imports="aws", **options)


@pytest.fixture
def failing(world: World) -> Iterator[World]:
    """A world in which `cell-b` stands, and no subnet can be made."""
    world.up(task("cell-a"), task("cell-b", subnets=0))
    faults.add(world.books, type_="aws:ec2/subnet:Subnet", cell="", kind=FaultKind.FAIL, times=99, seconds=0)
    yield world
    faults.clear(world.books)


@engine
@pytest.mark.parametrize(("newcomers", "left"), [({"cell-b"}, ["a"]), (set(), ["a", "b"])])
def test_a_newcomer_that_fails_is_left_out_and_a_cell_that_served_is_not(
    failing: World, newcomers: set[str], left: list[str]
) -> None:
    ended = Needs(ended=frozenset({"cell-a", "cell-b"}))
    registry = listing("registry-us", "ab", needs=ended, newcomers=frozenset(newcomers))
    runner = failing.runner(task("cell-a"), task("cell-b"), registry)
    runner.prepare()
    runner.preview(settle=True)
    outcomes = {outcome.stack: outcome.result for outcome in runner.up()}
    assert outcomes == {"cell-a": Result.UNCHANGED, "cell-b": Result.FAILED, "registry-us": Result.DEPLOYED}
    again = failing.runner(registry)
    again.prepare()
    again.preview()
    assert (again.outputs("registry-us") or {})["cells"] == left


@engine
def test_a_stack_in_two_steps_is_deployed_before_and_after_the_other(world: World) -> None:
    whole = listing("routing-us", "bc", needs=Needs(done=frozenset({"registry-us"})))
    only_leaving = listing("routing-us", "b").program
    assert only_leaving
    world.up(listing("routing-us", "ab"))
    steps = Task("routing-us", whole.program, whole.needs, imports="aws", first=Step(only_leaving, "registry-us"))
    heard = Heard()
    outcomes = world.up(steps, listing("registry-us", "bc"), heard=heard)
    deployed = [step for step in heard.steps if step[1].startswith("deploying")]
    assert deployed == [
        ("routing-us", "deploying what comes before registry-us"),
        ("registry-us", "deploying"),
        ("routing-us", "deploying"),
    ]
    assert {outcome.result for outcome in outcomes.values()} == {Result.DEPLOYED}


@engine
def test_a_first_step_that_fails_holds_up_the_other_and_is_what_is_told(world: World) -> None:
    def broken() -> None:
        raise RuntimeError("no way")

    needs = Needs(done=frozenset({"registry-us"}))
    steps = Task("routing-us", program("routing-us", 0), needs, imports="aws", first=Step(broken, "registry-us"))
    outcomes = world.up(steps, listing("registry-us", "a"))
    assert outcomes["routing-us"].result is Result.FAILED
    assert "no way" in outcomes["routing-us"].message
    assert outcomes["registry-us"].result is Result.SKIPPED
    assert outcomes["registry-us"].message == "not begun, for it needs a part of routing-us, which failed"


@engine
def test_a_stack_whose_preview_fails_is_not_taken_for_one_that_never_stood(world: World) -> None:
    """Its delegation would be taken out of DNS."""
    world.up(task("cell-a"))

    def broken() -> None:
        raise RuntimeError("no way")

    left_out: list[frozenset[str]] = []

    def without(failed: frozenset[str]) -> Any:
        left_out.append(failed)
        return program("dns", 0)

    dns = Task("dns", program("dns", 0), Needs(ended=frozenset({"cell-a"})), without=without, imports="aws")
    outcomes = world.up(task("cell-a", program=broken), dns)
    assert outcomes["cell-a"].result is Result.FAILED
    assert outcomes["dns"].result is Result.DEPLOYED
    assert left_out == []

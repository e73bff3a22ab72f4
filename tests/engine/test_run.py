"""Stories of runs, with the real engine and the sandbox."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pulumi
import pytest

from cellfleet.engine.order import Needs
from cellfleet.engine.plan import Task
from cellfleet.engine.report import Result
from cellfleet.engine.workspace import list_stacks
from cellfleet.failure import Failure
from sandbox import faults
from sandbox.faults import FaultKind
from tests.engine.tiny import Heard, World, program, task

# pulumi makes event loops in threads of its own and leaves them open, to be collected at any time
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")

FOUR = ("a-subnet-0", "a-subnet-1", "a-subnet-2", "a-vpc")


def fault(
    world: World, kind: FaultKind, type_: str = "aws:ec2/subnet:Subnet", *, times: int = 1, seconds: float = 0
) -> None:
    faults.add(world.books, type_=type_, cell="", kind=kind, times=times, seconds=seconds)


def test_what_is_up_stays_until_the_inventory_changes_and_then_only_that_stack_is_touched(world: World) -> None:
    first = world.up(task("a"), task("b"))
    assert {stack: outcome.result for stack, outcome in first.items()} == {"a": Result.DEPLOYED, "b": Result.DEPLOYED}
    assert len(world.made()) == 8

    heard = Heard()
    again = world.up(task("a"), task("b"), heard=heard)
    assert {outcome.result for outcome in again.values()} == {Result.UNCHANGED}
    assert not [step for step in heard.steps if step[1] == "deploying"], "what a preview finds unchanged is not run"

    changed = world.up(task("a"), task("b", tag="2"))
    assert changed["a"].result is Result.UNCHANGED
    assert changed["b"].counts["update"] == 3
    assert [(change.name, change.properties) for change in changed["b"].changes][:1] == [
        ("b-subnet-0", ("tags.release",))
    ]


def test_a_stack_starts_once_what_it_needs_is_done_and_what_reads_changes_is_run_again(world: World) -> None:
    heard = Heard()
    world.up(task("workload", "cell"), task("cell"), heard=heard)
    assert heard.steps.index(("cell", "ended"), 4) < heard.steps.index(("workload", "deploying"))
    changed = Heard()
    world.up(task("workload", "cell"), task("cell", tag="2"), heard=changed)
    assert ("workload", "deploying") in changed.steps, "its preview could not know what the cell's outputs would be"


def test_a_failure_stops_what_needs_it_and_nothing_else(world: World) -> None:
    faults.add(world.books, type_="aws:ec2/vpc:Vpc", cell="", kind=FaultKind.THROTTLE, times=99, seconds=0)
    tasks = [task("a"), task("on-a", "a"), task("b", program=_only_an_export)]
    outcomes = world.up(*tasks)
    assert [outcome.result for outcome in outcomes.values()] == [Result.FAILED, Result.SKIPPED, Result.DEPLOYED]
    assert "a-vpc (aws:ec2/vpc:Vpc)" in outcomes["a"].message
    assert "run this again" in outcomes["a"].remedy
    assert outcomes["on-a"].message == "not begun, for it needs a, which failed"
    faults.clear(world.books)
    assert {outcome.result for outcome in world.up(*tasks).values()} == {Result.DEPLOYED, Result.UNCHANGED}


def test_a_stack_that_never_stood_is_left_out_of_what_lists_all(world: World) -> None:
    faults.add(world.books, type_="aws:ec2/vpc:Vpc", cell="", kind=FaultKind.FAIL, times=99, seconds=0)
    left_out: list[frozenset[str]] = []

    def without(failed: frozenset[str]) -> object:
        left_out.append(failed)
        return _only_an_export

    dns = Task("dns", _only_an_export, Needs(ended=frozenset({"a"})), without=without)  # type: ignore[arg-type]
    outcomes = world.up(task("a"), dns)
    assert outcomes["dns"].result is Result.DEPLOYED
    assert left_out == [frozenset({"a"})]


def test_a_destroy_goes_backwards_and_leaves_nothing(world: World) -> None:
    world.up(task("cell"), task("workload", "cell"))
    heard = Heard()
    runner = world.runner(task("cell"), task("workload", "cell"), heard=heard)
    runner.preview_destroy()
    assert {outcome.result for outcome in runner.destroy()} == {Result.DESTROYED}
    assert heard.steps.index(("workload", "ended"), 4) < heard.steps.index(("cell", "destroying"))
    assert world.made() == []
    assert list_stacks(world.place, world.cli) == frozenset()
    assert [path.name for path in (world.folder / "config").iterdir()] == []
    assert not (world.folder / "work/cell").exists()


def test_a_protected_stack_is_refused_before_anything_is_deleted(world: World) -> None:
    world.up(task("a", protect=True))
    runner = world.runner(task("a", protect=True))
    (outcome,) = runner.preview_destroy()
    assert outcome.result is Result.FAILED
    assert outcome.message == "a-vpc (aws:ec2/vpc:Vpc) is not deleted, because it is protected."
    assert "state to retired" in outcome.remedy
    assert runner.destroy() == (outcome,)
    assert world.made() == [*FOUR]


def test_drift_says_what_differs_and_changes_nothing(world: World) -> None:
    world.up(task("a"))
    (vpc,) = world.books.all(matching="a-vpc")
    (subnet,) = world.books.all(matching="a-subnet-1")
    edited = {"tags": {"cell": "mine"}}
    with world.books.transaction():
        world.books.remove(subnet)
        world.books.write(replace(vpc, inputs={**vpc.inputs, **edited}, outputs={**vpc.outputs, **edited}))
    (outcome,) = world.runner(task("a")).drift()
    assert outcome.result is Result.DRIFTED
    assert [(change.kind, change.name) for change in outcome.changes] == [("delete", "a-subnet-1"), ("update", "a-vpc")]
    assert "tags.cell" in outcome.changes[1].properties
    (again,) = world.runner(task("a")).drift()
    assert again.changes == outcome.changes


@pytest.mark.parametrize(
    ("edited", "wanted"),
    [({"tags": {"release": "mine"}}, "1"), ({"tags": {"release": "2"}}, "2"), (None, "1")],
)
def test_a_run_that_asks_the_clouds_first_mends_drift(
    world: World, edited: dict[str, object] | None, wanted: str
) -> None:
    """What somebody did is undone; where it is what the program asks for by now, the state says so from then on."""
    world.up(task("a"))
    for subnet in world.books.all(matching="a-subnet-"):
        with world.books.transaction():
            world.books.remove(subnet)
            if edited:
                world.books.write(replace(subnet, inputs=subnet.inputs | edited, outputs=subnet.outputs | edited))
    after = task("a", tag=wanted)
    assert world.up(task("a"))["a"].result is Result.UNCHANGED, "the state's word was taken for it"
    assert world.runner(after).drift()[0].result is Result.DRIFTED
    assert world.up(after, refresh=True)["a"].result is Result.DEPLOYED
    assert world.runner(after).drift()[0].result is Result.UNCHANGED
    assert world.up(after, refresh=True)["a"].result is Result.UNCHANGED
    assert world.made() == [*FOUR]


def test_an_interruption_lets_operations_end_and_says_what_is_left(world: World) -> None:
    fault(world, FaultKind.LATENCY, times=99, seconds=0.5)
    heard = Heard()
    runner = world.runner(task("a", subnets=20), task("on-a", "a"), heard=heard)
    runner.prepare()
    runner.preview(settle=True)
    threading.Thread(target=lambda: (heard.moving.wait(30), runner.interrupt())).start()
    outcomes = {outcome.stack: outcome for outcome in runner.up()}
    assert outcomes["a"].result is Result.INTERRUPTED
    assert outcomes["on-a"].result in (Result.LEFT, Result.SKIPPED)
    made = len(world.made())
    faults.clear(world.books)
    after = world.up(task("a", subnets=20), task("on-a", "a"))
    assert {outcome.result for outcome in after.values()} == {Result.DEPLOYED}
    assert after["a"].recovered == (), "it ended in order: no lock and no operation was left behind"
    assert made < len(world.made()) == 21 + 4
    assert world.books.duplicates() == []


def test_secrets_stay_in_the_state(world: World) -> None:
    heard = Heard()
    outcomes = world.up(task("a"), heard=heard)
    told = json.dumps([outcome.as_json() for outcome in outcomes.values()]) + repr(heard)
    assert "hush" not in told
    state = next((world.folder / "state/.pulumi/stacks").rglob("a.json")).read_text()
    assert "hush" not in state


@pytest.mark.parametrize("raised", [Failure("the zone is gone.", "Make it."), RuntimeError("a bug")])
def test_a_users_mistake_is_a_sentence_and_a_bug_a_stack_trace(world: World, raised: Exception) -> None:
    def broken() -> None:
        raise raised

    (outcome,) = world.up(task("a", program=broken)).values()
    assert outcome.result is Result.FAILED
    if isinstance(raised, Failure):
        assert outcome.message == "the zone is gone. Make it."
    else:
        assert outcome.message.startswith("a bug\nTraceback")
        assert outcome.message.count("Traceback") == 1


def _only_an_export() -> None:
    pulumi.export("hosts", ["us.acme.io"])


def test_a_failure_deep_in_a_program_has_no_stack_trace_either(world: World) -> None:
    def deep() -> None:
        program("a")()

        def refuse(_: str) -> None:
            raise Failure("stack cell-a has no output yet.", "Deploy it first.")

        pulumi.export("late", pulumi.Output.from_input("x").apply(refuse))

    (outcome,) = world.up(task("a", program=deep)).values()
    assert outcome.message == "stack cell-a has no output yet."

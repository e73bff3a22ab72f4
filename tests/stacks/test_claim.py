"""As which generation a registry is published, whatever becomes of the deployment that claims it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellfleet.engine.plan import Task
from cellfleet.engine.report import Result
from cellfleet.engine.run import Runner
from cellfleet.engine.workspace import stack_outputs
from cellfleet.failure import Failure
from sandbox import faults, process
from sandbox.faults import FaultKind
from stacks.claim import Claim, after, claim
from tests.engine.tiny import World


def test_the_same_content_keeps_its_generation_and_a_revert_has_a_new_one() -> None:
    first = after(None, 1, "a")
    assert first == Claim(1, 1, "a")
    assert after(first, 1, "a") == first
    second = after(first, 1, "b")
    assert second == Claim(1, 2, "b")
    assert after(second, 1, "a") == Claim(1, 3, "a")


def test_a_raised_epoch_begins_anew_and_one_that_is_over_is_refused() -> None:
    assert after(Claim(1, 7, "a"), 2, "a") == Claim(2, 1, "a")
    with pytest.raises(Failure, match="has been published in epoch 2, and"):
        after(Claim(2, 1, "a"), 1, "a")


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from("abc"))))
def test_numbers_only_rise_and_one_number_is_one_content(history: list[tuple[int, str]]) -> None:
    last, seen = None, {}
    for epoch, digest in history:
        if last and epoch < last.epoch:
            continue
        following = after(last, epoch, digest)
        number = following.epoch, following.generation
        assert last is None or number >= (last.epoch, last.generation)
        assert seen.setdefault(number, digest) == digest
        last = following


# --- with the real engine --------------------------------------------------------------------------------------------

# pulumi makes event loops in threads of its own and leaves them open, to be collected at any time
engine = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning",
    "ignore::ResourceWarning",
    "ignore:Error in event stream:UserWarning",  # of the run that is killed
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.make(tmp_path, tmp_path / "sandbox")
    yield made
    made.books.close()
    process.stop(tmp_path / "sandbox")


def publishing(digest: str) -> Task:
    """A registry of two copies, each of which says what it is a copy of."""

    def program() -> None:
        claimed = claim(1, digest, pulumi.Output.from_input(None))
        provider = aws.Provider("copies", region="us-west-2", allowed_account_ids=["111111111111"])
        for number in (1, 2):
            aws.ec2.Vpc(
                f"copy-{number}",
                cidr_block="10.0.0.0/16",
                tags={"published": claimed.apply(lambda kept: f"{kept.generation}{kept.digest}")},
                opts=pulumi.ResourceOptions(provider=provider),
            )
        pulumi.export("generation", claimed.apply(lambda kept: kept.generation))

    return Task("registry-us", program, imports="aws")


def published(world: World) -> list[str]:
    return [made.inputs["tags"]["published"] for made in world.books.all(matching="copy-")]


@engine
def test_a_copy_that_fails_is_repaired_by_the_next_run_under_the_same_number(world: World) -> None:
    world.up(publishing("a"))
    assert published(world) == ["1a", "1a"]
    assert world.up(publishing("a"))["registry-us"].result is Result.UNCHANGED
    faults.add(world.books, type_="aws:ec2/vpc:Vpc", cell="", kind=FaultKind.FAIL, times=1, seconds=0)
    assert world.up(publishing("b"))["registry-us"].result is Result.FAILED
    assert world.up(publishing("b"))["registry-us"].result is Result.DEPLOYED
    assert published(world) == ["2b", "2b"]
    world.up(publishing("a"))
    assert published(world) == ["3a", "3a"]


@engine
def test_a_number_whose_run_was_killed_among_the_copies_is_not_given_to_the_revert(world: World) -> None:
    world.up(publishing("a"))
    faults.add(world.books, type_="aws:ec2/vpc:Vpc", cell="", kind=FaultKind.LATENCY, times=2, seconds=3)
    runner = world.runner(publishing("bad"))
    runner.prepare()
    runner.preview(settle=True)
    killing = threading.Thread(target=_kill_among_the_copies, args=(world, runner))
    killing.start()
    runner.up()
    killing.join()
    assert stack_outputs(world.place, world.cli, "registry-us") == {"generation": 1}, "outputs are written at the end"
    faults.clear(world.books)
    outcome = world.up(publishing("a"))["registry-us"]
    assert outcome.result is Result.DEPLOYED
    assert published(world) == ["3a", "3a"], "as 1, readers of a copy that was written would refuse it"


def _kill_among_the_copies(world: World, runner: Runner) -> None:
    """End the run while a copy, slowed, is being changed."""
    end = time.monotonic() + 60
    while time.monotonic() < end and not _changing(world):
        time.sleep(0.02)
    runner.kill()


def _changing(world: World) -> bool:
    try:
        states = [json.loads(file.read_text()) for file in world.folder.rglob("registry-us.json")]
    except ValueError:  # half written
        return False
    pending = [each for state in states for each in state["checkpoint"]["latest"].get("pending_operations", [])]
    return any("::copy-" in each["resource"]["urn"] for each in pending)

"""What an interrupted run leaves behind is taken up: nothing lost, nothing made twice."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cellfleet.engine import locks
from cellfleet.engine.plan import Task
from cellfleet.engine.report import Result
from cellfleet.engine.workspace import list_stacks
from cellfleet.failure import Failure
from sandbox import faults
from sandbox.faults import FaultKind
from tests.engine.tiny import PROJECT, World, task

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")


def lock(world: World, stack: str, pid: int, host: str = "") -> Path:
    """A lock as Pulumi writes it."""
    file = world.folder / f"state/.pulumi/locks/organization/{PROJECT}/{stack}/0000.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    held = {
        "pid": pid,
        "username": "ann",
        "hostname": host or socket.gethostname(),
        "timestamp": "2026-11-24T02:00:00Z",
    }
    file.write_text(json.dumps(held))
    return file


def dead_process() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def cut_off(world: World, stack: str, names: list[str]) -> None:
    """Put the state of a stack where a kill would have left it: `names` were being created."""
    file = world.folder / f"state/.pulumi/stacks/{PROJECT}/{stack}.json"
    state = json.loads(file.read_text())
    latest = state["checkpoint"]["latest"]
    pending = [resource for resource in latest["resources"] if resource["urn"].rpartition("::")[2] in names]
    latest["resources"] = [resource for resource in latest["resources"] if resource not in pending]
    for resource in pending:
        resource.pop("id")
        resource.pop("outputs", None)
    latest["pending_operations"] = [{"resource": resource, "type": "creating"} for resource in pending]
    file.write_text(json.dumps(state))


def test_a_create_that_went_through_is_adopted_and_one_that_did_not_is_made(world: World) -> None:
    world.up(task("a"))
    cut_off(world, "a", ["a-subnet-1", "a-subnet-2"])
    lock(world, "a", dead_process())
    (lost,) = world.books.all(matching="a-subnet-2")
    (kept,) = world.books.all(matching="a-subnet-1")
    with world.books.transaction():
        world.books.remove(lost)
    (outcome,) = world.up(task("a")).values()
    assert outcome.result is Result.DEPLOYED
    told = "; ".join(outcome.recovered)
    assert "lifted the lock of process" in told
    assert "creating a-subnet-2 was cut off" in told
    assert f"adopted a-subnet-1, which the cloud has as {kept.id}" in told
    assert world.books.find(kept.urn) == [kept.id], "not made twice"
    assert len(world.books.find(lost.urn)) == 1, "not lost"
    assert world.up(task("a"))["a"].result is Result.UNCHANGED


def test_what_a_provider_made_before_it_died_is_adopted_though_the_state_knows_nothing_of_it(world: World) -> None:
    faults.add(world.books, type_="aws:ec2/subnet:Subnet", cell="", kind=FaultKind.DIE_AFTER_CREATE, times=1, seconds=0)
    assert world.up(task("a", subnets=1))["a"].result is Result.FAILED
    (orphan,) = world.books.all(matching="subnet")
    (outcome,) = world.up(task("a", subnets=1)).values()
    assert f"adopted a-subnet-0, which the cloud has as {orphan.id}" in outcome.recovered
    assert world.books.find(orphan.urn) == [orphan.id]
    assert world.up(task("a", subnets=1))["a"].result is Result.UNCHANGED


@pytest.mark.parametrize("asked_for", [True, False])
def test_a_destroy_takes_along_what_a_provider_made_before_it_died(world: World, asked_for: bool) -> None:
    """A program has to tell how; where the inventory has none any more, what stays is said."""
    faults.add(world.books, type_="aws:ec2/subnet:Subnet", cell="", kind=FaultKind.DIE_AFTER_CREATE, times=1, seconds=0)
    assert world.up(task("a", subnets=1))["a"].result is Result.FAILED
    (orphan,) = world.books.all(matching="subnet")
    runner = world.runner(task("a", subnets=1) if asked_for else Task("a", None))
    (previewed,) = runner.preview_destroy()
    (destroyed,) = runner.destroy()
    assert destroyed.result is Result.DESTROYED
    told = f"a-subnet-0 stands in the cloud as {orphan.id}, and the state knows nothing of it"
    if asked_for:
        assert previewed.recovered == (f"adopted a-subnet-0, which the cloud has as {orphan.id}",)
        assert [change.name for change in previewed.changes] == ["a-subnet-0", "a-vpc", "a"]
        assert world.made() == []
    else:
        assert previewed.recovered == (told,)
        assert world.made() == ["a-subnet-0"]


def test_an_orphan_that_is_protected_is_not_destroyed_either(world: World) -> None:
    faults.add(world.books, type_="aws:ec2/vpc:Vpc", cell="", kind=FaultKind.DIE_AFTER_CREATE, times=1, seconds=0)
    assert world.up(task("a", protect=True))["a"].result is Result.FAILED
    runner = world.runner(task("a", protect=True))
    (previewed,) = runner.preview_destroy()
    assert previewed.message == "a-vpc (aws:ec2/vpc:Vpc) is not deleted, because it is protected."
    assert runner.destroy() == (previewed,)
    assert world.made() == ["a-vpc"]


def test_where_no_cloud_can_be_asked_a_person_decides(world: World) -> None:
    world.up(task("a"))
    (made,) = world.books.all(matching="a-subnet-1")
    cut_off(world, "a", ["a-subnet-1"])
    runner = world.runner(task("a"), cloud=False)
    (refused,) = runner.preview(settle=True)
    assert refused.result is Result.FAILED
    assert "cut off while it made a-subnet-1 (aws:ec2/subnet:Subnet)" in refused.message
    assert "--adopt a-subnet-1=ID" in refused.remedy
    assert runner.up() == (refused,)

    runner = world.runner(task("a"), cloud=False, decided={"a-subnet-1": made.id})
    runner.preview(settle=True)
    assert [outcome.result for outcome in runner.up()] == [Result.DEPLOYED]
    assert world.books.find(made.urn) == [made.id]


def test_a_preview_alone_recovers_nothing_and_says_so(world: World) -> None:
    world.up(task("a"))
    cut_off(world, "a", ["a-subnet-1"])
    held = lock(world, "a", dead_process())
    (outcome,) = world.runner(task("a")).preview()
    assert outcome.recovered == ("an earlier run was cut off; `cellfleet up` takes it up",)
    assert held.exists()


def test_another_machines_lock_is_respected(world: World) -> None:
    world.up(task("a"))
    held = lock(world, "a", 1, host="elsewhere")
    (outcome,) = world.up(task("a", tag="2")).values()
    assert outcome.result is Result.FAILED
    assert outcome.message == "a is locked by process 1 of ann@elsewhere, since 2026-11-24T02:00:00Z."
    assert "pulumi cancel a" in outcome.remedy
    assert held.exists()


def test_a_backend_that_was_killed_in_the_middle_of_a_write_can_be_read_again(world: World) -> None:
    world.up(task("a"))
    cut_short = world.folder / f"state/.pulumi/stacks/{PROJECT}/a.json.attrs"
    cut_short.touch()
    kept = cut_short.with_name("a.json.bak.attrs")
    kept.write_text("{}")
    place = replace(
        world.place, environment={**world.place.environment, "PULUMI_BACKEND_URL": f"file://{world.folder}/state"}
    )
    with pytest.raises(Failure, match="EOF"):
        list_stacks(place, world.cli)
    assert locks.mend(place.backend()) == [f"removed {cut_short}, which a killed run had left half written"]
    assert list_stacks(place, world.cli) == {"a"}
    assert kept.exists()


def test_a_process_number_that_another_program_has_by_now_is_no_holder() -> None:
    here = socket.gethostname()
    assert locks.Holder("ann", here, os.getpid(), "").dead, "this process is no Pulumi"
    assert locks.Holder("ann", here, dead_process(), "").dead
    assert not locks.Holder("ann", "elsewhere", 1, "").dead


def test_holders_are_read_from_what_a_bucket_refuses_with() -> None:
    refusal = (
        "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the "
        "lock file with `pulumi cancel`.\n  s3://state/.pulumi/locks/organization/p/a/1.json: created by ann@build-7 "
        "(pid 4711) at 2026-11-24T02:00:00Z"
    )
    assert locks.in_message(refusal) == [locks.Holder("ann", "build-7", 4711, "2026-11-24T02:00:00Z")]

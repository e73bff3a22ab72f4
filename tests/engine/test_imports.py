"""What programs import is imported before several of them run at a time, whichever of them fails."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from pulumi.automation.errors import CommandError

from cellfleet.engine.events import Problem, Watch
from cellfleet.engine.failures import explain
from cellfleet.engine.imports import import_for
from cellfleet.engine.plan import Task, tasks_of
from cellfleet.engine.record import record
from cellfleet.failure import Failure
from tests.fleets import fleet


def test_one_program_of_a_kind_is_recorded_and_one_that_fails_is_none() -> None:
    ran: list[str] = []
    said: list[str] = []

    def program(name: str, *, fails: bool = False) -> Callable[[], None]:
        def run() -> None:
            ran.append(name)
            if fails:
                raise ValueError(name)

        return run

    tasks = [
        Task("a", program("a", fails=True), imports="aws"),
        Task("b", program("b"), imports="aws"),
        Task("c", program("c"), imports="aws"),
        Task("d", program("d"), imports="gcp"),
        Task("e", program("e")),
    ]
    import_for(tasks, "acme-test", said.append, threading.Event())
    assert ran == ["a", "b", "d"]
    assert said == ["a: its program ended with ValueError when recorded"]


def test_a_program_that_rules_would_refuse_has_its_imports_too() -> None:
    """Unlike the run, a recording does not know that the stack stands, and refuses what the run does not."""
    ran: list[str] = []
    said: list[str] = []

    def refused() -> None:
        raise Failure("CAP-07", "Mend it.")

    task = Task("a", refused, imports="aws", unguarded=lambda: ran.append("a"))
    import_for([task], "acme-test", said.append, threading.Event())
    assert ran == ["a"]
    assert said == []


def test_every_stack_of_a_fleet_tells_its_program_without_the_guard() -> None:
    short = fleet({"policies": {"CAP-07": {"zones": 9}}})
    (cell,) = [task for task in tasks_of(short, frozenset()) if task.stack == "cell-us-k8s-1"]
    assert cell.program
    assert cell.unguarded
    with pytest.raises(Failure, match="CAP-07"):
        record(cell.program, stack=cell.stack, project=short.project)
    assert record(cell.unguarded, stack=cell.stack, project=short.project).resources
    assert all(task.unguarded for task in tasks_of(short, frozenset()))


def test_a_failure_is_not_told_once_more_in_grpcs_words() -> None:
    watch = Watch(lambda _: None)
    watch.problems += [Problem("", "cell x is planned."), Problem("", "Exception calling application: invalid state")]
    assert explain(CommandError("failed"), watch).message == "cell x is planned."
    watch.problems[:] = watch.problems[1:]
    assert explain(CommandError("failed"), watch).message == "Exception calling application: invalid state"

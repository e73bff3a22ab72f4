"""What programs import is imported before several of them run at a time, whichever of them fails."""

from __future__ import annotations

import threading
from collections.abc import Callable

from pulumi.automation.errors import CommandError

from cellfleet.engine.events import Problem, Watch
from cellfleet.engine.failures import explain
from cellfleet.engine.imports import import_for
from cellfleet.engine.plan import Task


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


def test_a_failure_is_not_told_once_more_in_grpcs_words() -> None:
    watch = Watch(lambda _: None)
    watch.problems += [Problem("", "cell x is planned."), Problem("", "Exception calling application: invalid state")]
    assert explain(CommandError("failed"), watch).message == "cell x is planned."
    watch.problems[:] = watch.problems[1:]
    assert explain(CommandError("failed"), watch).message == "Exception calling application: invalid state"

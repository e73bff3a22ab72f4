"""Runs stacks several at a time, each as soon as what it needs is done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Needs:
    """What has to end before a stack starts."""

    done: frozenset[str] = frozenset()
    """Stacks that have to succeed."""
    ended: frozenset[str] = frozenset()
    """Stacks that have to be over, whether or not they succeeded."""


class Scheduler(Generic[Result]):
    """Runs a function for each of some stacks, in the threads of a pool.

    `work` returns a result, and `succeeded` says whether those that need the stack may start.
    """

    def __init__(
        self,
        needs: Mapping[str, Needs],
        work: Callable[[str], Result],
        succeeded: Callable[[Result], bool],
        *,
        parallel: int,
        stop: threading.Event,
    ) -> None:
        self._needs = needs
        self._work = work
        self._succeeded = succeeded
        self._parallel = parallel
        self._stop = stop
        self.results: dict[str, Result] = {}
        self.skipped: dict[str, frozenset[str]] = {}
        """Stacks that were not run, with the ones that failed before them."""

    def run(self) -> None:
        """Run all of them; once `stop` is set, none is begun. What `work` raises is raised, when the others have
        ended."""
        waiting = dict.fromkeys(self._needs)
        running: dict[Future[Result], str] = {}
        with ThreadPoolExecutor(self._parallel, thread_name_prefix="stack") as pool:
            while waiting or running:
                while skipped := list(self._skip(waiting)):  # which may be what others need
                    for stack in skipped:
                        del waiting[stack]
                for stack in self._ready(waiting):
                    if len(running) < self._parallel and not self._stop.is_set():
                        del waiting[stack]
                        running[pool.submit(self._work, stack)] = stack
                if not running:
                    return
                ended, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in ended:
                    self.results[running.pop(future)] = future.result()

    def _ready(self, waiting: Collection[str]) -> Iterator[str]:
        for stack in list(waiting):
            needs = self._needs[stack]
            over = self.results.keys() | self.skipped.keys()
            if all(need in over for need in (needs.done | needs.ended) & self._needs.keys()):
                yield stack

    def _skip(self, waiting: Collection[str]) -> Iterator[str]:
        for stack in list(waiting):
            failed = {need for need, result in self.results.items() if not self._succeeded(result)}
            if lacking := self._needs[stack].done & (failed | self.skipped.keys()):
                causes = {cause for need in lacking for cause in self.skipped.get(need, frozenset({need}))}
                self.skipped[stack] = frozenset(causes)
                yield stack

"""Imports what programs import, in one thread, before several of them run at a time.

Modules of the SDKs load lazily and not safely in several threads, so one program of a kind is recorded first: one
that ends well, for who fails may have imported nothing. Nor is one refused here: a recording does not know what is
deployed, so that rules would hold the repair of what stands for something new.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from cellfleet.engine.plan import Task
from cellfleet.engine.record import record

_COLLECT_AFTER: Final = 50_000
"""Objects made, and not gone by themselves, before the garbage collector looks for cycles among them."""


def import_for(tasks: Iterable[Task], project: str, say: Callable[[str], None], stop: threading.Event) -> None:
    """Import all that the programs of tasks import, unless stopped."""
    with _kept_for_good():
        imported = {""}
        for task in tasks:
            if task.program and task.imports not in imported and not stop.is_set():
                try:
                    record(task.unguarded or task.program, stack=task.stack, project=project)
                    imported.add(task.imports)
                except Exception as error:  # the run of the stack tells the whole, and is what counts
                    say(f"{task.stack}: its program ended with {type(error).__name__} when recorded")


@contextmanager
def _kept_for_good() -> Iterator[None]:
    """Keep what is made meanwhile out of the garbage collector's sight.

    The SDKs' modules are some million objects that last as long as the process: to go through them again and again is a
    third of a deployment's time (6 stacks of 880 resources: 36 s, 25 s without; 2 busy cores, 2026-11).
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER, 20, 100)
        gc.enable()

"""How far a run is, on stderr: a live table on a terminal, lines elsewhere."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cellfleet.engine.report import Outcome


class Progress(Protocol):
    """Is told how things go; what `cellfleet.engine.operations.Listener` asks for."""

    def say(self, text: str) -> None: ...

    def began(self, stack: str, doing: str) -> None: ...

    def moved(self, stack: str, resources: int) -> None: ...

    def ended(self, outcome: Outcome) -> None: ...


@contextmanager
def progress() -> Iterator[Progress]:
    """Whichever of the two suits stderr; CI counts as no terminal."""
    if sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb":
        live = _Live()
        try:
            yield live
        finally:
            live.close()
    else:
        yield _Lines()


def line_of(outcome: Outcome) -> str:
    """One line on what became of a stack."""
    counts = ", ".join(f"{n} {kind}" for kind, n in outcome.counts.items() if n)
    told = "; ".join(filter(None, [counts, *outcome.recovered, outcome.message.partition("\n")[0]]))
    return f"{outcome.stack}: {outcome.result} in {outcome.seconds:.1f} s" + (f" ({told})" if told else "")


class _Lines:
    def __init__(self) -> None:
        self._lock = threading.RLock()

    def say(self, text: str) -> None:
        with self._lock:
            print(text, file=sys.stderr, flush=True)

    def began(self, stack: str, doing: str) -> None:
        self.say(f"{stack}: {doing} ...")

    def moved(self, stack: str, resources: int) -> None:
        """Lines are not for counting."""

    def ended(self, outcome: Outcome) -> None:
        self.say(line_of(outcome))


class _Live:
    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import Progress as Bars
        from rich.progress import SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        self._bars = Bars(*columns, console=Console(stderr=True), transient=True)
        self._rows: dict[str, tuple[TaskID, str]] = {}
        self._lock = threading.RLock()

    def close(self) -> None:
        self._bars.stop()

    def say(self, text: str) -> None:
        self._bars.console.print(text, markup=False, highlight=False)

    def began(self, stack: str, doing: str) -> None:
        with self._lock:
            if not self._rows:  # it stands still while nothing runs, so that a question can be asked
                self._bars.start()
            self._rows[stack] = (self._bars.add_task(f"{stack}: {doing}", total=None), doing)

    def moved(self, stack: str, resources: int) -> None:
        with self._lock:
            if stack in self._rows:
                row, doing = self._rows[stack]
                self._bars.update(row, description=f"{stack}: {doing}, {resources} resources done")

    def ended(self, outcome: Outcome) -> None:
        with self._lock:
            if outcome.stack in self._rows:
                self._bars.remove_task(self._rows.pop(outcome.stack)[0])
            self.say(line_of(outcome))
            if not self._rows:
                self._bars.stop()

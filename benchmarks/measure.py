"""Run commands and say what they took."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Final

_ENVIRONMENT: Final = {
    # As where packages were installed in the usual way: Python compiles a module once, not each time.
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "PYTHONPYCACHEPREFIX": str(Path(__file__).parents[1] / ".cellfleet" / "bytecode"),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command took in its runs: its time, and the most memory of any."""

    seconds: float
    """From start to exit, on the clock."""
    processor: float
    """Seconds of processors, of the process itself: what the clock would say on an idle machine with one of them."""
    mebibytes: float
    """The peak of resident memory, of the process itself."""
    ended: bool = True
    """False where it was stopped at its limit."""


Pick = Callable[[list[float]], float]


def side_by_side(
    commands: Mapping[str, Sequence[str]], rounds: int, *, pick: Pick = min, limit: float = inf
) -> dict[str, Cost]:
    """Run commands in turn, some rounds of them, so that a busy spell of the machine is shared; of their times, `pick`
    makes one.

    A command that runs for `limit` seconds is stopped, and not run again. Raises SystemExit with what it said where one
    does not exit with 0: a failed command's time says nothing.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            if all(cost.ended for cost in costs[name]):
                costs[name].append(_once(command, limit))
    return {name: _of_rounds(some, pick) for name, some in costs.items()}


def _of_rounds(costs: Sequence[Cost], pick: Pick) -> Cost:
    if not costs[-1].ended:
        return costs[-1]
    return Cost(
        pick([one.seconds for one in costs]),
        pick([one.processor for one in costs]),
        max(one.mebibytes for one in costs),
    )


def _once(command: Sequence[str], limit: float) -> Cost:
    # Linux counts into a child's peak what its parent had resident when it started it, so this process stays small: it
    # imports nothing that it measures.
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=_ENVIRONMENT)
        timer = threading.Timer(min(limit, threading.TIMEOUT_MAX), process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        ended = seconds < limit
        if process.returncode and ended:
            said.seek(0)
            print(said.read()[-4000:].decode(errors="replace"), file=sys.stderr)
            raise SystemExit(f"{' '.join(command)} exited with {process.returncode}")
    return Cost(
        seconds,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024),
        ended,
    )

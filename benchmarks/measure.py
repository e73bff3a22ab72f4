"""Run commands and say what they took."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_ENVIRONMENT: Final = {
    # As where packages were installed in the usual way: Python compiles a module once, not each time.
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "PYTHONPYCACHEPREFIX": str(Path(__file__).parents[1] / ".cellfleet" / "bytecode"),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command took: the fastest of its runs, and the most memory of any."""

    seconds: float
    """From start to exit, on the clock."""
    processor: float
    """Seconds of processors, of the process itself: what the clock would say on an idle machine with one of them."""
    mebibytes: float
    """The peak of resident memory, of the process itself."""


def side_by_side(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Cost]:
    """Run commands in turn, some rounds of them, so that a busy spell of the machine is shared.

    Raises SystemExit with what it said where one does not exit with 0: a failed command's time says nothing.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            costs[name].append(_once(command))
    return {
        name: Cost(
            min(one.seconds for one in some),
            min(one.processor for one in some),
            max(one.mebibytes for one in some),
        )
        for name, some in costs.items()
    }


def _once(command: Sequence[str]) -> Cost:
    # Linux counts into a child's peak what its parent had resident when it started it, so this process stays small: it
    # imports nothing that it measures.
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=_ENVIRONMENT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            print(said.read()[-4000:].decode(errors="replace"), file=sys.stderr)
            raise SystemExit(f"{' '.join(command)} exited with {process.returncode}")
    return Cost(
        seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)
    )

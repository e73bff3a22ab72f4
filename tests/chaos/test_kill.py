"""`cellfleet up`, killed at a random moment: the next one converges, with nothing lost and nothing made twice.

What counts is what the sandbox's own books hold in the end, against those of a fleet that was deployed in peace.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox import faults, process
from sandbox.books import Books
from sandbox.faults import FaultKind
from tests.checkout import Checkout

pytestmark = pytest.mark.xdist_group("chaos")
UP = ("up", "--yes")


@pytest.fixture(scope="module")
def peace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[str], dict[str, float]]]:
    """What a deployment that nobody disturbs makes, and the seconds that each of its phases takes."""
    checkout = Checkout.make(tmp_path_factory.mktemp("peace") / "checkout")
    report = checkout.report(*UP)
    yield checkout.made(), report["phases"]
    checkout.close()


def test_a_run_that_was_killed_is_taken_up(
    peace: tuple[list[str], dict[str, float]], seed: int, tmp_path: Path
) -> None:
    expected, seconds = peace
    chance = random.Random(seed)
    checkout = Checkout.make(tmp_path / "checkout")
    try:
        slow = chance.random() < 0.5  # so that a kill meets what is being made
        if slow:
            fault(checkout, FaultKind.LATENCY, seconds=0.2)
        victims = chance.choice(["cellfleet", "cellfleet and the engine", "the engine", "the cloud", "everything"])
        phase = chance.choice(["previewing", "deploying", "deploying", "deploying"])
        moment = chance.uniform(0, seconds[phase] * (4 if slow and phase == "deploying" else 1))
        with checkout.begin(*UP, "--sandbox") as run:
            assert run.stderr is not None
            next(line for line in run.stderr if phase in line)
            time.sleep(moment)  # the moment is what this is about
            kill(run.pid, checkout, victims)
            run.communicate()
        process.start(checkout.sandbox)
        fault(checkout, None)
        left = len(checkout.made())

        report = checkout.report(*UP)
        told = f"{victims} killed {moment:.1f} s into {phase}{' slowly' if slow else ''}, {left} made"
        recovered = [line for stack in report["stacks"] for line in stack["recovered"]]
        print(f"{told}; " + ("; ".join(recovered) or "nothing to recover"))
        assert checkout.made() == expected, told

        again = checkout.report(*UP)
        assert {stack["result"] for stack in again["stacks"]} == {"unchanged"}, told
    finally:
        checkout.close()


def fault(checkout: Checkout, kind: FaultKind | None, seconds: float = 0) -> None:
    """Give the sandbox a fault that lasts, or with None take all away."""
    with Books(checkout.sandbox) as books:
        if kind is None:
            faults.clear(books)
        else:
            faults.add(books, type_="*", cell="", kind=kind, times=100_000, seconds=seconds)


def kill(run: int, checkout: Checkout, victims: str) -> None:
    """Kill -9; each CLI of the engine is in a session of its own, so it is not gone with the process that began it."""
    engines = _children(run)
    groups: list[int] = []
    if victims in ("cellfleet", "cellfleet and the engine", "everything"):
        groups.append(run)
    if victims in ("cellfleet and the engine", "the engine", "everything"):
        groups += engines
    if victims in ("the cloud", "everything") and (cloud := process.running(checkout.sandbox)):
        os.kill(cloud.pid, signal.SIGKILL)
    for group in groups:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


def _children(parent: int) -> list[int]:
    children = Path(f"/proc/{parent}/task")
    with suppress(FileNotFoundError):
        told = (task / "children" for task in children.iterdir())
        return [int(pid) for file in told if file.exists() for pid in file.read_text().split()]
    return []

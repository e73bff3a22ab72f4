"""`cellfleet up`, killed at a random moment: the next one converges, with nothing lost and nothing made twice.

What counts is what the sandbox's own books hold in the end, against those of a fleet that was deployed in peace.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox import process
from sandbox.books import Books
from tests.engine.tiny import environment_of_engine
from tests.fleets import document

pytestmark = pytest.mark.xdist_group("chaos")
UP = [sys.executable, "-m", "cellfleet", "up", "--sandbox", "--yes", "--output", "json"]


@dataclass(frozen=True)
class Checkout:
    """A folder with a small fleet: two cells on clusters that one has, so that a run takes seconds."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> Checkout:
        fleet = document(
            {
                "cells.us-aws-1": ...,
                "cells.us-gcp-1": ...,
                "cells.us-azure-1": ...,
                "cells.de-gcp-1": ...,
                "cells.de-gcp-2": ...,
                "localities.de": ...,
                "routers.de": ...,
                "localities.us.new_tenants": "us-k8s-1",
            }
        )
        second = {"id": 40, "account": "onprem-us-2", "cidr": "10.0.96.0/20"}
        fleet["cells"]["us-k8s-2"] = fleet["cells"]["us-k8s-1"] | second
        for cell in fleet["cells"].values():
            cell["pod_cidr"] = "100.64.0.0/14"
        folder.mkdir()
        (folder / "cells.yaml").write_text(json.dumps(fleet))
        return cls(folder)

    @property
    def sandbox(self) -> Path:
        return self.folder / ".cellfleet/sandbox"

    def begin(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            UP,
            cwd=self.folder,
            env=environment_of_engine(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def up(self) -> dict[str, Any]:
        with self.begin() as run:
            out, err = run.communicate()
        assert run.returncode == 0, err[-3000:] + out[-3000:]
        report: dict[str, Any] = json.loads(out)
        return report

    def made(self) -> list[str]:
        """The URNs of all that stands, one for each thing."""
        with Books(self.sandbox) as books:
            return sorted(made.urn for made in books.all())


@pytest.fixture(scope="module")
def peace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[str], float]]:
    """What a deployment that nobody disturbs makes, and the seconds that it takes."""
    checkout = Checkout.make(tmp_path_factory.mktemp("peace") / "checkout")
    process.start(checkout.sandbox)
    began = time.monotonic()
    checkout.up()
    yield checkout.made(), time.monotonic() - began
    process.stop(checkout.sandbox)


def test_a_run_that_was_killed_is_taken_up(peace: tuple[list[str], float], seed: int, tmp_path: Path) -> None:
    expected, seconds = peace
    chance = random.Random(seed)
    checkout = Checkout.make(tmp_path / "checkout")
    process.start(checkout.sandbox)
    try:
        moment = chance.uniform(0.2, 1.0) * seconds
        victims = chance.choice(["cellfleet", "cellfleet and the engine", "the engine", "the cloud", "everything"])
        with checkout.begin() as run:
            time.sleep(moment)  # the moment is what this is about
            kill(run.pid, checkout, victims)
            with suppress(ProcessLookupError):
                run.communicate()
        left = len(checkout.made())

        report = checkout.up()
        told = f"{victims} killed after {moment:.1f} s, {left} made"
        recovered = [line for stack in report["stacks"] for line in stack["recovered"]]
        print(f"{told}; {len(recovered)} things recovered")
        assert checkout.made() == expected, f"{told}, {recovered}"

        again = checkout.up()
        assert {stack["result"] for stack in again["stacks"]} == {"unchanged"}, told
    finally:
        process.stop(checkout.sandbox)


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

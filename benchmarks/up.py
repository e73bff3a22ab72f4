"""What `cellfleet up --sandbox` of the example takes, beside a shell loop with one fresh process a stack.

Both deploy the same stacks with the same programs, each into a sandbox and a backend of its own, first from nothing and
then again with nothing to change. The loop's process previews and deploys, as `pulumi up --yes` does, and runs the
stacks in the same order; that all of them exist when it begins is not counted against it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from cellfleet.engine.install import find
from cellfleet.inventory.load import load
from cellfleet.inventory.stack import stacks_of
from sandbox import process
from sandbox.books import Books

ROOT: Final = Path(__file__).parents[1]
PHASES: Final = ("starting", "preparing", "previewing", "deploying")
WANTED: Final = 2.0
"""How many times as long the loop should take, at least, of a first deployment."""


def main() -> None:
    """Measure, and write a table of where the time goes to the standard output."""
    measured: dict[str, tuple[float, Mapping[str, float]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        ours, theirs = Path(scratch, "ours"), Path(scratch, "loop")
        for folder in (ours, theirs):
            folder.mkdir()
            for file in ("cells.yaml", "tenants.csv"):
                shutil.copy(ROOT / file, folder)
            process.start(folder / ".cellfleet/sandbox")
        try:
            _run(theirs, "-m", "benchmarks.one_stack", "", str(theirs))
            for when in ("from nothing", "nothing to change"):
                print(f"{when} ...", file=sys.stderr, flush=True)
                measured[f"cellfleet up, {when}"] = _fleet(ours)
                measured[f"a loop, {when}"] = _loop(theirs)
            made = {folder.name: _urns(folder) for folder in (ours, theirs)}
        finally:
            for folder in (ours, theirs):
                process.stop(folder / ".cellfleet/sandbox")
    if made["ours"] != made["loop"]:
        raise SystemExit("the two have not made the same")
    print(f"{len(made['ours']):,} resources, the same in both.\n")
    print("\n".join(_table(measured)))
    ratio = measured["a loop, from nothing"][0] / measured["cellfleet up, from nothing"][0]
    again = measured["a loop, nothing to change"][0] / measured["cellfleet up, nothing to change"][0]
    verdict = "as wanted" if ratio >= WANTED else "MISSED"
    print(
        f"\nThe loop takes {ratio:.1f} times as long from nothing ({WANTED:.0f} wanted: {verdict}), {again:.1f} again."
    )


def _fleet(folder: Path) -> tuple[float, Mapping[str, float]]:
    began = time.perf_counter()
    said = _run(folder, "-m", "cellfleet", "up", "--sandbox", "--yes", "--output", "json")
    return time.perf_counter() - began, json.loads(said)["phases"]


def _loop(folder: Path) -> tuple[float, Mapping[str, float]]:
    began = time.perf_counter()
    phases = dict.fromkeys(PHASES, 0.0)
    for stack in stacks_of(load(folder / "cells.yaml")):
        if stack.subject in _retired(folder):
            continue  # cellfleet gives no stacks to a retired cell that has none
        seconds: dict[str, Any] = json.loads(_run(folder, "-m", "benchmarks.one_stack", stack.name, str(folder)))
        phases = {phase: phases[phase] + seconds[phase] for phase in PHASES}
    return time.perf_counter() - began, phases


def _retired(folder: Path) -> frozenset[str]:
    return frozenset(cell.name for cell in load(folder / "cells.yaml").managed() if cell.state == "retired")


def _urns(folder: Path) -> list[str]:
    with Books(folder / ".cellfleet/sandbox") as books:
        return sorted(made.urn for made in books.all())


def _run(folder: Path, *arguments: str) -> str:
    """Run Python with a folder's sandbox in place of the clouds.

    Raises SystemExit with what it said when it fails.
    """
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "PYTHONPYCACHEPREFIX": str(ROOT / ".cellfleet/bytecode"),
        "PATH": f"{find(ROOT).executable.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        **process.environment(folder / ".cellfleet/sandbox"),
    }
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def _table(measured: Mapping[str, tuple[float, Mapping[str, float]]]) -> Iterator[str]:
    yield "| seconds on the clock | all | " + " | ".join(PHASES) + " | rest |"
    yield "|---|---:|" + "---:|" * (len(PHASES) + 1)
    for name, (seconds, phases) in measured.items():
        cells = [f"{phases[phase]:.1f}" for phase in PHASES]
        yield f"| {name} | {seconds:.1f} | " + " | ".join(cells) + f" | {seconds - sum(phases.values()):.1f} |"
    yield ""
    yield "starting: Python, the inventory. preparing: stacks made or selected, SDKs imported (in the loop they are"
    yield "imported while it previews). rest: the process's beginning and end, the sandbox where it has to be started."


if __name__ == "__main__":
    main()

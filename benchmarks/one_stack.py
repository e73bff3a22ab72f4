"""One stack, deployed by one fresh process: what a loop over plain `pulumi up --yes` costs, where its language host is
absent.

`python -m benchmarks.one_stack NAME FOLDER`. The same program as cellfleet runs, previewed and then deployed as `pulumi
up` does, by the Automation API as it comes. Writes to stdout, as JSON, where the seconds went.
"""

from __future__ import annotations

import time

BEGAN = time.perf_counter()

import json  # noqa: E402 (what comes first is measured)
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from pulumi import automation  # noqa: E402

from cellfleet.inventory.load import load  # noqa: E402
from cellfleet.inventory.stack import Stack, stacks_of  # noqa: E402
from stacks import program_of  # noqa: E402


def main(name: str, folder: Path) -> None:
    """Deploy one stack; with no name, make all of them, empty, so that each finds those that it reads."""
    fleet = load(folder / "cells.yaml")
    imported = time.perf_counter()
    for stack in [name] if name else [stack.name for stack in stacks_of(fleet)]:
        opened = automation.create_or_select_stack(
            stack,
            project_name=fleet.project,
            program=program_of(fleet, Stack.parse(stack)),
            opts=automation.LocalWorkspaceOptions(
                work_dir=str(folder),
                project_settings=automation.ProjectSettings(fleet.project, "python"),
            ),
        )
    selected = time.perf_counter()
    if not name:
        return
    opened.preview()
    previewed = time.perf_counter()
    opened.up()
    ended = time.perf_counter()
    seconds = {
        "starting": imported - BEGAN,
        "preparing": selected - imported,
        "previewing": previewed - selected,
        "deploying": ended - previewed,
    }
    print(json.dumps(seconds))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

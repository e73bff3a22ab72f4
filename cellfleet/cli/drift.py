"""`cellfleet drift`: where the clouds are not what the state says."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from cellfleet.cli import InventoryPath
from cellfleet.cli.deploy import UNEXPECTED_CHANGES, Output, Parallel, exit_code, session
from cellfleet.cli.options import Sandbox


def drift(
    *stacks: str,
    inventory: InventoryPath = Path("cells.yaml"),
    sandbox: Sandbox = False,
    parallel: Parallel = 0,
    output: Output = "text",
) -> int:
    """Compare what the clouds have with what the state says, change neither, and end with 7 where they differ.

    Parameters
    ----------
    stacks
        Names or globs of stacks (`cell-us-*`); all of them when none is given.
    inventory
        The fleet's file.
    """
    from cellfleet.cli.output.stacks import write
    from cellfleet.engine.report import Report, Result

    began = time.monotonic()
    with session(inventory, stacks, sandbox=sandbox, parallel=parallel) as run:
        run.runner.keep_existing()
        report = Report(run.runner.drift(), run.strays, time.monotonic() - began)
    code = exit_code(report)
    if not code and any(outcome.result is Result.DRIFTED for outcome in report.outcomes):
        code = UNEXPECTED_CHANGES
    write(run.fleet, report, output=output, command="drift", exit_code=code, whole=False)
    if code == UNEXPECTED_CHANGES:
        print("`cellfleet up --refresh` mends it.", file=sys.stderr)
    return code

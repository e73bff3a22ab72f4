"""`cellfleet preview`: what `up` would do."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cellfleet.cli import VIOLATED, InventoryPath
from cellfleet.cli.deploy import (
    UNEXPECTED_CHANGES,
    Accept,
    AsOf,
    Output,
    Packs,
    Parallel,
    Refresh,
    accepted,
    exit_code,
    session,
)
from cellfleet.cli.options import Sandbox


def preview(
    *stacks: str,
    inventory: InventoryPath = Path("cells.yaml"),
    sandbox: Sandbox = False,
    refresh: Refresh = False,
    parallel: Parallel = 0,
    output: Output = "text",
    accept: Accept = (),
    as_of: AsOf = None,
    policy_pack: Packs = (),
    expect_no_changes: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Say what `up` would do, and change nothing; stacks that do not exist yet are made, empty.

    Parameters
    ----------
    stacks
        Names or globs of stacks (`cell-us-*`); all of them when none is given.
    inventory
        The fleet's file.
    expect_no_changes
        End with 7 if `up` would change anything.
    """
    from cellfleet.cli.judged import refused
    from cellfleet.cli.output.stacks import write
    from cellfleet.engine.report import Report

    began = time.monotonic()
    accepted(accept, as_of)
    with session(inventory, stacks, sandbox=sandbox, parallel=parallel, refresh=refresh, packs=policy_pack) as run:
        run.runner.prepare()
        stopped = refused(run, run.runner.preview())
        report = Report(run.runner.previewed(), run.strays, time.monotonic() - began)
    code = VIOLATED if stopped else exit_code(report)
    if not code and expect_no_changes and report.changed:
        code = UNEXPECTED_CHANGES
    write(run.fleet, report, output=output, command="preview", exit_code=code, whole=run.whole)
    return code

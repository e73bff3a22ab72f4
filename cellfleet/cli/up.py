"""`cellfleet up`: deploy the fleet."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cellfleet.cli import BAD_INVOCATION, VIOLATED, InventoryPath
from cellfleet.cli.deploy import (
    CANCELLED,
    Accept,
    Adopt,
    AsOf,
    Output,
    Packs,
    Parallel,
    Refresh,
    Session,
    Yes,
    accepted,
    confirm,
    exit_code,
    session,
)
from cellfleet.cli.options import Sandbox
from cellfleet.failure import Failure
from cellfleet.inventory.stack import Kind, Stack

if TYPE_CHECKING:
    from cellfleet.engine.report import Outcome

HOLDS_A_CELL: Final = re.compile(
    r"^(aws:(rds/cluster|rds/globalCluster|s3/bucket|kms/key|eks/cluster|route53/zone)"
    r"|gcp:(sql/databaseInstance|storage/bucket|kms/cryptoKey|container/cluster|dns/managedZone)"
    r"|azure-native:(dbforpostgresql:Server|storage:StorageAccount|keyvault:(Key|Vault)|containerservice:ManagedCluster"
    r"|dns:Zone|network:Zone|resources:ResourceGroup)"
    r"|kubernetes:(core/v1:(Namespace|PersistentVolumeClaim)|apps/v1:StatefulSet)):?\b"
)
"""Types of resources that are a cell's data, its keys, or what all else of it stands on."""


def up(
    *stacks: str,
    inventory: InventoryPath = Path("cells.yaml"),
    sandbox: Sandbox = False,
    yes: Yes = False,
    refresh: Refresh = False,
    parallel: Parallel = 0,
    output: Output = "text",
    accept: Accept = (),
    adopt: Adopt = (),
    as_of: AsOf = None,
    policy_pack: Packs = (),
) -> int:
    """Deploy the fleet, or some of its stacks: preview all, ask, then deploy each as soon as what it needs is done.

    Run it again after any interruption: it goes on from there.

    Parameters
    ----------
    stacks
        Names or globs of stacks (`cell-us-*`); all of them when none is given.
    inventory
        The fleet's file.
    """
    from cellfleet.cli.judged import refused
    from cellfleet.cli.output.stacks import write
    from cellfleet.engine.report import Report, Result
    from cellfleet.engine.turns import in_turn

    began = time.monotonic()
    losses = accepted(accept, as_of)
    with session(
        inventory, stacks, sandbox=sandbox, parallel=parallel, adopt=adopt, refresh=refresh, packs=policy_pack
    ) as run:
        started = time.monotonic()
        run.runner.prepare()
        prepared = time.monotonic()
        previewed = run.runner.preview(settle=True)
        seen = time.monotonic()
        if refused(run, previewed):
            report = Report(run.runner.previewed(), run.strays, time.monotonic() - began)
            write(run.fleet, report, output=output, command="up", exit_code=VIOLATED, whole=False)
            return VIOLATED
        _refuse_losses(previewed, losses)
        previewed = run.runner.previewed()
        changing = [outcome.stack for outcome in previewed if outcome.result is Result.CHANGES]
        if changing and not run.runner.interrupted and not confirm(_question(previewed), yes=yes):
            write(
                run.fleet, Report(previewed, run.strays), output=output, command="up", exit_code=CANCELLED, whole=False
            )
            return CANCELLED
        asked = time.monotonic()
        run.runner.plan(in_turn(run.fleet, run.runner.tasks, _routed(run)))
        outcomes = run.runner.up()
        phases = {
            "starting": started - began,
            "preparing": prepared - started,
            "previewing": seen - prepared,
            "deploying": time.monotonic() - asked,
        }
        report = Report(outcomes, run.strays, sum(phases.values()), phases)
    code = exit_code(report)
    write(run.fleet, report, output=output, command="up", exit_code=code, whole=run.whole)
    return code


def _routed(run: Session) -> dict[str, frozenset[str]]:
    """The cells that routers route today, by locality, of the routing stacks that this run deploys."""
    asked = [Stack.parse(task.stack) for task in run.runner.tasks]
    outputs = {each.subject: run.runner.outputs(each.name) for each in asked if each.kind is Kind.ROUTING}
    return {name: frozenset(told.get("cells", ())) for name, told in outputs.items() if told is not None}


def _question(previewed: Iterable[Outcome]) -> str:
    outcomes = list(previewed)
    totals = {
        kind: sum(outcome.counts.get(kind, 0) for outcome in outcomes)
        for kind in ("create", "update", "replace", "delete")
    }
    changes = ", ".join(f"{number:,} to {kind}" for kind, number in totals.items() if number) or "outputs or state only"
    return f"Deploy {changes}?"


def _refuse_losses(previewed: Sequence[Outcome], accepted_losses: frozenset[str]) -> None:
    """Raise Failure where a cell would lose what holds its data, and that was not said to be meant."""
    for outcome in previewed:
        stack = Stack.parse(outcome.stack)
        lost = [
            change for change in outcome.changes
            if change.kind in ("delete", "replace") and HOLDS_A_CELL.match(change.type)
        ]  # fmt: skip
        if stack.kind is Kind.CELL and lost and stack.subject not in accepted_losses:
            named = ", ".join(f"{change.kind} {change.name}" for change in lost[:5])
            raise Failure(
                f"{outcome.stack} would lose what holds the cell: {named}.",
                f"Undo the change in the inventory, or say that it is meant: --accept destroy={stack.subject}",
                exit_code=BAD_INVOCATION,
            )

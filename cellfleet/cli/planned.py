"""A plan of moves carried out, as far as the inventory decides who lives where.

Where it does not (`authority: directory`), the tenant file is a snapshot of what the product decided, and an edit of it
would be a lie until the next one. The plan is then shown, for whoever has the directory carry it out.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Final, Literal

from cellfleet.cli.edited import Edits, Outcome, carry_out
from cellfleet.cli.output import moves
from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet
from cellfleet.placement.plan import Plan

FORMAT_VERSION: Final = 1
PlanOutput = Literal["text", "json"]


def decided_here(fleet: Fleet) -> bool:
    """Whether the inventory's tenant file decides who lives where."""
    return fleet.tenants is not None and fleet.tenants.authority == "inventory"


def refuse_elsewhere(fleet: Fleet) -> None:
    """Raise Failure where the product's directory decides who lives where."""
    if fleet.tenants is not None and not decided_here(fleet):
        raise Failure(
            f"The product's directory decides who lives where, and {fleet.tenants.file} is a snapshot of it.",
            "Have the directory do it. The plan is shown with --diff, and with --output json.",
        )


def carry_out_plan(
    edits: Edits,
    plan: Plan,
    inventory: Path,
    as_of: date,
    *,
    dry: bool,
    output: PlanOutput,
    said: Sequence[str] = (),
    then: str = "",
) -> int:
    """Edit the files by a plan, and say what has become of it: `said` comes before, `then` after it."""
    here = decided_here(edits.fleet)
    if here and not edits.rows:
        edits = replace(edits, cells={move.tenant: move.to_cell for move in plan.moves})
    outcome = carry_out(edits, inventory, as_of, dry=dry, show=dry and output == "text")
    if output == "json":
        print(json.dumps(_as_json(plan, outcome, here), indent=2))
        return outcome.exit_code
    if outcome.exit_code == 0:
        for line in (*said, *moves.sentences(plan)):
            print(line)
        if plan.moves and not here:
            print("The directory decides who lives where: have it do this (--output json lists them).")
        print(*([then] if then else []), outcome, sep="\n")
    for line in moves.troubles(plan):
        print(line, file=sys.stderr)
    return outcome.exit_code


def _as_json(plan: Plan, outcome: Outcome, here: bool) -> dict[str, object]:
    return {
        "format_version": FORMAT_VERSION,
        "written": outcome.written,
        "authority": "inventory" if here else "directory",
        "changed_lines": dict(outcome.changed),
        **moves.as_json(plan),
        "findings": [asdict(finding) for finding in outcome.findings],
    }

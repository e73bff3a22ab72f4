"""What the rules say of what `preview` has shown, before `up` makes any of it.

Programs judge their own cell and locality before they register anything (`stacks.guard`). Here the whole run is judged
as well: the resources that it would make, and the change of the fleet from what is deployed to what is declared.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cellfleet.inventory.finding import Scope
from cellfleet.inventory.stack import Kind, Stack

if TYPE_CHECKING:
    from cellfleet.cli.deploy import Session
    from cellfleet.engine.report import Outcome
    from cellfleet.inventory.finding import Finding


def refused(run: Session, previewed: Iterable[Outcome]) -> bool:
    """Whether rules refuse the whole run, which stderr is told; what only adds to a fleet that is short of room is
    refused alone, and the rest goes on."""
    from cellfleet.cli.output import text
    from cellfleet.engine.report import Result
    from policies.stopping import eases
    from stacks.guard import refusal
    from stacks.guard import refused as by_program

    results = {outcome.stack: outcome.result for outcome in previewed}
    stops = _stops(run, [stack for stack, result in results.items() if result is Result.CHANGES])
    for stack, findings in stops.items():
        run.runner.refuse(stack, refusal(findings), "Mend it, waive it, or give --accept RULE=reason.")
    others = {stack: [*by_program(stack)] for stack, result in results.items() if result is Result.REFUSED}
    stops |= others
    whole = dict.fromkeys(finding for some in stops.values() for finding in some if not eases(finding))
    text.write(sorted(whole, key=lambda finding: (finding.location, finding.rule, finding.message)), sys.stderr)
    by_pack = [stack for stack, findings in others.items() if not findings]
    return bool(whole or by_pack)


def _stops(run: Session, changing: Sequence[str]) -> dict[str, list[Finding]]:
    """What stops each stack that would change, its resources among it."""
    from cellfleet.engine.record import recorded
    from policies.asked import accepted, as_of
    from policies.judge import judge
    from policies.lifecycle.before import of_outputs
    from policies.stopping import adds, stopping
    from stacks.guard import facts_of, take

    if not changing:
        return {}
    asked = [Stack.parse(task.stack) for task in run.runner.tasks]
    last = {stack.name: run.runner.outputs(stack.name) or {} for stack in asked}
    before = of_outputs({stack.name: last[stack.name] for stack in asked if stack.kind is Kind.CELL})
    facts = facts_of(run.fleet, as_of(), before)
    recordings = [recorded(run.fleet, Stack.parse(name)) for name in changing]
    findings = judge(facts, recordings, measured={Scope.FLEET, Scope.RESOURCES})
    stops, reasons = {}, accepted()
    for name in changing:
        stack = Stack.parse(name)
        every = [*stopping(run.fleet, stack, findings, adds=adds(run.fleet, stack, last[name]))]
        stops[name] = [finding for finding in every if finding.rule not in reasons]
        take(name, {finding.rule: reasons[finding.rule] for finding in every if finding.rule in reasons})
    return {name: some for name, some in stops.items() if some}

"""What a program does before it registers anything: it stops for what is wrong with its own cell or locality.

So a plain `pulumi up` is held to the same rules as `cellfleet check`, whether or not policy packs are given to it.
What somebody takes upon himself (`policies.asked`) is said in the stack's output `accepted`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final

import pulumi

from cellfleet.failure import Failure
from cellfleet.inventory.finding import Finding
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Kind, Stack
from policies.asked import ACCEPT, accepted, as_of
from policies.judge import judge
from policies.lifecycle.before import Before, of_outputs
from policies.lifecycle.family import LIFECYCLE
from policies.rule import Facts
from policies.stopping import adds, concerning, eases, sentence, stopping, told
from stacks import program_of
from stacks.reference import outputs_last
from stacks.tenants import tenants_of

REFUSED: Final = "Refused by the fleet's rules"
"""How what a program raises then begins."""
_VIOLATED: Final = 5

_judged: dict[tuple[int, date], tuple[Facts, tuple[Finding, ...]]] = {}
"""What was judged last, by the fleet's id(), which is no other's while its facts are kept here. The programs of one run
are of the same fleet, or of it without some cells."""
_MOST_JUDGED: Final = 4
_judging: Final = threading.Lock()
"""Programs run in several threads."""
_refused: dict[str, tuple[Finding, ...]] = {}
"""What stopped programs of this process, by stack."""
_taken: dict[str, Mapping[str, str]] = {}
"""The reasons for which findings on what programs make are accepted, by stack and rule."""


def guarded(fleet: Fleet, stack: Stack) -> Callable[[], None]:
    """The program of a stack, which judges before it does anything."""
    program = program_of(fleet, stack)

    def run() -> None:
        refuse(fleet, stack)
        program()

    return run


def refuse(fleet: Fleet, stack: Stack) -> None:
    """Raise Failure where a rule stops the running stack; tell what does not stop it, and export what is accepted."""
    own = [*concerning(fleet, stack, judged(fleet))]
    outputs = outputs_last() if stack.kind is Kind.CELL or any(map(eases, own)) else None
    if stack.kind is Kind.CELL and outputs:
        of_change = judge(
            Facts(fleet, None, as_of(), of_outputs({stack.name: outputs})), checks=LIFECYCLE.fleet, measured=frozenset()
        )
        own = list(dict.fromkeys([*own, *concerning(fleet, stack, of_change)]))
    reasons = accepted()
    stops = (*stopping(fleet, stack, own, adds=adds(fleet, stack, outputs), accepted=reasons),)
    if stops:
        _refused[stack.name] = stops
        raise Failure(refusal(stops), f"Mend it, waive it, or set {ACCEPT}=RULE=reason.", exit_code=_VIOLATED)
    taken = {finding.rule: reasons[finding.rule] for finding in own if finding.rule in reasons}
    if taken := {**_taken.get(stack.name, {}), **taken}:
        pulumi.export("accepted", taken)
    for finding in own:
        pulumi.log.warn(told(finding))


def take(stack: str, reasons: Mapping[str, str]) -> None:
    """Have a stack's program say, when it is deployed, what is accepted of what it makes."""
    _taken[stack] = reasons


def refused(stack: str) -> tuple[Finding, ...]:
    """What stopped a stack's program, if it was stopped in this process."""
    return _refused.get(stack, ())


def refusal(stops: Iterable[Finding]) -> str:
    """What stops a stack, in sentences."""
    return "\n".join([f"{REFUSED}:", *(f"{told(finding)} {sentence(finding.remedy)}" for finding in stops)])


def judged(fleet: Fleet) -> tuple[Finding, ...]:
    """What the fleet rules find today."""
    day = as_of()
    key = id(fleet), day
    with _judging:
        if key not in _judged:
            facts = facts_of(fleet, day)
            findings = judge(facts)
            while len(_judged) >= _MOST_JUDGED:
                del _judged[next(iter(_judged))]
            _judged[key] = facts, findings
        return _judged[key][1]


def facts_of(fleet: Fleet, day: date, before: Before | None = None) -> Facts:
    """A fleet with its tenants. Where they cannot be read, that stops the stacks that hold them, and not the others."""
    try:
        tenants = tenants_of(fleet)
    except Failure as failure:
        pulumi.log.warn(f"{failure.message} Rules that look at tenants are left out.")
        tenants = None
    return Facts(fleet, tenants, day, before)

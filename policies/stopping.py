"""Which findings stop a deployment, and which are only told.

A program stops for what is wrong with its own cell or locality: a shortage in one locality does not hold up another's
repair. Capacity and dates stop only what adds to a fleet, which is a stack that is deployed for the first time or a
cell that begins to take tenants or changes its class; never a drain, a rollback or a repair, such as the cell that
restores a lost one. Nor does a shortage of a whole locality stop the cell that is added to it, for that is its cure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from cellfleet.inventory.finding import Finding, Severity
from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.stack import Kind, Stack
from cellfleet.inventory.types import State

_OF_CELLS: Final = (Kind.CELL, Kind.WORKLOAD)


def concerning(fleet: Fleet, stack: Stack, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings on a stack's own cell, its locality or its resources."""
    cell = fleet.cells.get(stack.subject) if stack.kind in _OF_CELLS else None
    locality = cell.locality if cell else stack.subject
    own = {f"cells.{stack.subject}"} if cell else set()
    wanted = {*own, f"localities.{locality}"} if locality else set()
    own_urns = f"urn:pulumi:{stack.name}::"  # of `dns`, which is no cell's and no locality's, all that it is told by
    return (
        finding
        for finding in findings
        if not wanted.isdisjoint(finding.concerns) or finding.resource.startswith(own_urns)
    )


def stopping(
    fleet: Fleet, stack: Stack, findings: Iterable[Finding], *, adds: bool, accepted: Collection[str] = ()
) -> Iterator[Finding]:
    """Those of the findings that stop a stack; `accepted` are ids of rules whose findings somebody takes upon
    himself."""
    for finding in concerning(fleet, stack, findings):
        if finding.severity is not Severity.ERROR or finding.waived or finding.rule in accepted:
            continue
        if not eases(finding) or (adds and _is_of(stack, finding)):
            yield finding


def eases(finding: Finding) -> bool:
    """Whether a finding gives way to a drain, a rollback or a repair."""
    return finding.rule.startswith("CAP-") or finding.dated


def adds(fleet: Fleet, stack: Stack, outputs: Mapping[str, Any] | None) -> bool:
    """Whether a deployment of a stack adds to the fleet; `outputs` are what it said of itself when it was last
    deployed, None or empty where it never was."""
    if stack.kind not in _OF_CELLS:
        return not outputs
    cell = fleet.cells.get(stack.subject)
    if not isinstance(cell, ManagedCell) or cell.state not in (State.PROVISIONING, State.ACTIVE):
        return False
    was = (outputs or {}).get("declared") or {}
    begins = not outputs or (cell.state is State.ACTIVE and was.get("state") == State.PROVISIONING)
    return (begins and cell.restores is None) or was.get("class", cell.class_) != cell.class_


def _is_of(stack: Stack, finding: Finding) -> bool:
    return stack.kind not in _OF_CELLS or f"cells.{stack.subject}" in finding.concerns


def told(finding: Finding) -> str:
    """A finding in a line, for the engine's log."""
    measure = f" ({finding.measured}; allowed: {finding.limit})" if finding.measured and finding.limit else ""
    waived = f" Waived by {finding.waived}." if finding.waived else ""
    return f"{finding.location}: {finding.rule} {finding.message}{measure}.{waived}"


def sentence(remedy: str) -> str:
    """A remedy, which is told after other words, as a sentence of its own."""
    return f"{remedy[:1].upper()}{remedy[1:]}{'' if remedy.endswith(('.', '?')) else '.'}"

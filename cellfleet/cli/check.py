"""`cellfleet check`: everything that is wrong with the inventory, and the figures of what can be understood of it.

The rules of the fleet are always measured. `--routes` proves the routing on what routers would be given, `--resources`
records the programs and measures the rules of resources, `--deployed` measures them on what is deployed, and `--base`
those of a change.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from cyclopts import Parameter

from cellfleet.cli import BAD_INVOCATION, FAILED, VIOLATED, InventoryPath
from cellfleet.cli.options import Deployed, Sandbox, only_with_deployed
from cellfleet.cli.output import Output, write
from cellfleet.cli.tenants import files_of, read
from cellfleet.failure import Failure
from cellfleet.inventory.finding import Finding, Invalid, Scope, Severity, TenantFile
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.types import State

if TYPE_CHECKING:
    from cellfleet.cli.deployed import Standing
    from cellfleet.inventory.tenants.columns import Tenants
    from policies.lifecycle.before import Before
    from policies.resource import Resources
    from policies.routing.prove import Proof

_SHOWN: Final = 6
"""Of what is fullest, and of programs that fail."""
_RANKS: Final = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What beside the fleet's own rules is measured."""

    day: date
    routes: bool
    resources: bool
    deployed: bool
    sandbox: bool
    base: str | None

    @property
    def measured(self) -> frozenset[Scope]:
        """What rules are measured on."""
        resources = self.resources or self.deployed
        on = {Scope.RESOURCES: resources, Scope.ROUTING: self.routes, Scope.CHANGE: self.base is not None}
        return frozenset({Scope.INVENTORY, Scope.FLEET, *(scope for scope, wanted in on.items() if wanted)})


def check(
    *,
    inventory: InventoryPath = Path("cells.yaml"),
    output: Output = Output.TEXT,
    as_of: date | None = None,
    routes: Annotated[bool, Parameter(negative="")] = False,
    resources: Annotated[bool, Parameter(negative="")] = False,
    deployed: Deployed = False,
    sandbox: Sandbox = False,
    base: str | None = None,
    fail_on: Literal["error", "warning", "note"] = "error",
) -> int:
    """Say everything that is wrong with the inventory, its tenants and the fleet that they declare.

    Ends with 2 where they cannot be understood, with 1 where a program cannot say what it makes, and with 5 where a
    rule is broken that nobody waived.

    Parameters
    ----------
    inventory
        The fleet's file.
    output
        How to show what was found.
    as_of
        The day to check for, such as 2026-12-31; today where it is not given.
    routes
        Also prove the routing: make what each locality's routers are given, and ask it where requests go.
    resources
        Also record what each stack's program makes, without an engine, and measure the rules of resources.
    deployed
        Measure the rules of resources on what is deployed, as the engine's state has it.
    base
        A git revision: also measure the rules of a change, from where it and HEAD parted to the files as they are.
    fail_on
        The least severity of a broken rule for which to end with 5.
    """
    only_with_deployed(sandbox=sandbox, deployed=deployed)
    asked = _Asked(as_of or datetime.now(UTC).date(), routes, resources, deployed, sandbox, base)
    try:
        fleet = load(inventory)
    except Invalid as invalid:
        _, _, further = _tenants(invalid.tenants, inventory, asked.day)
        return _misunderstood(output, (*invalid.findings, *further))
    tenants, figures, findings = _tenants(files_of(fleet), inventory, asked.day)
    if any(finding.severity is Severity.ERROR for finding in findings):
        return _misunderstood(output, findings, {**_figures(fleet), **figures})
    stacks, failures = _recorded(fleet) if resources else ((), ())
    if failures:  # what is found without them is told nevertheless
        asked = replace(asked, resources=False)
    try:
        broken, proved = _judged(fleet, tenants, asked, inventory, stacks)
    except Invalid as invalid:
        return _misunderstood(output, (*findings, *invalid.findings))
    findings = (*findings, *broken)
    summary = {**_figures(fleet), **figures, **proved, "valid": True, "findings": _counted(findings)}
    write(output, findings, summary, sys.stdout, ran=asked.measured, fail_on=Severity(fail_on))
    if output is Output.TEXT:
        print("\n".join(_sentences(inventory, summary)))
    if failures:
        from cellfleet.cli.output import text

        sys.stdout.flush()
        for one in failures[:_SHOWN]:
            text.write_failure(one, sys.stderr)
        if len(failures) > _SHOWN:
            print(f"and {len(failures) - _SHOWN:,} more", file=sys.stderr)
        return FAILED
    failing = any(_RANKS[each.severity] >= _RANKS[Severity(fail_on)] for each in findings if not each.waived)
    return VIOLATED if failing else 0


def _misunderstood(output: Output, findings: tuple[Finding, ...], figures: Mapping[str, Any] | None = None) -> int:
    write(output, findings, {**(figures or {}), "valid": False}, sys.stdout)
    return BAD_INVOCATION


def _judged(
    fleet: Fleet, tenants: Tenants | None, asked: _Asked, inventory: Path, stacks: Sequence[Resources]
) -> tuple[tuple[Finding, ...], dict[str, Any]]:
    """What breaks a rule, and the figures of the proofs.

    Raises Invalid where the numbers that the fleet sets for rules cannot be understood.
    """
    from policies.judge import judge
    from policies.rule import Facts

    facts = Facts(fleet, tenants, asked.day, _before(inventory, asked.base))
    there = _standing(fleet, inventory, asked) if asked.deployed else None
    proof = _proof(fleet, tenants) if asked.routes else None
    every = (*stacks, *(there.stacks if there else ()))
    findings = judge(facts, every, proof.findings if proof else (), measured=asked.measured)
    figures: dict[str, Any] = {}
    if stacks:
        figures["resources"] = {"stacks": len(stacks), "resources": sum(len(stack.every) for stack in stacks)}
    if there:
        figures["deployed"] = there.as_json()
    if proof:
        figures["routing"] = [room.as_json() for room in proof.room]
    return findings, figures


def _standing(fleet: Fleet, inventory: Path, asked: _Asked) -> Standing:
    from cellfleet.cli.deployed import standing

    return standing(fleet, inventory, sandbox=asked.sandbox)


def _before(inventory: Path, base: str | None) -> Before | None:
    if base is None:
        return None
    from cellfleet.cli.base import base as at_base

    return at_base(inventory, base)


def _recorded(fleet: Fleet) -> tuple[tuple[Resources, ...], tuple[Failure, ...]]:
    """What each stack's program makes, and why others do not say what they make."""
    from cellfleet.engine.record import recorded
    from cellfleet.inventory.stack import stacks_of

    made, failures = [], {}
    for stack in stacks_of(fleet):
        try:
            made.append(recorded(fleet, stack))
        except Failure as failure:
            failures[failure.message, failure.remedy] = failure
    return tuple(made), tuple(failures.values())


def _proof(fleet: Fleet, tenants: Tenants | None) -> Proof:
    from cellfleet.inventory.pseudonym import tenant_key
    from policies.routing.prove import prove

    return prove(fleet, tenants, tenant_key(fleet))


def _counted(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings there are of each severity, and how many are waived."""
    counts = Counter("waived" if finding.waived else str(finding.severity) for finding in findings)
    return {kind: counts[kind] for kind in ("error", "warning", "note", "waived")}


def _tenants(
    named: TenantFile | None, inventory: Path, as_of: date
) -> tuple[Tenants | None, dict[str, Any], tuple[Finding, ...]]:
    """The tenants, the figures of their file and of their keys, named relative to the inventory, and what is wrong with
    them."""
    if named is None:
        return None, {}, ()
    tenants, keys, findings = read(named, inventory, as_of)
    figures: dict[str, Any] = {"tenants": {cell: load.tenants for cell, load in tenants.by_cell.items()}}
    figures["aliases"] = tenants.aliases.num_rows
    return tenants, figures if keys is None else {**figures, "project_keys": len(keys)}, findings


def _figures(fleet: Fleet) -> dict[str, Any]:
    """The figures of the inventory, as JSON has them."""
    states = Counter(cell.state for cell in fleet.cells.values())
    cells = Counter(cell.locality for cell in fleet.cells.values())
    return {
        "fleet": fleet.settings.name,
        "environment": fleet.settings.environment,
        "localities": {name: cells[name] for name in fleet.localities},
        "cells": {str(state): states[state] for state in State if states[state]},
    }


def _sentences(inventory: Path, summary: Mapping[str, Any]) -> list[str]:
    localities = ", ".join(f"{name} {cells:,}" for name, cells in summary["localities"].items())
    states = ", ".join(f"{cells:,} {state}" for state, cells in summary["cells"].items())
    sentences = [
        f"{inventory}: the inventory of {summary['fleet']}, {summary['environment']}, can be understood",
        f"  localities  {len(summary['localities'])}: {localities}",
        f"  cells       {sum(summary['cells'].values()):,}: {states}",
    ]
    if "tenants" in summary:
        total, cells = sum(summary["tenants"].values()), sum(map(bool, summary["tenants"].values()))
        aliases = f", and {summary['aliases']:,} aliases" if summary["aliases"] else ""
        keys = f", {summary['project_keys']:,} project keys" if "project_keys" in summary else ""
        sentences.append(f"  tenants     {total:,} in {cells:,} cell{'' if cells == 1 else 's'}{aliases}{keys}")
    if "resources" in summary:
        made = summary["resources"]
        sentences.append(
            f"  resources   {made['resources']:,} of {made['stacks']:,} stacks, as their programs make them"
        )
    if "deployed" in summary:
        from cellfleet.cli.deployed import told

        sentences.append(f"  deployed    {told(summary['deployed'])}")
    if "routing" in summary:
        sentences.append(
            "  routing     asked where requests go; what routers are given takes of the room that there is"
        )
        for room in sorted(summary["routing"], key=lambda room: -room["used"] / room["limit"])[:_SHOWN]:
            share = f"{room['used'] / room['limit']:.1%}"
            sentences.append(f"  {share:>10}  {room['used']:,} of {room['limit']:,} {room['what']} ({room['subject']})")
    return sentences

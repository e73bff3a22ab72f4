"""`cellfleet check`: everything that is wrong with the inventory, or the figures of one that is well; with `--routes`
also what is wrong with its routing, proved on what routers would be given."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from cyclopts import Parameter

from cellfleet.cli import BAD_INVOCATION, VIOLATED, InventoryPath
from cellfleet.cli.output import Output, write
from cellfleet.cli.tenants import files_of, read
from cellfleet.inventory.finding import Finding, Invalid, Scope, Severity, TenantFile
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.types import State

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants
    from policies.routing.prove import Proof

_SHOWN: Final = 6
"""Of what is fullest."""
_RANKS: Final = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


def check(
    *,
    inventory: InventoryPath = Path("cells.yaml"),
    output: Output = Output.TEXT,
    as_of: date | None = None,
    routes: Annotated[bool, Parameter(negative="")] = False,
    fail_on: Literal["error", "warning", "note"] = "error",
) -> int:
    """Say everything that is wrong with the inventory and its tenant file.

    Ends with 2 where it cannot be understood, and with 5 where it breaks a rule.

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
    fail_on
        The least severity of a broken rule for which to end with 5.
    """
    summary: dict[str, Any] = {"valid": False}
    violated = False
    ran = {Scope.INVENTORY}
    findings: tuple[Finding, ...]
    day = as_of or datetime.now(UTC).date()
    try:
        fleet = load(inventory)
    except Invalid as invalid:
        _, _, further = _tenants(invalid.tenants, inventory, day)
        findings = (*invalid.findings, *further)
    else:
        tenants, figures, findings = _tenants(files_of(fleet), inventory, day)
        summary = _figures(fleet) | figures
    summary["valid"] = all(finding.severity is not Severity.ERROR for finding in findings)
    if routes and summary["valid"]:
        ran.add(Scope.ROUTING)
        proof = _proof(fleet, tenants)
        summary["routing"] = [room.as_json() for room in proof.room]
        violated = any(_RANKS[finding.severity] >= _RANKS[Severity(fail_on)] for finding in proof.findings)
        findings = (*findings, *proof.findings)
    write(output, findings, summary, sys.stdout, ran=ran, fail_on=Severity(fail_on))
    if not summary["valid"]:
        return BAD_INVOCATION
    if output is Output.TEXT:
        print("\n".join(_sentences(inventory, summary)))
    return VIOLATED if violated else 0


def _proof(fleet: Fleet, tenants: Tenants | None) -> Proof:
    from cellfleet.inventory.pseudonym import tenant_key
    from policies.routing.prove import prove

    return prove(fleet, tenants, tenant_key(fleet))


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
        sentences.append(f"  tenants     {total:,} in {cells:,} cells{aliases}{keys}")
    if "routing" in summary:
        sentences.append(
            "  routing     asked where requests go; what routers are given takes of the room that there is"
        )
        for room in sorted(summary["routing"], key=lambda room: -room["used"] / room["limit"])[:_SHOWN]:
            share = f"{room['used'] / room['limit']:.1%}"
            sentences.append(f"  {share:>10}  {room['used']:,} of {room['limit']:,} {room['what']} ({room['subject']})")
    return sentences

"""What nothing is wrong with: the example fleet and the tests' own, on all stacks that deploy them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pytest

from cellfleet.engine.record import recorded
from cellfleet.inventory.finding import Finding, Severity
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Stack, stacks_of
from policies.isolation.witness import witness
from policies.judge import judge
from policies.resource import Resources
from policies.rule import Facts
from stacks.guard import facts_of
from tests.engine.tiny import ROOT
from tests.fleets import fleet
from tests.policies.case import TODAY

EXAMPLE = load(ROOT / "cells.yaml")
FLEETS = {"example": EXAMPLE, "test": fleet()}
each_fleet = pytest.mark.parametrize("name", FLEETS)


@cache
def facts(name: str) -> Facts:
    return facts_of(FLEETS[name], TODAY)


@cache
def resources(name: str, stack: Stack) -> Resources:
    return recorded(FLEETS[name], stack)


def serious(findings: Sequence[Finding]) -> list[str]:
    """What a person would be asked to act on."""
    return [
        f"{finding.rule} {finding.message} {finding.resource}"
        for finding in findings
        if finding.severity in (Severity.ERROR, Severity.WARNING) and not finding.waived
    ]


@each_fleet
def test_the_fleet_violates_no_rule(name: str) -> None:
    assert facts(name).tenants is not None or FLEETS[name].tenants is None
    assert serious(judge(facts(name))) == []


@pytest.mark.parametrize(
    ("name", "stack"),
    [(name, stack) for name, declared in FLEETS.items() for stack in stacks_of(declared)],
    ids=lambda one: one.name if isinstance(one, Stack) else one,
)
def test_no_resource_of_a_stack_violates_a_rule(name: str, stack: Stack) -> None:
    assert len(resources(name, stack).every) > 0
    assert serious(judge(facts(name), [resources(name, stack)], checks=())) == []


@each_fleet
def test_no_way_leads_from_one_cell_to_another(name: str) -> None:
    declared: Fleet = FLEETS[name]
    seen = witness(facts(name), [resources(name, stack) for stack in stacks_of(declared)])
    assert {*seen.cells} == {cell.name for cell in declared.managed() if cell.deployed}
    assert [(source, target) for source, target, _ in seen.paths()] == []

"""Violations that somebody accepts for a while: which of the findings they are, and what is wrong with the waivers.

A waived finding is still told, with who accepted it and until when, and stops nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cellfleet.inventory.finding import Finding, Rule
from cellfleet.inventory.model import Waiver
from policies.rule import Facts


def applied(facts: Facts, findings: Sequence[Finding], rules: Mapping[str, Rule]) -> tuple[Finding, ...]:
    """The findings, those that are waived on the day marked as such, and those whose waiver has ended as dated."""
    by_rule: dict[str, list[Waiver]] = {}
    for waiver in facts.fleet.waivers:
        by_rule.setdefault(waiver.rule, []).append(waiver)
    return tuple(_one(facts, finding, by_rule.get(finding.rule, ()), rules) for finding in findings)


def covers(waiver: Waiver, finding: Finding) -> bool:
    """Whether a waiver is about a finding: a subject stands for itself and all that is below it."""
    return any(
        finding.subject == subject or finding.subject.startswith((f"{subject}.", f"{subject}["))
        for subject in waiver.subjects
    )


def _one(facts: Facts, finding: Finding, waivers: Sequence[Waiver], rules: Mapping[str, Rule]) -> Finding:
    if not rules[finding.rule].waivable:
        return finding
    covering = [waiver for waiver in waivers if covers(waiver, finding)]
    valid = [waiver for waiver in covering if waiver.expires >= facts.as_of]
    if valid:
        longest = max(valid, key=lambda waiver: waiver.expires)
        return replace(finding, waived=f"{longest.owner}, until {longest.expires}: {longest.reason}")
    return replace(finding, dated=True) if covering else finding

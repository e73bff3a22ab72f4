"""Violations that somebody accepts for a while: which of the findings they are.

A waived finding is still told, with who accepted it and until when, and stops nothing. What is wrong with the waivers
themselves is for `policies.lifecycle.waivers`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cellfleet.inventory.finding import Finding, Rule
from cellfleet.inventory.model import Waiver
from policies.rule import Facts

Waivers = Mapping[tuple[str, str], Sequence[int]]
"""By rule and subject: the positions of waivers."""


def applied(facts: Facts, findings: Sequence[Finding], rules: Mapping[str, Rule]) -> tuple[Finding, ...]:
    """The findings, those that are waived on the day marked as such, and those whose waiver has ended as dated."""
    if not facts.fleet.waivers:
        return tuple(findings)
    index = by_subject(facts.fleet.waivers)
    return tuple(
        _one(facts, finding, [facts.fleet.waivers[at] for at in covering(index, finding)])
        if rules[finding.rule].waivable
        else finding
        for finding in findings
    )


def by_subject(waivers: Sequence[Waiver]) -> Waivers:
    """Look-up of waivers, so that each of many findings is not held against each of many waivers."""
    index: dict[tuple[str, str], list[int]] = {}
    for at, waiver in enumerate(waivers):
        for subject in waiver.subjects:
            index.setdefault((waiver.rule, subject), []).append(at)
    return index


def covering(waivers: Waivers, finding: Finding) -> Iterator[int]:
    """The positions of the waivers that are about a finding: a subject stands for itself and all that is below it."""
    for subject in _around(finding.subject):
        yield from waivers.get((finding.rule, subject), ())


def _around(subject: str) -> Iterator[str]:
    yield subject
    for at in range(len(subject) - 1, 0, -1):
        if subject[at] in ".[":
            yield subject[:at]


def _one(facts: Facts, finding: Finding, waivers: Sequence[Waiver]) -> Finding:
    if valid := [waiver for waiver in waivers if waiver.expires >= facts.as_of]:
        longest = max(valid, key=lambda waiver: waiver.expires)
        return replace(finding, waived=f"{longest.owner}, until {longest.expires}: {longest.reason}")
    return replace(finding, dated=True) if waivers else finding

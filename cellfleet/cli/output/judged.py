"""The rules that a run has judged, for the formats that also tell which of them hold."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cellfleet.inventory.finding import Finding, Rule, Scope
from policies.catalogue import FAMILIES


def judged(findings: Sequence[Finding], ran: Collection[Scope]) -> dict[str, list[Rule]]:
    """The rules measured on what was run, and those that found something, by the title of their family."""
    found = {finding.rule for finding in findings}
    families = {
        f"{family.prefix}: {family.title}": [
            rule for rule in family.rules.values() if rule.id in found or {*rule.scope} & {*ran}
        ]
        for family in FAMILIES
    }
    return {title: rules for title, rules in families.items() if rules}

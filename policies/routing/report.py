"""Findings of routing, where a person can mend them."""

from __future__ import annotations

from typing import Any

from cellfleet.inventory.fault import listed
from cellfleet.inventory.finding import Finding, Rule
from cellfleet.inventory.locate import locate
from cellfleet.inventory.model import Fleet


def found(
    fleet: Fleet, rule: Rule, path: str, message: str, measured: str = "", limit: str = "", remedy: str = ""
) -> Finding:
    """A violation of a rule by what stands at a dotted path of the inventory."""
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        subject=path,
        location=locate(fleet, path),
        message=message,
        measured=measured,
        limit=limit,
        remedy=remedy or rule.remedy,
    )


def some(names: Any) -> str:
    """A few names in alphabetical order, and how many more there are."""
    return listed(sorted(map(str, names)))

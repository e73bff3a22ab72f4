"""Findings for a person at a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from cellfleet.inventory.finding import Finding


def write(findings: Sequence[Finding], stream: TextIO) -> None:
    """Write each finding, where it is and what to do."""
    for finding in findings:
        print(f"{finding.location}: {finding.rule} {finding.message}", file=stream)

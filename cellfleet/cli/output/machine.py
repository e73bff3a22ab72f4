"""Findings as JSON, for other programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, TextIO

from cellfleet.inventory.finding import Finding

FORMAT_VERSION: Final = 1
"""Raised when a field changes its meaning or goes; new fields may come without."""


def write(findings: Sequence[Finding], summary: Mapping[str, Any], stream: TextIO) -> None:
    """Write one JSON document. A location has line 0 where it is a file as a whole."""
    document = {
        "format_version": FORMAT_VERSION,
        "summary": dict(summary),
        "findings": [asdict(finding) for finding in findings],
    }
    json.dump(document, stream, indent=2)
    stream.write("\n")

"""What a command found, as a person or a machine reads it: one module a format, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TextIO

from cellfleet.inventory.finding import Finding


class Output(StrEnum):
    """The formats of `--output`."""

    TEXT = "text"
    JSON = "json"


def write(output: Output, findings: Sequence[Finding], summary: Mapping[str, Any], stream: TextIO) -> None:
    """Write what was found, and the figures that a command sums up with (by name, as JSON has them; empty where
    none)."""
    match output:
        case Output.TEXT:
            from cellfleet.cli.output import text

            text.write(findings, stream)
        case Output.JSON:
            from cellfleet.cli.output import machine

            machine.write(findings, summary, stream)

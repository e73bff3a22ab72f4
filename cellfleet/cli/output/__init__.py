"""What a command found, as a person or a machine reads it: one module a format, imported when it is asked for.

What is shown comes from inventories, and those from strangers' pull requests: no format lets a name or a value say
more than itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, TextIO

from cellfleet.inventory.finding import Finding, Scope, Severity

ORDER: Final = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
"""The worst first."""


class Output(StrEnum):
    """The formats of `--output`."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    JUNIT = "junit"
    MARKDOWN = "markdown"


def write(
    output: Output,
    findings: Sequence[Finding],
    summary: Mapping[str, Any],
    stream: TextIO,
    *,
    ran: Collection[Scope] = (Scope.INVENTORY,),
    fail_on: Severity = Severity.ERROR,
) -> None:
    """Write what was found, and the figures that a command sums up with (by name, as JSON has them; empty where
    none).

    `ran` is what rules were measured on, so that a report can tell those that hold from those that nobody asked;
    `fail_on` the least severity that fails the command.
    """
    match output:
        case Output.TEXT:
            from cellfleet.cli.output import text

            text.write(findings, stream)
        case Output.JSON:
            from cellfleet.cli.output import machine

            machine.write(findings, summary, stream)
        case Output.GITHUB:
            from cellfleet.cli.output import github

            github.write(findings, stream)
        case Output.SARIF:
            from cellfleet.cli.output import sarif

            sarif.write(findings, ran, stream)
        case Output.JUNIT:
            from cellfleet.cli.output import junit

            junit.write(findings, ran, fail_on, stream)
        case Output.MARKDOWN:
            from cellfleet.cli.output import markdown

            markdown.write(findings, stream)

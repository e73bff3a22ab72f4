"""Findings as annotations of a pull request's lines, by GitHub's workflow commands
(https://docs.github.com/actions/reference/workflow-commands-for-github-actions).

GitHub shows ten errors, ten warnings and ten notices of a step: the worst come first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TextIO

from cellfleet.cli.output import ORDER
from cellfleet.cli.output.place import in_repository
from cellfleet.cli.output.text import escaped
from cellfleet.inventory.finding import Finding, Severity

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def write(findings: Sequence[Finding], stream: TextIO) -> None:
    """Write a command a finding, each on a line of its own; those that are waived last, as notices."""
    for finding in sorted(findings, key=lambda one: (bool(one.waived), ORDER.index(one.severity))):
        properties = ",".join(f"{name}={_property(value)}" for name, value in _properties(finding).items())
        command = _COMMANDS[Severity.NOTE if finding.waived else finding.severity]
        print(f"::{command} {properties}::{_message(finding)}", file=stream)


def _properties(finding: Finding) -> dict[str, str]:
    place = finding.location
    properties = {"file": in_repository(place.file)}
    if place.line:
        properties |= {"line": f"{place.line}", "col": f"{place.column}", "endColumn": f"{place.column + place.length}"}
    return properties | {"title": f"{finding.rule} {'waived: ' * bool(finding.waived)}{finding.subject}"}


def _message(finding: Finding) -> str:
    said = {"seen": finding.measured, "allowed": finding.limit, "waived": finding.waived}
    lines = [finding.message, *(f"{title}: {value}" for title, value in said.items() if value)]
    if finding.remedy and not finding.waived:
        lines.append(f"help: {finding.remedy}")
    return _escaped("\n".join(map(escaped, lines)))


def _property(value: str) -> str:
    return _escaped(escaped(value)).replace(":", "%3A").replace(",", "%2C")


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

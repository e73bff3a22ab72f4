"""Findings for a person at a terminal: the place, the line with a caret under what is wrong, and what to do.

An inventory may come from a stranger's pull request: whatever of it is shown is escaped, so that it cannot command
the terminal or reorder what is read. Of a tenant file no line is shown, for tenants are customers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, TextIO
from unicodedata import east_asian_width

from cellfleet.cli.output.colour import Palette, palette
from cellfleet.failure import Failure
from cellfleet.inventory.finding import Finding, Location

WIDEST: Final = 100
"""Characters of a line that are shown; of a longer one those around the caret."""


def write(findings: Sequence[Finding], stream: TextIO, texts: Mapping[str, str] | None = None) -> None:
    """Write each finding, those that are waived after the others, and how many there are.

    `texts` are those of files that are not on disk as the findings mean them.
    """
    colours = palette(stream)
    sources: dict[str, Source] = {file: Source(file, content) for file, content in (texts or {}).items()}
    for finding in findings:
        if not finding.waived:
            source = sources.setdefault(finding.location.file, Source(finding.location.file))
            print("\n".join(_lines(finding, source, colours)), end="\n\n", file=stream)
    for finding in findings:
        if finding.waived:
            print("\n".join(_accepted(finding, colours)), end="\n\n", file=stream)
    if findings:
        print(f"{colours.bold}{counted(findings)}{colours.plain}", file=stream)


def counted(findings: Sequence[Finding]) -> str:
    """How many findings there are, and of them waived: `3 findings, 1 waived`."""
    waived = sum(bool(finding.waived) for finding in findings)
    return f"{len(findings):,} finding{'s' * (len(findings) != 1)}" + (f", {waived:,} waived" if waived else "")


def others(finding: Finding) -> tuple[str, ...]:
    """The cells and localities that a finding concerns beside its own subject."""
    return tuple(one for one in finding.concerns if not f"{finding.subject}.".startswith(f"{one}."))


def escaped(text: str) -> str:
    """The text with everything that is not simply shown as itself written as an escape."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def write_failure(failure: Failure, stream: TextIO) -> None:
    """Write what went wrong and its remedy; either may name what a stranger wrote into the inventory."""
    print(*map(escaped, f"{failure.message}\n{failure.remedy}".split("\n")), sep="\n", file=stream)


@dataclass(frozen=True)
class Source:
    """A file that findings point into."""

    file: str
    text: str | None = None
    """What is in it, where that is not what stands on disk."""

    @cached_property
    def lines(self) -> list[str]:
        """The file's lines; none where they are not to be shown, or cannot be read again."""
        if self.text is not None:
            return re.split("\r\n|\n|\r", self.text)
        if self.file.endswith((".csv", ".csv.gz")):
            return []
        try:
            content = Path(self.file).read_text(encoding="utf-8", errors="replace") if Path(self.file).is_file() else ""
        except (OSError, ValueError):
            return []
        return re.split("\r\n|\n|\r", content.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}"))

    def frame(self, location: Location) -> tuple[str, str] | None:
        """The line of a location and a line of carets to go under it, or None where there is nothing to show."""
        if not 0 < location.line <= len(self.lines):
            return None
        line = self.lines[location.line - 1]
        start = min(location.column - 1, len(line))
        first = 0 if start < WIDEST * 2 // 3 else start - WIDEST // 3
        shown = line[first : first + WIDEST]
        before, under = escaped(line[first:start]), escaped(line[start : start + location.length][:WIDEST])
        before = "…" + before if first else before
        carets = "^" * max(1, _width(under) if start + location.length <= first + WIDEST else WIDEST - (start - first))
        ending = "…" if first + WIDEST < len(line) else ""
        return ("…" if first else "") + escaped(shown) + ending, " " * _width(before) + carets


def _width(text: str) -> int:
    """Columns that a terminal takes for a text."""
    return len(text) + sum(east_asian_width(sign) in "WF" for sign in text) if not text.isascii() else len(text)


def _lines(finding: Finding, source: Source, colours: Palette) -> list[str]:
    severity = {"error": colours.red, "warning": colours.yellow}.get(finding.severity, colours.blue)
    heading = f"{severity}{finding.severity} {finding.rule}{colours.plain}{colours.bold}: {escaped(finding.message)}"
    lines = [f"{colours.bold}{escaped(str(finding.location))}{colours.plain}: {heading}{colours.plain}"]
    margin = " " * max(4, len(str(finding.location.line)))
    bar = f"{colours.blue}|{colours.plain}"
    if frame := source.frame(finding.location):
        number = f"{colours.blue}{finding.location.line:>{len(margin)}}{colours.plain}"
        lines += [f"{number} {bar} {frame[0]}", f"{margin} {bar} {severity}{frame[1]}{colours.plain}"]
    return lines + [f"{margin} {colours.blue}={colours.plain} {line}" for line in _notes(finding, finding.remedy)]


def _accepted(finding: Finding, colours: Palette) -> list[str]:
    """A finding that stops nothing: no line of its file, for nobody has to go there."""
    heading = f"{escaped(str(finding.location))}: waived {finding.rule}: {escaped(finding.message)}"
    lines = [heading, *(f"     = {line}" for line in [f"waived: {escaped(finding.waived)}", *_notes(finding)])]
    return [f"{colours.dim}{line}{colours.plain}" for line in lines]


def _notes(finding: Finding, remedy: str = "") -> list[str]:
    told = {
        "seen": finding.measured,
        "allowed": finding.limit,
        "resource": finding.resource,
        "concerns": ", ".join(others(finding)),
        "help": remedy,
    }
    return [f"{title}: {escaped(said)}" for title, said in told.items() if said]

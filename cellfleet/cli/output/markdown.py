"""Findings as Markdown, for a comment on a pull request or the summary of a CI step: the worst first, within what
GitHub takes of a comment, and saying what was left out.

Whatever comes from an inventory is text only: it makes no HTML, no link, no mention of a person and no reference to an
issue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TextIO

from cellfleet.cli.output import ORDER
from cellfleet.cli.output.place import in_repository, page_of
from cellfleet.cli.output.text import counted, escaped
from cellfleet.inventory.finding import Finding

BUDGET: Final = 60_000
"""Bytes; GitHub takes 65,536 characters of a comment, and whoever posts this may add to it."""
_RESERVED: Final = 500
"""Bytes of the budget for what is said of the findings that are left out."""
_LONGEST: Final = 600
"""Characters of one text that are shown, so that no finding crowds out the others."""
_MARKUP: Final = re.compile(r"[\\`*_\[<|~$&]")
_WWW: Final = re.compile(r"(?<=www)\.", re.IGNORECASE)
_READ_LATER: Final = re.compile(r"(?:(?<=#)|(?<=GH-))(?=\d)", re.IGNORECASE)
_BREAK: Final = "\N{ZERO WIDTH SPACE}"
"""What GitHub reads after its own parsing, such as a mention, no backslash prevents, and this does."""


def write(findings: Sequence[Finding], stream: TextIO) -> None:
    """Write a section a severity, with an item a finding, and one of what is waived."""
    stream.write(composed(findings))


def composed(findings: Sequence[Finding], budget: int = BUDGET) -> str:
    """The text, of at most `budget` bytes in UTF-8."""
    if not findings:
        return "### cellfleet: nothing was found\n"
    text = f"### cellfleet: {counted(findings)}\n"
    room = budget - _RESERVED - len(text)
    left_out: list[str] = []
    for title, some in _sections(findings):
        heading = f"\n#### {title}\n\n"
        items = _fitting(map(_item, some), room - len(heading))
        if items:
            written = heading + "".join(items)
            text += written
            room -= len(written.encode())
        if len(items) < len(some):
            left_out.append(f"{len(some) - len(items):,} of {len(some):,} under “{title}”")
            room = 0  # what is worse is never left out for what is shorter
    if left_out:
        text += f"\nNot shown, for want of room: {'; '.join(left_out)}. `cellfleet check` shows them all.\n"
    return text


def plain(text: str) -> str:
    """The text as Markdown that shows it and nothing else, on one line."""
    text = _MARKUP.sub(r"\\\g<0>", _short(text))
    text = text.replace("://", "\\://").replace("@", f"@{_BREAK}")
    return _READ_LATER.sub(_BREAK, _WWW.sub("\\\\.", text))


def code(text: str) -> str:
    """The text as a code span, between more backticks than stand in it."""
    text = _short(text)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    space = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{space}{text or ' '}{space}{fence}"


def _sections(findings: Sequence[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    for severity, title in zip(ORDER, ("Errors", "Warnings", "Notes"), strict=True):
        if some := [one for one in findings if one.severity is severity and not one.waived]:
            yield title, some
    if waived := [one for one in findings if one.waived]:
        yield "Waived", waived


def _fitting(items: Iterator[str], room: int) -> list[str]:
    fitting = []
    for item in items:
        room -= len(item.encode())
        if room < 0:
            break
        fitting.append(item)
    return fitting


def _item(finding: Finding) -> str:
    place = finding.location
    where = f"{in_repository(place.file)}:{place.line}" if place.line else in_repository(place.file)
    page = page_of(finding.rule)
    rule = f"[{finding.rule}]({page})" if page else finding.rule
    said: list[tuple[str, str, Callable[[str], str]]] = [
        ("seen", finding.measured, plain),
        ("allowed", finding.limit, plain),
        ("resource", finding.resource, code),
        ("waived by", finding.waived, plain),
        ("help", "" if finding.waived else finding.remedy, plain),
    ]
    notes = "".join(f"  - {title}: {shown(value)}\n" for title, value, shown in said if value)
    return f"- **{rule}** {code(where)} {plain(finding.message)}\n{notes}"


def _short(text: str) -> str:
    text = escaped(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

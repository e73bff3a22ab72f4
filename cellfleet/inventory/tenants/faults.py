"""The faults of a tenant file, as they are met: the first of each kind in full, the rest counted.

A file whose every row is wrong has a million faults, and nobody reads more than a few.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from cellfleet.inventory.finding import Finding, Location, Rule
from cellfleet.inventory.tenants import lines

SHOWN: Final = 10
"""Findings of one rule on one column that are shown one by one."""

_EXCERPT: Final = 24


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong on one line."""

    rule: Rule
    column: str
    """The column's name; empty for the line as a whole."""
    line: int
    message: str
    measured: str = ""
    limit: str = ""
    remedy: str = ""
    """The rule's where there is none."""
    at: int = 0
    """Where in the line, in characters from 1; 0 where it has to be looked up by the column's name."""
    length: int = 1


class Faults:
    """A bounded collection of faults."""

    def __init__(self, subject: str = "tenants") -> None:
        self._subject = subject
        self._kept: defaultdict[tuple[str, str], list[Fault]] = defaultdict(list)
        self._hidden: dict[tuple[str, str], tuple[Fault, int]] = {}

    def __bool__(self) -> bool:
        return bool(self._kept)

    def add(self, fault: Fault) -> None:
        """Note a fault; it is only counted where its kind has been met often enough."""
        kept = self._kept[fault.rule.id, fault.column]
        if len(kept) < SHOWN:
            kept.append(fault)
        else:
            self.count(fault, 1)

    def count(self, fault: Fault, more: int) -> None:
        """Note that there are `more` faults like this one, which is the first of them."""
        key = (fault.rule.id, fault.column)
        first, before = self._hidden.get(key, (fault, 0))
        self._hidden[key] = (first, before + more)

    def findings(self, file: str, columns: Sequence[str], reopen: Callable[[], BinaryIO]) -> list[Finding]:
        """Every fault as a finding, sorted by place; the file is read a second time to look columns up."""
        found = [fault for kept in self._kept.values() for fault in kept]
        missing = {fault.line for fault in found if fault.column and not fault.at}
        places = dict(_places(reopen, missing)) if missing else {}
        for index, fault in enumerate(found):
            if fault.line in places and not fault.at and columns.index(fault.column) < len(places[fault.line]):
                field = places[fault.line][columns.index(fault.column)]
                found[index] = replace(fault, at=field.column, length=field.length)
        for fault, more in self._hidden.values():
            message = (
                f"{more:,} more {'line has' if more == 1 else 'lines have'} such a fault, of which this is the first"
            )
            found.append(replace(fault, message=message, measured="", limit="", at=fault.at or 1))
        return sorted((_finding(fault, file, self._subject) for fault in found), key=lambda finding: finding.location)


def excerpt(text: str) -> str:
    """The start of a value, fit for a log: escaped, and short."""
    escaped = text[: _EXCERPT + 1].encode("unicode_escape").decode()
    return f'"{escaped}"' if len(escaped) <= _EXCERPT else f'"{escaped[:_EXCERPT]}"...'


def _places(reopen: Callable[[], BinaryIO], numbers: set[int]) -> Iterator[tuple[int, list[lines.Field]]]:
    last = max(numbers)
    # Whatever stops this reading has been found by the first one, and a finding without a column is still of use.
    with suppress(OSError, EOFError, zlib.error), reopen() as stream:
        for number, line in enumerate(stream, 1):
            if number in numbers:
                with suppress(lines.MalformedError):
                    yield number, lines.fields(line.rstrip(b"\r\n"))
            if number == last:
                return


def _finding(fault: Fault, file: str, subject: str) -> Finding:
    return Finding(
        rule=fault.rule.id,
        severity=fault.rule.severity,
        subject=f"{subject}.{fault.column}" if fault.column else subject,
        location=Location(file, fault.line, fault.at or (1 if fault.line else 0), fault.length),
        message=fault.message,
        measured=fault.measured,
        limit=fault.limit,
        remedy=fault.remedy or fault.rule.remedy,
    )

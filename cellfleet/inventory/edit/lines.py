"""Which lines a set of edits changes: what a person is shown of them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from cellfleet.inventory.edit.span import Edit, applied, line_start, next_line

_LINE_END: Final = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Change:
    """Some lines that give way to others. Lines are without their endings."""

    line: int
    """The number of the first of them, from 1, in the text as it was."""
    before: tuple[str, ...]
    after: tuple[str, ...]


def changes(text: str, edits: Iterable[Edit]) -> Iterator[Change]:
    """The lines that differ once the edits are made, in the order of the text."""
    starts = [0, *(found.end() for found in _LINE_END.finditer(text))]
    for start, end, group in _groups(text, sorted(edits, key=lambda edit: (edit.start, edit.end))):
        after = applied(text[start:end], (Edit(one.start - start, one.end - start, one.text) for one in group))
        old, new = lines(text[start:end]), lines(after)
        same = next((at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), None)
        same = min(len(old), len(new)) if same is None else same
        old, new = old[same:], new[same:]
        while old and new and old[-1] == new[-1]:
            old.pop()
            new.pop()
        if old or new:
            yield Change(bisect_right(starts, start) + same, tuple(old), tuple(new))


def lines(text: str) -> list[str]:
    """The lines of a text, without their endings."""
    split = _LINE_END.split(text)
    return split[:-1] if split[-1] == "" else split


def _groups(text: str, edits: Iterable[Edit]) -> Iterator[tuple[int, int, list[Edit]]]:
    """Edits of the same lines together, with where those lines start and end."""
    group: list[Edit] = []
    start = end = 0
    for edit in edits:
        first = line_start(text, edit.start)
        ends = edit.text.endswith(("\n", "\r")) if edit.text else edit.start == first and edit.end > edit.start
        whole = ends and edit.end == line_start(text, edit.end)
        last = edit.end if whole else next_line(text, edit.end)
        if group and first >= end and edit.start > group[-1].end:
            yield start, end, group
            group = []
        if not group:
            start, end = first, last
        group.append(edit)
        end = max(end, last)
    if group:
        yield start, end, group

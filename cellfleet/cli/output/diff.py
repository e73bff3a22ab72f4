"""Changed lines as a unified diff, for a person.

What a stranger wrote is escaped. Of a tenant file only the lines that change are shown, for tenants are customers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TextIO

from cellfleet.cli.output.colour import Palette, palette
from cellfleet.cli.output.text import escaped
from cellfleet.inventory.edit.lines import Change

CONTEXT: Final = 3
"""Lines around a change that are shown."""


def write(file: str, changes: Sequence[Change], lines: Sequence[str] | None, stream: TextIO) -> None:
    """Write what changes in a file; `lines` are all of it as it was, or None where nothing around a change is shown."""
    if not changes:
        return
    colours = palette(stream)
    print(f"{colours.bold}--- {escaped(file)}\n+++ {escaped(file)}{colours.plain}", file=stream)
    shift = 0
    for hunk in _hunks(changes, 0 if lines is None else CONTEXT):
        print("\n".join(_shown(hunk, lines, shift, colours)), file=stream)
        shift += sum(len(change.after) - len(change.before) for change in hunk)


def _hunks(changes: Sequence[Change], context: int) -> Iterator[list[Change]]:
    """Changes that are so near each other that what is around them is shown once."""
    hunk: list[Change] = []
    for change in changes:
        if hunk and change.line > hunk[-1].line + len(hunk[-1].before) + 2 * context:
            yield hunk
            hunk = []
        hunk.append(change)
    yield hunk


def _shown(hunk: Sequence[Change], lines: Sequence[str] | None, shift: int, colours: Palette) -> Iterator[str]:
    whole = lines or ()
    context = CONTEXT if lines is not None else 0
    first = max(1, hunk[0].line - context)
    behind = hunk[-1].line + len(hunk[-1].before)
    last = min(len(whole), behind - 1 + context) if lines is not None else behind - 1
    before = last - first + 1
    after = before + sum(len(change.after) - len(change.before) for change in hunk)
    start = first + shift
    yield f"{colours.blue}@@ -{_range(first, before)} +{_range(start, after)} @@{colours.plain}"
    at = first
    for change in hunk:
        yield from (f" {escaped(line)}" for line in whole[at - 1 : change.line - 1])
        yield from (f"{colours.red}-{escaped(line)}{colours.plain}" for line in change.before)
        yield from (f"{colours.green}+{escaped(line)}{colours.plain}" for line in change.after)
        at = change.line + len(change.before)
    yield from (f" {escaped(line)}" for line in whole[at - 1 : last])


def _range(first: int, count: int) -> str:
    """As diff writes it: of no lines the one before them."""
    return f"{first - 1},0" if count == 0 else f"{first}" if count == 1 else f"{first},{count}"

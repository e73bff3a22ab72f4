"""Whole cells of one file: a copy of one put behind it, and one taken out with the comments that belong to it.

A cell's comments are those at the ends of its lines, those indented deeper than its name, and those directly above it.
A copy has none of them: they tell of the cell that it was made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from cellfleet.inventory.edit.scalar import Value, written
from cellfleet.inventory.edit.span import Edit, applied, indent, line_end, line_ending, line_start, next_line
from cellfleet.inventory.edit.tree import Kind, Node, parsed
from cellfleet.inventory.edit.values import CannotEdit, comma_in, remove_value, set_value
from cellfleet.inventory.fault import Path

_COMMENTS: Final = re.compile(r"(?m)^[ \t]*#[^\r\n]*(?:\r\n|\n|\Z)|[ \t]+#[^\r\n]*")
_COMMENT_LINE: Final = re.compile(r"([ \t]*)#[^\r\n]*(?:\r\n|\n|\r|\Z)")
_BLANK_LINE: Final = re.compile(r"[ \t]*(?:\r\n|\n|\r)")


def copied(
    text: str,
    root: Node,
    like: str,
    name: str,
    changes: Mapping[Path, Value],
    without: Sequence[str],
    order: Sequence[str],
) -> Edit:
    """The edit that puts a copy of the cell `like` behind it.

    `changes` are by the path within the cell, `without` names what is not taken over, `order` is that of a cell's keys.
    Raises CannotEdit.
    """
    cells, key, value = _found(root, like)
    if cells.flow:
        fragment = _changed("{" + text[key.start : value.end] + "}", name, changes, without, order)[1:-1]
        if indent(text, key.start).strip():
            return Edit(value.end, value.end, f", {fragment}")
        return _behind_in_flow(text, cells, key, value, fragment)
    start, end = _lines(text, key, value)
    ending = line_ending(text)
    fragment = text[line_start(text, key.start) : next_line(text, value.end)]
    fragment = _changed(fragment, name, changes, without, order)
    if not fragment.endswith(("\n", "\r")):
        fragment = ending + fragment  # it was the last line of a file that does not end with one
    return Edit(end, end, ending + fragment if _apart(text, cells, key, start, end) else fragment)


def removed(text: str, root: Node, name: str) -> Iterator[Edit]:
    """The edits that take a cell out. Raises CannotEdit."""
    cells, key, value = _found(root, name)
    if cells.flow:
        yield from remove_value(text, root, ("cells", name))
    else:
        if indent(text, key.start).strip():
            raise CannotEdit(key.start, f"cells.{name} does not stand on lines of its own")
        if len(cells.entries) == 1:
            colon = text.index(":", next(key.end for key, _ in root.entries if key.value == "cells")) + 1
            yield Edit(colon, colon, " {}")
        start, end = _lines(text, key, value)
        before = _line_before(text, start)
        blank_before = before is not None and _BLANK_LINE.fullmatch(text, before, start)
        if blank_before and before is not None and (end == len(text) or _BLANK_LINE.match(text, end)):
            start = before
        elif cells.entries[0][0] is key and (blank := _BLANK_LINE.match(text, end)):
            end = blank.end()
        yield Edit(start, end, "")


def _found(root: Node, name: str) -> tuple[Node, Node, Node]:
    """The mapping of cells, and the key and value of one."""
    cells = root.at(("cells",))
    entry = cells.entry(name) if cells and cells.kind is Kind.MAPPING else None
    if cells is None or entry is None:
        raise CannotEdit(cells.start if cells else 0, f"cells.{name} is not written out under `cells:`")
    if entry[1].kind is not Kind.MAPPING:
        raise CannotEdit(entry[1].start, f"cells.{name} is {entry[1].kind.value}, not a mapping")
    return cells, *entry


def _changed(
    fragment: str, name: str, changes: Mapping[Path, Value], without: Sequence[str], order: Sequence[str]
) -> str:
    """The lines of one cell as those of another."""
    fragment = applied(fragment, _told_of_the_other(fragment, parsed(fragment)))
    for key in without:
        root = parsed(fragment)
        fragment = applied(fragment, remove_value(fragment, root, (root.entries[0][0].value, key)))
    for path, value in changes.items():
        root = parsed(fragment)
        within = (root.entries[0][0].value, *path)
        fragment = applied(fragment, set_value(fragment, root, within, value, order, copy=True))
    old = parsed(fragment).entries[0][0]
    return applied(fragment, [Edit(old.start, old.end, written(name, old.style))])


def _told_of_the_other(text: str, root: Node) -> Iterator[Edit]:
    """The edits that take out all comments and anchors."""
    done = 0
    for leaf in [*root.leaves(), None]:
        end = leaf.start if leaf else len(text)
        yield from (Edit(found.start(), found.end(), "") for found in _COMMENTS.finditer(text, done, end))
        done = leaf.end if leaf else end
    for node in _anchored(root):
        found = re.compile(r"&\S+(?:[ \t]+(?=[^\s#]))?").match(text, node.start)
        if found:
            start = found.start() if found[0][-1] in " \t" else len(text[: found.start()].rstrip(" \t"))
            yield Edit(start, found.end(), "")


def _anchored(node: Node) -> Iterator[Node]:
    if node.anchor and node.kind is not Kind.ALIAS:
        yield node
    for inner in (*(one for entry in node.entries for one in entry), *node.items):
        yield from _anchored(inner)


def _behind_in_flow(text: str, cells: Node, key: Node, value: Node, fragment: str) -> Edit:
    """The fragment on a line of its own, behind the comma and the comment of the entry that it is like."""
    pad = line_ending(text) + indent(text, key.start)
    position = cells.entries.index((key, value))
    follower = cells.entries[position + 1][0].start if position + 1 < len(cells.entries) else cells.end
    comma = comma_in(text, value.end, follower)
    if comma is None or comma > line_end(text, value.end):
        return Edit(value.end, value.end, f",{pad}{fragment}")
    behind = line_end(text, comma)
    if follower <= behind:  # another entry, or the closing bracket, on the same line
        return Edit(value.end, value.end, f",{pad}{fragment}")
    return Edit(behind, behind, f"{pad}{fragment},")


def _lines(text: str, key: Node, value: Node) -> tuple[int, int]:
    """Where a cell's lines start and end, its comments included."""
    start = line_start(text, key.start)
    while (before := _line_before(text, start)) is not None and _COMMENT_LINE.fullmatch(text, before, start):
        start = before
    end = next_line(text, value.end)
    column = len(indent(text, key.start))
    while (comment := _COMMENT_LINE.match(text, end)) and len(comment[1]) > column:
        end = comment.end()
    return start, end


def _line_before(text: str, start: int) -> int | None:
    return line_start(text, start - (2 if text[:start].endswith("\r\n") else 1)) if start else None


def _apart(text: str, cells: Node, key: Node, start: int, end: int) -> bool:
    """Whether blank lines stand between the cells."""
    if cells.entries[0][0] is not key:
        before = _line_before(text, start)
        return before is not None and _BLANK_LINE.fullmatch(text, before, start) is not None
    return len(cells.entries) > 1 and _BLANK_LINE.match(text, end) is not None

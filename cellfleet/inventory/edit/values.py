"""One value of a mapping: set, added in the mapping's own style, or taken out with its key.

Positions are those of the text that `root` was made of (`tree.parsed`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from cellfleet.inventory.edit.scalar import Value, written
from cellfleet.inventory.edit.span import Edit, indent, line_end, line_ending, line_start, next_line
from cellfleet.inventory.edit.tree import Kind, Node
from cellfleet.inventory.fault import Path, dotted

_COMMENT: Final = re.compile(r"(?:^|(?<=\s))#[^\r\n]*")


class CannotEdit(Exception):
    """A value that is not written where it could be changed by itself."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index
        """Where in the text."""
        self.message = message


def set_value(
    text: str, root: Node, path: Path, value: Value, order: Sequence[str] = (), *, copy: bool = False
) -> Iterator[Edit]:
    """The edits that give the path its value.

    Where the mapping has no such key, it comes after the one that precedes it in `order`, or last. `copy` says that
    the text is nobody else's yet: then an alias gives way to the value. Raises CannotEdit.
    """
    parent = root.at(path[:-1])
    key = str(path[-1])
    if parent is None and len(path) > 1:
        yield from set_value(text, root, path[:-1], {key: value}, order, copy=copy)
        return
    if parent is None or parent.kind is not Kind.MAPPING:
        raise CannotEdit(parent.start if parent else 0, f"{dotted(path[:-1])} is {_what(parent)}, not a mapping")
    if not copy:
        _refuse_shared(root, path)
    entry = parent.entry(key)
    if entry is None:
        yield _added(text, parent, key, value, order)
        return
    old = entry[1]
    if old.kind is Kind.LIST and not old.flow and isinstance(value, Sequence) and not isinstance(value, str):
        pad = line_ending(text) + " " * len(indent(text, old.start))
        yield Edit(old.start, old.end, pad.join(f"- {written(one, _quote(old))}" for one in value))
    else:
        space = " " if old.start == old.end else ""
        yield Edit(old.start, old.end, space + written(value, _quote(old) or _quote(entry[0])))


def remove_value(text: str, root: Node, path: Path) -> Iterator[Edit]:
    """The edits that take a key out with its value, which is not its mapping's only one. Raises CannotEdit."""
    parent, key = root.at(path[:-1]), str(path[-1])
    entry = parent.entry(key) if parent else None
    if parent is None or entry is None:
        return
    start, end = entry[0].start, entry[1].end
    alone = not indent(text, start).strip()
    if not parent.flow:
        if not alone:
            raise CannotEdit(start, f"{dotted(path)} does not stand on lines of its own")
        yield Edit(line_start(text, start), next_line(text, end), "")
        return
    position = parent.entries.index(entry)
    follower = parent.entries[position + 1] if position + 1 < len(parent.entries) else None
    comma = comma_in(text, end, follower[0].start if follower else parent.end)
    if follower is None and position:
        before = parent.entries[position - 1][1].end
        separating = comma_in(text, before, start)
        if comma is None and separating is not None:
            yield Edit(separating, separating + 1, "")
        start = start if alone or separating is None else separating + 1
    behind = end if comma is None else comma + 1
    rest = _COMMENT.sub("", text[behind : line_end(text, behind)]).strip()
    if alone and not rest:
        yield Edit(line_start(text, start), next_line(text, behind), "")
    else:
        spaces = len(text[behind:]) - len(text[behind:].lstrip(" ")) if follower else 0
        if text.startswith("#", behind + spaces):
            spaces = 0  # a comment needs one before it
        yield Edit(start, behind + spaces, "")


def comma_in(text: str, start: int, end: int) -> int | None:
    """Where the comma between two things in a flow stands, comments passed over; None where there is none."""
    while start < end:
        if text[start] == ",":
            return start
        start = line_end(text, start) if text[start] == "#" else start + 1
    return None


def _added(text: str, parent: Node, key: str, value: Value, order: Sequence[str]) -> Edit:
    if not parent.entries:
        if not parent.flow:
            raise CannotEdit(parent.start, f"there is no mapping to put `{key}` into")
        return Edit(parent.start + 1, parent.start + 1, f"{written(key)}: {written(value)}")
    earlier = order[: order.index(key)] if key in order else order
    last = parent.entries[-1]
    after = next((entry for name in reversed(earlier) if (entry := parent.entry(name))), last if not order else None)
    after = after or parent.entries[0]
    style = _quote(after[0])
    said = f"{written(key, style)}: {written(value, style)}"
    if parent.flow:
        return Edit(after[1].end, after[1].end, f", {said}")
    line = " " * len(indent(text, after[0].start)) + said
    place = next_line(text, after[1].end)
    ending = line_ending(text)
    return Edit(place, place, line + ending if text[:place].endswith(("\n", "\r")) else ending + line)


def _quote(node: Node) -> str:
    """The quotes that a value or the first of a list is in."""
    if node.items:
        return _quote(node.items[0])
    return node.style if node.kind is Kind.SCALAR and node.style in ("'", '"') else ""


def _refuse_shared(root: Node, path: Path) -> None:
    """Raise CannotEdit where the value at a path, or something that it stands in, is another's too."""
    for length in range(1, len(path) + 1):
        node = root.at(path[:length])
        if node is None:
            return
        said = dotted(path[:length])
        if node.kind is Kind.ALIAS:
            raise CannotEdit(node.start, f"{said} is the alias *{node.value}, which others may be too")
        if node.anchor and any(leaf.kind is Kind.ALIAS and leaf.value == node.anchor for leaf in root.leaves()):
            raise CannotEdit(node.start, f"{said} has the anchor &{node.anchor}, and aliases repeat its value")
        if length == len(path) and node.kind is not Kind.SCALAR:
            raise CannotEdit(node.start, f"{said} is {node.kind.value}")


def _what(node: Node | None) -> str:
    return node.kind.value if node else "not there"

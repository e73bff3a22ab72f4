"""A tombstone put behind the others, in their style, or as the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from cellfleet.inventory.edit.scalar import Value, written
from cellfleet.inventory.edit.span import Edit, indent, line_end, line_ending, next_line
from cellfleet.inventory.edit.tree import Kind, Node
from cellfleet.inventory.edit.values import CannotEdit, comma_in

_KEY: Final = "tombstones"


def buried(text: str, root: Node, tombstone: Mapping[str, Value]) -> Iterator[Edit]:
    """The edits that add a tombstone. Raises CannotEdit."""
    stones = root.at((_KEY,))
    if stones is None:
        yield _first(text, root, tombstone)
    elif stones.kind is Kind.SCALAR and stones.start == stones.end:
        yield Edit(stones.start, stones.end, f" [{written(tombstone)}]")
    elif stones.kind is not Kind.LIST:
        raise CannotEdit(stones.start, f"{_KEY} is {stones.kind.value}, not a list")
    elif not stones.items:
        yield Edit(stones.start, stones.end, f"[{written(tombstone)}]")
    elif stones.flow:
        yield _in_flow(text, stones, tombstone)
    else:
        last = stones.items[-1]
        pad = line_ending(text) + " " * len(indent(text, stones.start))
        lines = [f"{key}: {written(value)}" for key, value in tombstone.items()]
        item = f"{pad}  ".join(lines) if last.kind is Kind.MAPPING and not last.flow else written(tombstone)
        behind = line_end(text, last.end)
        yield Edit(behind, behind, f"{pad}- {item}")


def _first(text: str, root: Node, tombstone: Mapping[str, Value]) -> Edit:
    key, value = root.entries[-1]
    if root.flow:
        style = '"' if key.style == '"' else ""
        return Edit(value.end, value.end, f", {written(_KEY, style)}: [{written(tombstone, style)}]")
    ending = line_ending(text)
    place = next_line(text, value.end)
    before = "" if text[:place].endswith(("\n", "\r")) else ending
    pad = " " * len(indent(text, key.start))
    return Edit(
        place, place, f"{before}{pad}{_KEY}:{ending}{pad}  - {written(tombstone)}{ending if not before else ''}"
    )


def _in_flow(text: str, stones: Node, tombstone: Mapping[str, Value]) -> Edit:
    last = stones.items[-1]
    entry = written(tombstone, '"' if last.entries and last.entries[0][0].style == '"' else "")
    if indent(text, last.start).strip():
        return Edit(last.end, last.end, f", {entry}")
    pad = line_ending(text) + indent(text, last.start)
    comma = comma_in(text, last.end, stones.end)
    behind = stones.end if comma is None else line_end(text, comma)
    if stones.end <= behind:
        return Edit(last.end, last.end, f",{pad}{entry}")
    return Edit(behind, behind, f"{pad}{entry},")

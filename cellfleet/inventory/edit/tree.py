"""A YAML text as nodes that know where they stand, so that a part of it can be replaced and the rest left alone.

PyYAML's events tell where a node starts; where a block ends they tell too late, after the comments and blank lines that
follow it. Here a block ends with the last thing in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

import yaml

from cellfleet.inventory.fault import Path


class Kind(Enum):
    """What a node is."""

    SCALAR = "a scalar"
    ALIAS = "an alias"
    MAPPING = "a mapping"
    LIST = "a list"


@dataclass(frozen=True, slots=True)
class Node:
    """One key or value of a text."""

    kind: Kind
    start: int
    """The index of its first character, that of its anchor where it has one."""
    end: int
    """The index behind its last character."""
    value: str = ""
    """Of a scalar what it says, of an alias what it refers to."""
    style: str = ""
    """A scalar's first sign (one of `'"|>`), or nothing where it is plain; `{` or `[` of what is written in a flow."""
    anchor: str | None = None
    entries: tuple[tuple[Node, Node], ...] = ()
    """A mapping's keys and values."""
    items: tuple[Node, ...] = ()

    @property
    def flow(self) -> bool:
        """Whether it is a mapping or list in brackets, rather than one that indentation makes."""
        return self.style in ("{", "[")

    def entry(self, key: str) -> tuple[Node, Node] | None:
        """A mapping's key and its value; None where there is none of that name."""
        return next((entry for entry in self.entries if entry[0].value == key), None)

    def at(self, path: Path) -> Node | None:
        """The value at a path of keys and positions below this one; None where the text has none."""
        node: Node | None = self
        for part in path:
            if node is None:
                return None
            if isinstance(part, int):
                node = node.items[part] if part < len(node.items) else None
            else:
                entry = node.entry(part)
                node = entry and entry[1]
        return node

    def leaves(self) -> Iterator[Node]:
        """Every scalar and alias in it, keys among them, in the order of the text."""
        if self.kind in (Kind.SCALAR, Kind.ALIAS):
            yield self
        for key, value in self.entries:
            yield from key.leaves()
            yield from value.leaves()
        for item in self.items:
            yield from item.leaves()


@lru_cache(maxsize=4)
def parsed(text: str) -> Node:
    """The text's one document, which a reader has understood before. Raises yaml.YAMLError where none has."""
    events = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
    event = next(events)
    while not isinstance(event, yaml.NodeEvent):
        event = next(events)
    return _node(event, events, text)


def _node(event: Any, events: Iterator[Any], text: str) -> Node:
    start, end = event.start_mark.index, event.end_mark.index
    match event:
        case yaml.AliasEvent():
            return Node(Kind.ALIAS, start, end, event.anchor or "")
        case yaml.ScalarEvent():
            style = event.style or ""
            if style in ("|", ">"):  # PyYAML counts blank lines that follow, and the next line's indentation
                end = start + len(text[start:end].rstrip())
            return Node(Kind.SCALAR, start, end, event.value, style, event.anchor)
        case yaml.MappingStartEvent():
            entries = []
            while not isinstance(inner := next(events), yaml.MappingEndEvent):
                key = _node(inner, events, text)
                entries.append((key, _node(next(events), events, text)))
            last = entries[-1][1].end if entries else end
            style, end = ("{", _index(inner.end_mark)) if event.flow_style else ("", last)
            return Node(Kind.MAPPING, start, end, style=style, anchor=event.anchor, entries=tuple(entries))
        case _:
            items = []
            while not isinstance(inner := next(events), yaml.SequenceEndEvent):
                items.append(_node(inner, events, text))
            last = items[-1].end if items else end
            style, end = ("[", _index(inner.end_mark)) if event.flow_style else ("", last)
            return Node(Kind.LIST, start, end, style=style, anchor=event.anchor, items=tuple(items))


def _index(mark: Any) -> int:
    """Of a mark, which the C parser always sets."""
    index: int = mark.index
    return index

"""Where each value of a YAML text stands.

yaml-rs reads fast but tells no positions. They are looked for only when something has to be pointed at: PyYAML's C
parser is then run over the text as a stream of events, which, unlike composing nodes, needs little memory and no
recursion whatever the text is.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import yaml

from cellfleet.inventory.fault import Path
from cellfleet.inventory.finding import Location


@dataclass(frozen=True, slots=True)
class Seen:
    """One key or value of a text."""

    path: Path
    """Of the value; of a key, that of the value it leads to."""
    is_key: bool
    event: Any
    """PyYAML's event: a scalar, an alias, or the start of a mapping or list."""
    earlier: Any = None
    """Of a key: PyYAML's event of the same key earlier in the same mapping."""

    @property
    def is_alias(self) -> bool:
        return isinstance(self.event, yaml.AliasEvent)

    @property
    def anchor(self) -> str | None:
        """What an alias refers to, or a value is referred to by."""
        anchor: str | None = self.event.anchor
        return anchor

    @property
    def tag(self) -> str | None:
        """As written before the value."""
        tag = None if self.is_alias or self.plain is not None else self.event.tag
        return tag and str(tag).replace("tag:yaml.org,2002:", "!!", 1)

    @property
    def plain(self) -> str | None:
        """The text of a scalar with neither quotes nor a tag, which a reader chooses a type for."""
        is_plain = isinstance(self.event, yaml.ScalarEvent) and not self.event.style and self.event.implicit[0]
        return str(self.event.value) if is_plain else None


@dataclass(slots=True)
class _Open:
    """A mapping or list that the stream is inside of."""

    path: Path
    is_mapping: bool
    keys: dict[str, Any] = field(default_factory=dict)
    key: str | None = None
    """The key whose value comes next."""
    index: int = 0


def walk(text: str) -> Iterator[Seen]:
    """Every key and value in the order of the text, as far as PyYAML can read it."""
    inside: list[_Open] = []
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                inside.pop()
            elif isinstance(event, yaml.NodeEvent):
                seen = _place(inside[-1], event) if inside else Seen((), False, event)
                yield seen
                if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                    inside.append(_Open(seen.path, isinstance(event, yaml.MappingStartEvent)))
            elif isinstance(event, yaml.DocumentEndEvent):
                return
    except (yaml.YAMLError, UnicodeError):
        return


def _place(parent: _Open, event: Any) -> Seen:
    if not parent.is_mapping:
        parent.index += 1
        return Seen((*parent.path, parent.index - 1), False, event)
    if parent.key is not None:
        path, parent.key = (*parent.path, parent.key), None
        return Seen(path, False, event)
    parent.key = event.value if isinstance(event, yaml.ScalarEvent) else "?"
    earlier = parent.keys.setdefault(parent.key, event)
    return Seen((*parent.path, parent.key), True, event, None if earlier is event else earlier)


def second_document(text: str) -> Any:
    """PyYAML's event of the second document's start, or None where there is one document."""
    try:
        events = yaml.parse(text, Loader=yaml.CSafeLoader)
        starts = (event for event in events if isinstance(event, yaml.DocumentStartEvent))
        return next(islice(starts, 1, None), None)
    except yaml.YAMLError:
        return None


def unclosed(text: str) -> tuple[int, str] | None:
    """Where a quote or bracket opens that the text goes wrong inside of: its index and what it is.

    The error itself is often found many lines further.
    """
    spanning: tuple[int, str] | None = None
    try:
        event: Any  # whose marks are None in theory only: the C parser sets them all
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            quoted = isinstance(event, yaml.ScalarEvent) and event.style in ("'", '"')
            if quoted and event.end_mark.line > event.start_mark.line:
                spanning = event.start_mark.index, "quote"
    except yaml.MarkedYAMLError as error:
        for context, sign in (("quoted scalar", "quote"), ("flow sequence", "["), ("flow mapping", "{")):
            if error.context and error.context_mark and context in error.context:
                return error.context_mark.index, sign
    except yaml.YAMLError:
        pass
    return spanning


class Lines:
    """Lines and columns of a text by the index of a character, as editors count them."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text
        self._starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]

    def at(self, index: int, end: int | None = None) -> Location:
        """The place of the characters from `index` until `end`, the first line of them."""
        index = min(index, len(self._text))
        line = bisect_right(self._starts, index)
        start = self._starts[line - 1]
        stop = self._starts[line] if line < len(self._starts) else len(self._text)
        shown = self._text[index : min(stop, index + 1 if end is None else end)].rstrip()
        return Location(self._file, line, index - start + 1, max(1, len(shown)))

    def on(self, line: int, column: int) -> Location:
        """The place that a parser named, moved to the end of the text where it lies behind that."""
        line = min(max(line, 1), len(self._starts))
        return self.at(min(self._starts[line - 1] + max(column, 1) - 1, len(self._text.rstrip())))

    def of(self, event: Any) -> Location:
        """The place of one of PyYAML's events."""
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            end = start + 1
        return self.at(start, end)


class Positions:
    """Where the keys and values of one text stand."""

    def __init__(self, file: str, text: str, wanted: Collection[Path] | None = None) -> None:
        """Walk through the text and keep the places of `wanted` paths and of what is around them, or of all."""
        lines = Lines(file, text)
        needed = None if wanted is None else {path[:length] for path in wanted for length in range(len(path) + 1)}
        self._file = file
        self._keys: dict[Path, Location] = {}
        self._values: dict[Path, Location] = {}
        for one in walk(text):
            if needed is None or one.path in needed:
                # what begins on lines below its key begins with a dash or another key, which says nothing
                below = not one.is_key and getattr(one.event, "flow_style", None) is False and self._keys.get(one.path)
                (self._keys if one.is_key else self._values)[one.path] = below or lines.of(one.event)

    def __contains__(self, path: Path) -> bool:
        return path in self._values

    def nearest(self, path: Path, *, at_key: bool = False) -> Location:
        """Where the value at a path stands, or its key.

        What the text has not (it is missing, or stands behind an alias) is where the nearest thing around it is: its
        key.
        """
        if at_key and path in self._keys:
            return self._keys[path]
        if path in self._values:
            return self._values[path]
        for around in (path[:length] for length in range(len(path) - 1, 0, -1)):
            if around in self._keys:
                return self._keys[around]
            if around in self._values:
                return self._values[around]
        return Location(self._file)

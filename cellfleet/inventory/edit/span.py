"""Replacements in a text, by position: applied together, so that none moves what another was found at."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_LINE_END: Final = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """The characters from `start` until `end` give way to `text`."""

    start: int
    end: int
    text: str


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made. Those at one place are made in the order given; what is put inside of something
    that is replaced comes behind it.

    Raises ValueError where two of them are about the same characters.
    """
    parts: list[str] = []
    done = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < done and edit.end > edit.start:
            raise ValueError(f"two edits change the character {edit.start}")
        parts += (text[done : edit.start], edit.text)
        done = max(done, edit.end)
    return "".join((*parts, text[done:]))


def line_start(text: str, index: int) -> int:
    """Where the line of a character starts."""
    return max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1


def line_end(text: str, index: int) -> int:
    """Where the line of a character ends, its line ending not included."""
    found = _LINE_END.search(text, index)
    return found.start() if found else len(text)


def next_line(text: str, index: int) -> int:
    """Where the line after that of a character starts; the end of the text where there is none."""
    found = _LINE_END.search(text, index)
    return found.end() if found else len(text)


def line_ending(text: str) -> str:
    """How lines of the text end: like its first one."""
    found = _LINE_END.search(text)
    return found[0] if found else "\n"


def indent(text: str, index: int) -> str:
    """What stands before a character on its line."""
    return text[line_start(text, index) : index]

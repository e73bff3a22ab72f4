"""One line of a tenant file, read exactly: for lines that pyarrow refuses, and to find the column of a value."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a line."""

    text: str
    """Without quotes."""
    column: int
    """Where it starts, its quote included, in characters from 1."""
    length: int
    """In characters, with its quotes."""


class MalformedError(Exception):
    """A line that is not one row."""

    def __init__(self, column: int, message: str) -> None:
        super().__init__(message)
        self.column = column
        """In characters from 1."""
        self.message = message


_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)"')
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def fields(line: bytes) -> list[Field]:
    """Split a line, without its line ending, at its commas.

    Raises MalformedError where it is not UTF-8, is empty, or has quotes that do not enclose a whole field.
    """
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        column = len(line[: error.start].decode()) + 1
        raise MalformedError(column, f"the byte 0x{line[error.start]:02x} is not UTF-8") from None
    if not text:
        raise MalformedError(1, "the line is empty")
    if control := _CONTROL.search(text):
        raise MalformedError(control.start() + 1, f"the control character 0x{ord(control[0]):02x} stands in the line")
    found: list[Field] = []
    start = 0
    while True:
        if text.startswith('"', start):
            quoted = _QUOTED.match(text, start)
            if quoted is None:
                raise MalformedError(start + 1, "the quote that starts here does not end on this line")
            end = quoted.end()
            if end < len(text) and text[end] != ",":
                raise MalformedError(end + 1, "a comma or the line's end has to follow the closing quote")
            found.append(Field(quoted[1].replace('""', '"'), start + 1, end - start))
        else:
            comma = text.find(",", start)
            end = len(text) if comma < 0 else comma
            quote = text.find('"', start, end)
            if quote >= 0:
                raise MalformedError(quote + 1, "a quote stands inside a field that does not start with one")
            found.append(Field(text[start:end], start + 1, end - start))
        if end == len(text):
            return found
        start = end + 1


def number(text: str) -> float | None:
    """The number that a field holds, or None where it is empty.

    Infinity and "not a number" come back as the latter, for the reader says of both that they are no load. Raises
    ValueError where the field holds none of these.
    """
    text = text.strip(" \t")
    if not text:
        return None
    if text.lower().lstrip("+-") in ("inf", "infinity", "nan"):
        return math.nan
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(text)
    return float(text)


def day(text: str) -> date | None:
    """The day that a field holds, or None where it is empty.

    Raises ValueError where it is no day.
    """
    if not text:
        return None
    if _DAY.fullmatch(text) is None:
        raise ValueError(text)
    return date.fromisoformat(text)

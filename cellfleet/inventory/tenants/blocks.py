"""A tenant file as tables of a few megabytes, each read as fast as it allows.

pyarrow reads a block at once, but does not tell where in it something is wrong, and takes `"b"c` for `bc`. So only a
block whose quotes are certainly plain goes to pyarrow, and one that pyarrow refuses is read again line by line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, Final

import pyarrow as pa
from pyarrow import csv

from cellfleet.inventory.tenants import lines
from cellfleet.inventory.tenants.faults import Fault, Faults, excerpt
from cellfleet.inventory.tenants.form import TENANTS, Form

SIZE: Final = 1 << 22
"""Bytes read at a time. A line may not be longer, and memory beyond the columns themselves is a few times this."""

_EMPTY_LINES: Final = (b"\n", b"\r\n")
_PLAINLY_QUOTED: Final = re.compile(rb'(?<![^,\r\n])"[^"\r\n]*"(?![^,\r\n])')


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole lines of the file."""

    first: int
    """The number of the first line, from 1."""
    data: bytes
    count: int
    """Lines in `data`."""


class LineTooLongError(Exception):
    """A line longer than a block."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def blocks(stream: BinaryIO, first: int) -> Iterator[Block]:
    """Read what is left of a stream, whose next line has the number `first`.

    Raises LineTooLongError, and whatever reading raises.
    """
    rest = b""
    while data := stream.read(SIZE):
        end = data.rfind(b"\n") + 1
        if not end:
            rest += data
            if len(rest) > SIZE:
                raise LineTooLongError(first)
            continue
        block = rest + data[:end]
        rest = data[end:]
        count = block.count(b"\n")
        yield Block(first, block, count)
        first += count
    if rest:
        yield Block(first, rest, 1)


def table(block: Block, columns: Sequence[str], faults: Faults, form: Form = TENANTS) -> pa.Table:
    """The rows of a block, with the number of each one's line as the column `line`.

    What is no row becomes a fault.
    """
    quotes = block.data.count(b'"')
    if not quotes or quotes == 2 * len(_PLAINLY_QUOTED.findall(block.data)):
        try:
            rows = _at_once(block, columns, form, quoted=bool(quotes))
        except pa.ArrowInvalid:
            pass
        else:
            if rows.num_rows == block.count and not _has_empty_line(block.data):
                numbers = pa.arange(block.first, block.first + block.count)
                return rows.append_column("line", pa.chunked_array([numbers]))
    return _line_by_line(block, columns, faults, form)


def _has_empty_line(data: bytes) -> bool:
    # A regular expression takes a hundred times as long.
    return data.startswith(_EMPTY_LINES) or any(b"\n" + line in data for line in _EMPTY_LINES)


def _at_once(block: Block, columns: Sequence[str], form: Form, *, quoted: bool) -> pa.Table:
    return csv.read_csv(
        pa.BufferReader(block.data),
        # One block here is one chunk there.
        read_options=csv.ReadOptions(column_names=list(columns), block_size=len(block.data) + 1),
        parse_options=csv.ParseOptions(quote_char='"' if quoted else False, ignore_empty_lines=False),
        convert_options=csv.ConvertOptions(
            column_types={column: form.types[column] for column in columns},
            null_values=[""],
            strings_can_be_null=False,
        ),
    )


_PARSERS: Final[dict[str, tuple[Callable[[str], float | date | None], str]]] = {
    "requests_per_second": (lines.number, "a number, such as 12.5"),
    "storage_gib": (lines.number, "a number, such as 0.75"),
    "expires": (lines.day, "a day that exists, written YYYY-MM-DD"),
}


def _line_by_line(block: Block, columns: Sequence[str], faults: Faults, form: Form = TENANTS) -> pa.Table:
    read: dict[str, list[str | float | date | int | None]] = {column: [] for column in (*columns, "line")}
    for number, line in enumerate(block.data.removesuffix(b"\n").split(b"\n"), block.first):
        try:
            found = lines.fields(line.removesuffix(b"\r"))
        except lines.MalformedError as error:
            faults.add(Fault(form.line, "", number, error.message, at=error.column))
            continue
        if len(found) != len(columns):
            message = "the line does not have one field for each column"
            measured, limit = f"{len(found)} fields", f"{len(columns)}, as the header has"
            faults.add(Fault(form.line, "", number, message, measured, limit, at=1))
            continue
        for column, field in zip(columns, found, strict=True):
            parser, limit = _PARSERS.get(column, (str, ""))
            try:
                read[column].append(parser(field.text))
            except ValueError:
                message = f"{column} does not have its form"
                seen = excerpt(field.text)
                faults.add(
                    Fault(form.value, column, number, message, seen, limit, at=field.column, length=field.length)
                )
                # 0 and the last day draw no finding of their own.
                read[column].append(date.max if column == "expires" else 0.0)
        read["line"].append(number)
    return pa.table({column: pa.array(values, form.types.get(column, pa.int64())) for column, values in read.items()})

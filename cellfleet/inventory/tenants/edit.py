"""A tenant file with some tenants in other cells, and some new ones: every other line is kept as it is, to the byte.

A million rows are normal, so the file is read once, line by line, and written while it is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from cellfleet.inventory.edit.lines import Change
from cellfleet.inventory.tenants.lines import Field, fields

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Row:
    """A tenant to add."""

    id: str
    slug: str
    cell: str
    group: str = ""
    requests_per_second: float = 0.0
    storage_gib: float = 0.0


def edited(
    source: BinaryIO,
    target: BinaryIO,
    cells: Mapping[str, str],
    rows: Sequence[Row] = (),
    homes: Mapping[str, str] | None = None,
) -> tuple[Change, ...]:
    """Copy a tenant file that has been read before, and tell which lines are others now.

    `cells` are the cells that tenants are to be in, by the tenants' ids, and `homes` those that they were in when the
    file was read; `rows` come last, in the header's columns. Raises LookupError where one of the ids is not there, or
    in another cell than its home.
    """
    header = source.readline()
    columns = [field.text for field in fields(_bare(header.removeprefix(_BYTE_ORDER_MARK)))]
    ending = _ending(header)
    target.write(header if header != _bare(header) or not rows else header + ending)
    changed: list[Change] = []
    left = {id.encode(): cell for id, cell in cells.items()}
    last = _copied(source, target, columns, left, homes or {}, changed, ending if rows else b"")
    if len(changed) < len(cells):
        raise LookupError(f"{len(cells) - len(changed)} of the tenants have no row")
    for number, row in enumerate(rows, last + 1):
        line = ",".join(_value(getattr(row, column, "")) for column in columns)
        target.write(line.encode() + ending)
        changed.append(Change(number, (), (line,)))
    return tuple(changed)


def _copied(
    source: BinaryIO,
    target: BinaryIO,
    columns: Sequence[str],
    left: dict[bytes, str],
    homes: Mapping[str, str],
    changed: list[Change],
    ending: bytes,
) -> int:
    """Copy all rows, those of `left` changed, and give the number of the last line, which ends with `ending` then."""
    at_id, at_cell = columns.index("id"), columns.index("cell")
    number, line = 1, b"\n"

    def copies() -> Iterator[bytes]:
        nonlocal number, line
        for number, line in enumerate(source, 2):
            if b'"' in line:
                id = fields(_bare(line))[at_id].text.encode()
            else:
                id = line.split(b",", at_id + 1)[at_id].rstrip(b"\r\n")
            if id in left and id:
                field = fields(_bare(line))[at_cell]
                if homes.get(id.decode(), field.text) != field.text:
                    raise LookupError(f"{id.decode()} is in {field.text} now")
                new = _in_cell(line, field, left.pop(id))
                changed.append(Change(number, (_bare(line).decode(),), (_bare(new).decode(),)))
                yield new
            else:
                yield line

    target.writelines(copies())
    if not line.endswith(b"\n"):
        target.write(ending)
    return number


def _in_cell(line: bytes, field: Field, cell: str) -> bytes:
    text = line.decode()
    start, end = field.column - 1, field.column - 1 + field.length
    quoted = text[start : start + 1] == '"'
    return f"{text[:start]}{_quoted(cell) if quoted else cell}{text[end:]}".encode()


def _value(value: str | float) -> str:
    """A value as a row has it: numbers to ten digits, quotes where a text would be taken for more than one."""
    text = f"{value:.10g}" if isinstance(value, float | int) else value
    return _quoted(text) if any(sign in text for sign in ',"') else text


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _bare(line: bytes) -> bytes:
    return line.rstrip(b"\r\n")


def _ending(line: bytes) -> bytes:
    return b"\r\n" if line.endswith(b"\r\n") else b"\n"

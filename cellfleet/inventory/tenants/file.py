"""One file's rows as a table, with everything that is wrong with its header and its lines."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final, cast

import pyarrow as pa

from cellfleet.inventory.fault import similar
from cellfleet.inventory.tenants import lines
from cellfleet.inventory.tenants.blocks import SIZE, LineTooLongError, blocks, table
from cellfleet.inventory.tenants.columns import no_rows
from cellfleet.inventory.tenants.faults import Fault, Faults, excerpt
from cellfleet.inventory.tenants.form import Form

MOST_ROWS: Final = 20_000_000
"""Rows beyond which the file is taken for a mistake; at about 100 bytes a row they still fit in memory."""


def rows(path: Path, form: Form, faults: Faults, check: Callable[[pa.Table], None]) -> tuple[list[str], pa.Table]:
    """The file's columns, in its order, and its rows, with the number of each one's line as the column `line`.

    `check` is called with the rows of each block as they are read.
    """
    columns: list[str] = []
    tables: list[pa.Table] = []
    try:
        with opened(path) as stream:
            columns = _header(stream, form, faults)
            for block in blocks(stream, first=2) if columns else ():
                if block.first > MOST_ROWS:
                    faults.add(Fault(form.file, "", block.first, f"the file has more than {MOST_ROWS:,} rows", at=1))
                    break
                some = table(block, columns, faults, form)
                check(some)
                tables.append(some)
    except LineTooLongError as error:
        faults.add(Fault(form.file, "", error.line, f"the line has more than {SIZE:,} bytes", at=1))
    except (OSError, EOFError, zlib.error) as error:
        faults.add(Fault(form.file, "", 0, _reason(error)))
    found = pa.concat_tables(tables).unify_dictionaries() if tables else no_rows(columns or form.required, form.types)
    return columns, found


def opened(path: Path) -> BinaryIO:
    """The file's bytes, unpacked where its name says that they are packed. Raises OSError."""
    if "\0" in str(path):
        raise OSError("its name holds a NUL")
    if path.exists() and not path.is_file():
        raise OSError("it is not a file")
    return cast(BinaryIO, gzip.open(path) if path.suffix == ".gz" else path.open("rb"))


def _reason(error: Exception) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such file"
        case PermissionError():
            return "the file may not be read"
        case gzip.BadGzipFile() | EOFError() | zlib.error():
            return "its name ends in .gz, but it is not a whole gzip file"
        case _:
            return f"it cannot be read: {getattr(error, 'strerror', None) or error}"


def _header(stream: BinaryIO, form: Form, faults: Faults) -> list[str]:
    """The names of the file's columns; none where they cannot be relied on."""
    line = stream.readline(SIZE).rstrip(b"\r\n")
    # Spreadsheets start a UTF-8 file with a byte order mark.
    line = line.removeprefix(b"\xef\xbb\xbf")
    try:
        fields = lines.fields(line)
    except lines.MalformedError as error:
        message = error.message if line else "the file does not start with a header"
        faults.add(Fault(form.header, "", 1, message, at=error.column))
        return []
    names = [field.text for field in fields]
    for index, field in enumerate(fields):
        if field.text not in form.types:
            message, measured = "there is no such column", excerpt(field.text)
            remedy = similar(field.text, form.types)
        elif field.text in names[:index]:
            message, measured, remedy = f"the column {field.text} is there twice", "", "remove one of them"
        else:
            continue
        limit = ", ".join(form.types)
        faults.add(Fault(form.header, "", 1, message, measured, limit, remedy, field.column, field.length))
    needed = (*form.required, *(form.together if set(form.together) & set(names) else ()))
    for column in needed:
        if column not in names:
            message = f"the column {column} is missing"
            faults.add(Fault(form.header, column, 1, message, at=1, length=len(line)))
    return [] if faults else names

"""From a tenant file to `Tenants`, and everything that is wrong with it."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, cast

import pyarrow as pa

from cellfleet.inventory.fault import similar
from cellfleet.inventory.finding import Finding
from cellfleet.inventory.tenants import checks, lines, rules
from cellfleet.inventory.tenants.blocks import SIZE, LineTooLongError, blocks, table
from cellfleet.inventory.tenants.columns import OF_ALIASES, REQUIRED, TYPES, Tenants, gather, no_rows, split
from cellfleet.inventory.tenants.faults import Fault, Faults, excerpt

MOST_ROWS: Final = 20_000_000
"""Rows beyond which the file is taken for a mistake; at about 100 bytes a row they still fit in memory."""


def read(
    path: Path, cells: Sequence[str], as_of: date, *, name: str | None = None
) -> tuple[Tenants, tuple[Finding, ...]]:
    """Read a tenant file.

    `cells` are the inventory's, `as_of` is the day on which an alias may have expired, and `name` is what findings call
    the file. Where a finding is an error, what is returned beside it lacks the rows that could not be read.
    """
    faults = Faults()
    columns: list[str] = []
    tables: list[pa.Table] = []
    declared = dict.fromkeys(cells).keys()  # in order, and fast to look up
    try:
        with _open(path) as stream:
            columns = _header(stream, faults)
            for block in blocks(stream, first=2) if columns else ():
                if block.first > MOST_ROWS:
                    faults.add(Fault(rules.FILE, "", block.first, f"the file has more than {MOST_ROWS:,} rows", at=1))
                    break
                rows = table(block, columns, faults)
                checks.values(rows, declared, faults)
                tables.append(rows)
    except LineTooLongError as error:
        faults.add(Fault(rules.FILE, "", error.line, f"the line has more than {SIZE:,} bytes", at=1))
    except (OSError, EOFError, zlib.error) as error:
        faults.add(Fault(rules.FILE, "", 0, _reason(error)))
    rows = pa.concat_tables(tables).unify_dictionaries() if tables else no_rows(columns or REQUIRED)
    tenants, aliases = split(rows)
    checks.unique("id", tenants, faults)
    checks.unique("slug", rows, faults)
    checks.aliases(tenants, aliases, as_of, faults)
    findings = faults.findings(name or str(path), columns, partial(_open, path))
    return gather(tenants, aliases, cells), tuple(findings)


def _open(path: Path) -> BinaryIO:
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


def _header(stream: BinaryIO, faults: Faults) -> list[str]:
    """The names of the file's columns; none where they cannot be relied on."""
    line = stream.readline(SIZE).rstrip(b"\r\n")
    # Spreadsheets start a UTF-8 file with a byte order mark.
    line = line.removeprefix(b"\xef\xbb\xbf")
    try:
        fields = lines.fields(line)
    except lines.MalformedError as error:
        message = error.message if line else "the file does not start with a header"
        faults.add(Fault(rules.HEADER, "", 1, message, at=error.column))
        return []
    names = [field.text for field in fields]
    for index, field in enumerate(fields):
        if field.text not in TYPES:
            message, measured = "there is no such column", excerpt(field.text)
            remedy = similar(field.text, TYPES)
        elif field.text in names[:index]:
            message, measured, remedy = f"the column {field.text} is there twice", "", "remove one of them"
        else:
            continue
        limit = ", ".join(TYPES)
        faults.add(Fault(rules.HEADER, "", 1, message, measured, limit, remedy, field.column, field.length))
    needed = REQUIRED + (OF_ALIASES if set(OF_ALIASES) & set(names) else ())
    for column in needed:
        if column not in names:
            message = f"the column {column} is missing"
            faults.add(Fault(rules.HEADER, column, 1, message, at=1, length=len(line)))
    return [] if faults else names

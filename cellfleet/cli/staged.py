"""A tenant file as it is to be, made aside and read back before it takes the place of the one that is there."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from cellfleet.failure import Failure
from cellfleet.inventory.edit.lines import Change
from cellfleet.inventory.finding import Invalid, Severity
from cellfleet.inventory.model import Fleet

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants
    from cellfleet.inventory.tenants.edit import Row


@dataclass(frozen=True)
class Staged:
    """A tenant file with its edits."""

    file: Path
    """The one that is there."""
    aside: Path
    """The one that is to be there."""
    tenants: Tenants
    changes: tuple[Change, ...]
    seen: object
    """What the one that is there was like when it was copied (`state_of`)."""


def stage(
    tenants: Tenants | None,
    fleet: Fleet,
    cells: Mapping[str, str],
    rows: Sequence[Row],
    inventory: Path,
    folder: Path,
) -> Staged | None:
    """The tenant file with some tenants in other cells, and some new ones, in a folder; None where nobody moves or
    comes.

    Raises Invalid where it cannot be understood then, Failure where it is not what it was when it was read, and
    AssertionError where the edits mean other tenants than were asked for: a bug, after which nothing is to be written.
    """
    if tenants is None or fleet.tenants is None or not (cells or rows):
        return None
    from cellfleet.inventory.tenants.edit import edited
    from cellfleet.inventory.tenants.file import opened
    from cellfleet.inventory.tenants.read import read

    file = inventory.parent / fleet.tenants.file
    aside = folder / file.name
    before = _placements(tenants)
    homes = {id: cell for id, cell in before if id in cells}
    seen = state_of(file)
    try:
        with opened(file) as source, _new(aside) as target:
            changes = edited(source, target, cells, rows, homes)
    except (LookupError, FileNotFoundError):
        raise changed_meanwhile(file) from None
    except OSError as error:
        raise Failure(
            f"{aside} cannot be written: {error.strerror or error}.", "Make room for a copy of the tenant file there."
        ) from error
    staged, findings = read(aside, [*fleet.cells], date.min, name=str(file))
    if errors := tuple(finding for finding in findings if finding.severity is Severity.ERROR):
        raise Invalid(errors)
    meant = [(id, cells.get(id, cell)) for id, cell in before] + [(row.id, row.cell) for row in rows]
    if _placements(staged) != meant:
        if _placements(read(file, [*fleet.cells], date.min)[0]) != before:
            raise changed_meanwhile(file)
        raise AssertionError(f"the edits of {file} mean other tenants than those that were asked for")
    return Staged(file, aside, staged, changes, seen)


def state_of(file: Path) -> object:
    """What is another once somebody has written the file, put another in its place, or taken it away."""
    with suppress(FileNotFoundError):
        found = file.stat()
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
    return None


def changed_meanwhile(file: Path | str) -> Failure:
    """That somebody else has changed a file, whose work an edit of what it was would undo."""
    return Failure(f"{file} is not what it was when it was read.", "Run the command again.")


def recounted(tenants: Tenants | None, fleet: Fleet) -> Tenants | None:
    """The same tenants, counted in the cells that a fleet has."""
    if tenants is None:
        return None
    from cellfleet.inventory.tenants.columns import gather

    return gather(tenants.rows, tenants.aliases, [*fleet.cells])


def _new(path: Path) -> BinaryIO:
    """A file to write, packed where its name says so; of the same content always the same bytes."""
    return cast(BinaryIO, gzip.GzipFile(path, "wb", mtime=0) if path.suffix == ".gz" else path.open("wb"))


def _placements(tenants: Tenants) -> list[tuple[str, str]]:
    return list(zip(tenants.rows["id"].to_pylist(), tenants.rows["cell"].to_pylist(), strict=True))

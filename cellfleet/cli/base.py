"""The inventory that a change started from, out of git: where the work on HEAD parted from a ref."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from cellfleet.cli import BAD_INVOCATION
from cellfleet.cli.repository import Folder
from cellfleet.failure import Failure
from cellfleet.inventory.finding import Invalid, Severity
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.source import read
from policies.lifecycle.before import Before, of_fleet

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants


def base(inventory: Path, ref: str) -> Before:
    """What the fleet was at the merge base of `ref` and HEAD; the checkout may have changed since.

    It has no cells where there was no inventory of that name yet, which stderr is told, for it may have been moved; and
    no tenants where their file is not kept in git, as a directory's snapshot should not be, or could not be read.

    Raises Failure where git cannot tell, and where the inventory could not be understood then.
    """
    folder = Folder(inventory.parent)
    commit = folder.parted(ref)
    with TemporaryDirectory(prefix="cellfleet-base-") as temporary:
        copy = Path(temporary) / inventory.name
        _write(copy.parent, folder.contents(commit, [copy.name]))
        if not copy.exists():
            told = f"There was no {inventory.name} in that folder where this change parted from {ref} ({commit[:12]})"
            print(f"{told}: every cell counts as new.", file=sys.stderr)
            return Before({})
        _write(copy.parent, folder.contents(commit, [*_included(folder, commit, copy)]))
        try:
            fleet = load(copy)
        except Invalid as invalid:
            first = invalid.findings[0]
            where = f"The inventory where this change parted from {ref} ({commit[:12]}) cannot be understood"
            remedy = "Compare with a ref whose inventory `cellfleet check` accepts, or compare with none."
            message = f"{where}: {first.rule} {first.subject}: {first.message}."
            raise Failure(message, remedy, exit_code=BAD_INVOCATION) from None
        return of_fleet(fleet, _tenants(folder, commit, fleet, copy.parent), folder.day(commit))


def _included(folder: Folder, commit: str, copy: Path) -> Iterator[str]:
    """The files that the inventory's patterns can mean; `load` decides which of them they do.

    A pattern's names before its first wildcard say where to look, so that a large repository is not listed whole.
    """
    content: Any = read(copy).content
    patterns = content.get("include") if isinstance(content, dict) else None
    for pattern in patterns if isinstance(patterns, list) else ():
        parts = PurePosixPath(pattern).parts if isinstance(pattern, str) else ()
        if not parts or "/" in parts or ".." in parts:
            continue  # which `load` tells
        fixed = next((at for at, part in enumerate(parts) if set(part) & set("*?[")), len(parts) - 1)
        fixed = min(fixed, len(parts) - 1)
        for name in folder.names(commit, "/".join(parts[:fixed])):
            deep = "**" in parts or name.count("/") == len(parts) - 1
            if deep and (parts[-1] == "**" or fnmatchcase(PurePosixPath(name).name, parts[-1])):
                yield name


def _tenants(folder: Folder, commit: str, fleet: Fleet, copy: Path) -> Tenants | None:
    file = fleet.tenants.file if fleet.tenants else None
    content = folder.contents(commit, [file]) if file else {}
    if not content or file is None:
        return None
    from cellfleet.inventory.tenants.read import read as read_tenants

    path = copy / f"tenants{''.join(PurePosixPath(file).suffixes[-2:])}"
    path.write_bytes(content[file])
    tenants, findings = read_tenants(path, tuple(fleet.cells), date.min)
    return None if any(finding.severity is Severity.ERROR for finding in findings) else tenants


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

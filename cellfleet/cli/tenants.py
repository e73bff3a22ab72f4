"""The tenants of a fleet and their project keys, with what is wrong with their files."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cellfleet.inventory.finding import Finding, Invalid, Severity, TenantFile
from cellfleet.inventory.model import Fleet

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import ProjectKeys, Tenants


def tenants_of(fleet: Fleet, inventory: Path) -> tuple[Tenants | None, ProjectKeys | None]:
    """Those of a fleet whose files are right; None where it names none.

    Raises Invalid with what is wrong with them.
    """
    if (named := files_of(fleet)) is None:
        return None, None
    # that an alias has expired changes nothing of what is made: `check` says it
    tenants, keys, findings = read(named, inventory, date.min)
    if errors := tuple(finding for finding in findings if finding.severity is Severity.ERROR):
        raise Invalid(errors)
    return tenants, keys


def files_of(fleet: Fleet) -> TenantFile | None:
    """The files that a fleet names."""
    source = fleet.tenants
    return TenantFile(source.file, tuple(fleet.cells), source.project_keys) if source else None


def read(named: TenantFile, inventory: Path, as_of: date) -> tuple[Tenants, ProjectKeys | None, tuple[Finding, ...]]:
    """Read the files, which are named relative to the inventory; what is returned beside errors lacks their rows."""
    from cellfleet.inventory.tenants.read import read  # and with it pyarrow, which not every fleet has to wait for

    tenants, findings = read(inventory.parent / named.file, named.cells, as_of)
    if named.project_keys is None:
        return tenants, None, findings
    from cellfleet.inventory.tenants import project_keys

    known = tenants if all(finding.severity is not Severity.ERROR for finding in findings) else None
    keys, further = project_keys.read(inventory.parent / named.project_keys, known)
    return tenants, keys, (*findings, *further)

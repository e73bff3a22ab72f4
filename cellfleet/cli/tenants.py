"""The tenants of a fleet, for commands that cannot do without a tenant file that is right."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cellfleet.inventory.finding import Invalid, Severity
from cellfleet.inventory.model import Fleet

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import ProjectKeys, Tenants


def tenants_of(fleet: Fleet, inventory: Path) -> tuple[Tenants | None, ProjectKeys | None]:
    """The tenants and their project keys, in files named relative to the inventory; None where it names none.

    Raises Invalid with what is wrong with them.
    """
    if fleet.tenants is None:
        return None, None
    from cellfleet.inventory.tenants.read import read

    # that an alias has expired changes nothing of what is made: `check` says it
    tenants, findings = read(inventory.parent / fleet.tenants.file, tuple(fleet.cells), date.min)
    keys = None
    if fleet.tenants.project_keys is not None:
        from cellfleet.inventory.tenants import project_keys

        keys, further = project_keys.read(inventory.parent / fleet.tenants.project_keys, tenants)
        findings = (*findings, *further)
    errors = tuple(finding for finding in findings if finding.severity is Severity.ERROR)
    if errors:
        raise Invalid(errors)
    return tenants, keys

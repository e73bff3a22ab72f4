"""From a tenant file to `Tenants`, and everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path

from cellfleet.inventory.finding import Finding
from cellfleet.inventory.tenants import checks
from cellfleet.inventory.tenants.columns import Tenants, gather, split
from cellfleet.inventory.tenants.faults import Faults
from cellfleet.inventory.tenants.file import opened, rows
from cellfleet.inventory.tenants.form import TENANTS


def read(
    path: Path, cells: Sequence[str], as_of: date, *, name: str | None = None
) -> tuple[Tenants, tuple[Finding, ...]]:
    """Read a tenant file.

    `cells` are the inventory's, `as_of` is the day on which an alias may have expired, and `name` is what findings call
    the file. Where a finding is an error, what is returned beside it lacks the rows that could not be read.
    """
    faults = Faults(TENANTS.subject)
    declared = dict.fromkeys(cells).keys()  # in order, and fast to look up
    columns, every = rows(path, TENANTS, faults, lambda some: checks.values(some, declared, faults))
    tenants, aliases = split(every)
    checks.unique("id", tenants, faults)
    checks.unique("slug", every, faults)
    checks.aliases(tenants, aliases, as_of, faults)
    findings = faults.findings(name or str(path), columns, partial(opened, path))
    return gather(tenants, aliases, cells), tuple(findings)

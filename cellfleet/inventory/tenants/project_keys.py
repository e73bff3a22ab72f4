"""From a file of project keys to `ProjectKeys`, and everything that is wrong with it.

A project key is what a client's SDK sends in place of a tenant's name; some routers look it up by itself. A CSV file
with the columns `public_key` and `tenant_id`, read as the tenant file is.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from cellfleet.inventory.finding import Finding
from cellfleet.inventory.tenants import checks, rules
from cellfleet.inventory.tenants.columns import ProjectKeys, Tenants
from cellfleet.inventory.tenants.faults import Faults
from cellfleet.inventory.tenants.file import opened, rows
from cellfleet.inventory.tenants.form import PROJECT_KEYS


def read(path: Path, tenants: Tenants | None, *, name: str | None = None) -> tuple[ProjectKeys, tuple[Finding, ...]]:
    """Read the project keys of `tenants`, which are None where they could not be read; `name` is what findings call the
    file.

    Where a finding is an error, what is returned beside it lacks the rows that could not be read.
    """
    faults = Faults(PROJECT_KEYS.subject)
    columns, every = rows(path, PROJECT_KEYS, faults, lambda some: checks.keys(some, faults))
    checks.unique("public_key", every, faults, rules.KEY_DUPLICATE)
    if tenants is not None:
        checks.of_tenants(every, tenants.rows["id"], faults)
    findings = faults.findings(name or str(path), columns, partial(opened, path))
    return ProjectKeys(every.select(list(PROJECT_KEYS.required))), tuple(findings)

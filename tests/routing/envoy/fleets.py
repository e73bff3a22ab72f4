"""The test fleet with tenants, as each locality's routers have it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pseudonym import Key
from cellfleet.inventory.tenants.columns import Tenants
from cellfleet.inventory.tenants.read import read
from cellfleet.routing.table import RoutingTable, routing_table
from tests.fleets import fleet

KEY = Key(b"0123456789abcdef0123456789abcdef", secret=True)
TENANTS = {
    "acme": ("1001", "us-aws-1"),
    "globex": ("1002", "us-gcp-1"),
    "initech": ("1003", "us-azure-1"),
    "hooli": ("1004", "us-k8s-1"),
    "bosch": ("2001", "de-gcp-1"),
    "siemens": ("2002", "de-gcp-2"),
}
ALIASES = {"acme-corp": "acme", "bosch-gmbh": "bosch"}


def tenants(of: Fleet, rows: Mapping[str, tuple[str, str]] = TENANTS, aliases: Mapping[str, str] = ALIASES) -> Tenants:
    """Tenants by slug, with the id and the cell of each, and aliases with the slug that each leads to."""
    lines = ["id,slug,cell,group,requests_per_second,storage_gib,alias_of,expires"]
    lines += [f"{number},{slug},{cell},,1,1,," for slug, (number, cell) in rows.items()]
    lines += [f",{alias},,,,,{slug},2035-12-31" for alias, slug in aliases.items()]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "tenants.csv"
        file.write_text("\n".join(lines) + "\n")
        found, findings = read(file, tuple(of.cells), date(2026, 11, 24))
    assert not findings, findings
    return found


def table(
    changes: dict[str, Any] | None = None, locality: str = "us", rows: Mapping[str, tuple[str, str]] = TENANTS
) -> RoutingTable:
    """The table of one locality of the test fleet with these changes."""
    made = fleet(changes)
    aliases = {alias: slug for alias, slug in ALIASES.items() if slug in rows}
    return routing_table(made, locality, tenants(made, rows, aliases), KEY)


def routes(*some: Mapping[str, Any]) -> dict[str, Any]:
    """A change by which the fleet has these routes."""
    return {"routes": [dict(route) for route in some]}

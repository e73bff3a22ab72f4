"""`cellfleet tenant explain`: why a tenant lives where it does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from cyclopts import Parameter

from cellfleet.cli import InventoryPath
from cellfleet.cli.output import table
from cellfleet.cli.output.text import escaped
from cellfleet.cli.placing import limits_of, tenants_to_place
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Fleet
from cellfleet.placement.explain import Explanation, explain

FORMAT_VERSION: Final = 1


def explain_tenant(
    name: Annotated[str, Parameter(name="TENANT")],
    /,
    *,
    inventory: InventoryPath = Path("cells.yaml"),
    output: Literal["text", "json"] = "text",
) -> int:
    """Say why a tenant lives in its cell, and why not in each other one.

    Parameters
    ----------
    name
        Its slug, an alias of it, or its id.
    inventory
        The fleet's file.
    output
        How to say it.
    """
    fleet = load(inventory)
    tenants = tenants_to_place(fleet, inventory)
    said = explain(fleet, tenants, name, limits=limits_of(fleet))
    print(json.dumps(_as_json(said), indent=2) if output == "json" else "\n".join(_told(fleet, said)))
    return 0


def _told(fleet: Fleet, said: Explanation) -> Iterator[str]:
    tenant = said.tenant
    yield (
        f"{escaped(tenant.slug)} (id {tenant.id}) lives in {said.cell}, locality {said.locality}:"
        f" {tenant.requests_per_second:,.6g} requests per second, {tenant.storage_gib:,.6g} GiB"
    )
    for reason in said.why:
        yield f"  {reason}"
    yield ""
    if said.next:
        yield f"{'It has to leave, and goes' if said.must_leave else 'If it had to leave, it would go'} to {said.next}:"
    else:
        yield f"{'It has to leave, and no' if said.must_leave else 'If it had to leave, no'} cell would take it:"
    rows = [[f"  {one.cell}", str(fleet.cells[one.cell].locality), one.reason] for one in said.others]
    yield from table.lines(["  cell", "locality", "why, or why not"], rows, left=3)


def _as_json(said: Explanation) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "format_version": FORMAT_VERSION,
        "tenant": {
            "id": said.tenant.id,
            "slug": said.tenant.slug,
            "group": said.tenant.group,
            "requests_per_second": said.tenant.requests_per_second,
            "storage_gib": said.tenant.storage_gib,
            "dedicated": said.tenant.dedicated,
        },
        "cell": said.cell,
        "locality": said.locality,
        "why": list(said.why),
        "must_leave": said.must_leave,
        "next": said.next or None,
        "others": [asdict(one) for one in said.others],
    }

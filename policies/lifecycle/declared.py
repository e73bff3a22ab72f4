"""What a cell's stack says of the cell that it holds: what it was declared to be when it was last deployed.

The stack's program exports it, and the next run holds the inventory against it. It tells nothing that a release
changes, for a release does not deploy this stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cellfleet.inventory.model import CellClass, Fleet, ManagedCell

OUTPUT: Final = "declared"
"""The name of the output."""


def declared(fleet: Fleet, cell: ManagedCell) -> dict[str, Any]:
    """Plain values that can be written as JSON, none of a tenant's."""
    return {
        "id": cell.id,
        "provider": str(cell.provider),
        "account": cell.account,
        "region": cell.region,
        "cidr": str(cell.cidr),
        "locality": cell.locality,
        "state": str(cell.state),
        "tenancy": str(cell.tenancy),
        "class": cell.class_,
        "size": dict(size_of(fleet.class_of(cell))),
    }


def size_of(cell_class: CellClass) -> Mapping[str, float]:
    """All of a class that decides what is made of it, by dotted name: `{"nodes.count": 3, "replicas.web": 3}`.

    `nat.zonal` is 1 where each zone has a NAT, else 0.
    """
    return {
        **{f"capacity.{name}": value for name, value in cell_class.capacity},
        **{f"nodes.{name}": value for name, value in cell_class.nodes},
        **{f"database.{name}": value for name, value in cell_class.database},
        **{f"replicas.{service}": pods for service, pods in cell_class.replicas.items()},
        "nat.zonal": int(not cell_class.single_nat),
    }

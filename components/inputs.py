"""What a cell's component is declared with: the same on every provider, and what rules read of a cell."""

from __future__ import annotations

from cellfleet.inventory.model import ManagedCell


def inputs(cell: ManagedCell) -> dict[str, object]:
    """A cell's declaration as plain values."""
    return {
        "cell": cell.name,
        "locality": cell.locality,
        "class": cell.class_,
        "ring": cell.ring,
        "state": str(cell.state),
        "tenancy": str(cell.tenancy),
        "isolation": str(cell.isolation),
        "account": cell.account,
        "region": cell.region,
        "zones": list(cell.zones),
        "cidr": str(cell.cidr),
        "podCidr": str(cell.pod_cidr),
        "backupRegion": cell.backup.region,
        "replicationRegion": cell.replication.region if cell.replication else None,
    }

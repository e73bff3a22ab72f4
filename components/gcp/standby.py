"""A cell's warm standby in another region: a replica of the database that can be promoted, with a key of its own.

The network is global here, so the replica is reached through the same peering. The bucket's copy is in
components/gcp/storage.py.
"""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components.gcp.database import Database


class Standby(pulumi.ComponentResource):
    """The replica."""

    replica: gcp.sql.DatabaseInstance

    def __init__(
        self,
        cell: str,
        *,
        database: Database,
        region: str,
        key: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:gcp:Standby", f"{cell}-standby", {"region": region}, opts)
        self.replica = database.replica(
            f"{cell}-standby", region=region, key=key, opts=pulumi.ResourceOptions(parent=self)
        )
        self.register_outputs({})

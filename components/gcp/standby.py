"""A reader of the cell's database in another region, which a promotion makes a writer.

It is in the cell's own network: Google's managed services have a /24 of the leased range in each region.
"""

from __future__ import annotations

import pulumi

from components.gcp.database import PORT, Database, replica
from components.gcp.elsewhere import Elsewhere
from components.gcp.network import Network


class Standby(pulumi.ComponentResource):
    """The instance, encrypted by the key of its own region."""

    def __init__(
        self,
        name: str,
        *,
        elsewhere: Elsewhere,
        network: Network,
        database: Database,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:gcp:Standby", name, {"region": elsewhere.place.region}, opts)
        self.instance = replica(
            f"{name}-database",
            place=elsewhere.place,
            of=database,
            zones=(),
            network=network,
            keys=elsewhere.keys,
            parent=self,
            holds_state=True,
        )
        self.outputs: dict[str, pulumi.Input[str]] = {
            "region": elsewhere.place.region,
            "database": self.instance.private_ip_address.apply(lambda known: f"{known}:{PORT}"),
            "database_instance": self.instance.name,
            "bucket": elsewhere.bucket.name,
            "key": elsewhere.keys.keys["data"].id,
            "network_id": network.network.id,
        }
        """What a promotion needs: `gcloud sql instances promote-replica` takes the instance's name."""
        self.register_outputs({})

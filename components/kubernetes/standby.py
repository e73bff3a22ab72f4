"""The warm standby of a cell on a cluster that one already has, on a second cluster in the named region.

The second cluster is the kubeconfig context `<account>-<region>`, and has what the first one must have. The standby
replays what the primary archives in its bucket of backups, so nothing but the object store connects the two. The key
of that bucket is the Secret `source` in the standby's namespace, which somebody copies there (External Secrets, say):
claims' keys are made in the cluster of the claim, and no stack of ours reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pulumi

from cellfleet.inventory.model import Fleet, ManagedCell
from components.kubernetes import database, names, requirements
from components.kubernetes.keys import Keys
from components.kubernetes.network import data_space
from components.kubernetes.provider import standby_provider
from components.kubernetes.storage import BACKUPS, DATA, claim

_SOURCE: Final = "source"


class Standby(pulumi.ComponentResource):
    """A replica cluster and the buckets beside it."""

    outputs: Mapping[str, pulumi.Input[str]]
    """What a promotion needs: `region`, `context`, `namespace`, `database`, `bucket`, `keys`.

    To promote: set `spec.replica.enabled` of the Cluster to false, then move the cell's address.
    """

    def __init__(
        self, fleet: Fleet, cell: ManagedCell, region: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("cellfleet:kubernetes:Standby", f"{cell.name}-standby", {"region": region}, opts)
        namespace = f"{cell.name}-standby"
        there = standby_provider(cell)
        here = pulumi.ResourceOptions(parent=self, provider=there)
        space = data_space(fleet, cell, namespace, here)
        within = pulumi.ResourceOptions(parent=self, provider=there, depends_on=[space])
        keys = Keys(fleet, cell, namespace, within)
        guarded = pulumi.ResourceOptions.merge(within, pulumi.ResourceOptions(protect=cell.guarded))
        before = [
            keys,
            claim(fleet, cell, namespace, DATA, region, guarded),
            claim(fleet, cell, namespace, BACKUPS, region, guarded),
            database.store(fleet, cell, namespace, BACKUPS, BACKUPS, region, within),
            database.store(fleet, cell, namespace, _SOURCE, _SOURCE, cell.backup.region, within),
            database.certificate(fleet, cell, namespace, within),
        ]
        primary = names.data_namespace(cell)
        database.custom(
            fleet,
            cell,
            namespace,
            "postgresql.cnpg.io/v1",
            "Cluster",
            names.DATABASE,
            {
                **database.cluster(fleet, cell, namespace, None),
                "bootstrap": {"recovery": {"source": primary}},
                "replica": {"enabled": True, "source": primary},
                "externalClusters": [
                    {
                        "name": primary,
                        "plugin": {
                            "name": requirements.BARMAN,
                            "parameters": {"barmanObjectName": _SOURCE, "serverName": primary},
                        },
                    }
                ],
            },
            pulumi.ResourceOptions.merge(guarded, pulumi.ResourceOptions(depends_on=before)),
        )
        self.outputs = {
            "region": region,
            "context": f"{cell.account}-{region}",
            "namespace": namespace,
            "database": database.endpoint(namespace),
            "bucket": names.bucket(fleet, cell, DATA),
            "keys": keys.key_ids["data"],
        }
        self.register_outputs(dict(self.outputs))

"""A cell on a cluster that one already has: the same parts as on a cloud, made of the cluster's own operators.

What the cluster must have is in requirements.py and docs/kubernetes-cells.md. With `isolation: soft` several cells
share one: whatever is not in a namespace of the cell's own then bears its name, as it does with `hard`.
"""

from __future__ import annotations

import pulumi

from cellfleet.inventory.model import Fleet, ManagedCell
from components.inputs import inputs
from components.kubernetes import names
from components.kubernetes.cluster import Cluster
from components.kubernetes.database import Database
from components.kubernetes.dns import Zone
from components.kubernetes.identity import Identity
from components.kubernetes.keys import Keys
from components.kubernetes.network import Network
from components.kubernetes.observability import Observability
from components.kubernetes.standby import Standby
from components.kubernetes.storage import Storage
from components.outputs import CellOutputs


class Cell(pulumi.ComponentResource):
    """The network, keys, cluster, database, storage, address, identity and monitors of a cell."""

    outputs: CellOutputs

    def __init__(self, fleet: Fleet, cell: ManagedCell, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cellfleet:kubernetes:Cell", cell.name, inputs(cell), opts)
        here = pulumi.ResourceOptions(parent=self)
        network = Network(fleet, cell, here)
        within = pulumi.ResourceOptions(parent=self, depends_on=[network])
        data = names.data_namespace(cell)
        cluster = Cluster(fleet, cell, here)
        keys = Keys(fleet, cell, data, within)
        storage = Storage(fleet, cell, data, within)
        database = Database(
            fleet,
            cell,
            data,
            cluster.priority_class,
            pulumi.ResourceOptions(parent=self, depends_on=[network, keys, storage]),
        )
        zone = Zone(fleet, cell, network.gateway.name, network.ingress_address, here)
        Identity(fleet, cell, within)
        Observability(fleet, cell, within)
        standby = Standby(fleet, cell, cell.replication.region, here) if cell.replication else None
        self.outputs = CellOutputs(
            ingress_address=network.ingress_address,
            cluster_endpoint=cluster.endpoint,
            kubeconfig=cluster.kubeconfig,
            database_endpoint=database.endpoint,
            bucket=storage.bucket,
            key_ids=keys.key_ids,
            network_id=network.network_id,
            cidr=str(cell.cidr),
            zone_name_servers=zone.name_servers,
            version=cluster.version,
            standby=standby.outputs if standby else {},
            workload={"context": cell.account},
        )
        self.register_outputs({"ingress_address": self.outputs.ingress_address})

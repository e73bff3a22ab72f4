"""A cell on Google Cloud, put together: what depends on what is read here from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_gcp as gcp

from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.types import Provider
from components.gcp import place
from components.gcp.cluster import Cluster
from components.gcp.database import Database
from components.gcp.dns import Zone
from components.gcp.identity import Identity
from components.gcp.keys import Keys
from components.gcp.network import Network
from components.gcp.observability import Observability
from components.gcp.project import Project
from components.gcp.provider import provider_at
from components.gcp.standby import Standby
from components.gcp.storage import Copies, Storage, bucket
from components.kubernetes.names import service_namespace
from components.outputs import CellOutputs
from components.tags import tags


class Cell(pulumi.ComponentResource):
    """One cell in a project of its own. `opts` carries the provider of that project and the cell's region."""

    outputs: CellOutputs

    def __init__(self, fleet: Fleet, cell: ManagedCell, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cellfleet:gcp:Cell", cell.name, _inputs(cell), opts)
        name, guarded, size, labels = cell.name, cell.guarded, fleet.class_of(cell), tags(fleet, cell)
        control = fleet.settings.control.get(Provider.GCP)
        standby = place.standby(cell)
        child = pulumi.ResourceOptions(parent=self)

        project = Project(name, opts=child)
        keys = Keys(
            name,
            region=cell.region,
            users={
                "data": {
                    "storage": project.storage_agent,
                    "sql": project.sql_agent,
                    "nodes": project.nodes_agent,
                },
                "secrets": {"cluster": project.cluster_agent},
                "logs": {"logging": project.logging_agent},
            },
            guarded=guarded,
            labels=labels,
            after=[project],
            opts=child,
        )
        network = Network(
            name,
            cidr=cell.cidr,
            pod_cidr=cell.pod_cidr,
            zones=cell.zones,
            single_nat=size.single_nat,
            labels=labels,
            after=[project],
            opts=child,
        )
        identity = Identity(
            name,
            project=cell.account,
            deploy_identity=fleet.settings.deploy_identity,
            after=[project],
            opts=child,
        )
        zone = Zone(
            name,
            address=fleet.address_of(cell),
            points_at=network.address.address,
            certificates=identity.certificates.member,
            guarded=guarded,
            labels=labels,
            after=[project],
            opts=child,
        )
        Observability(
            name,
            project=cell.account,
            number=project.number,
            region=cell.region,
            logs_key=keys.ids["logs"],
            monthly_cost_usd=size.monthly_cost_usd,
            billing_account=control.billing_account if control else None,
            contact=fleet.settings.contact,
            labels=labels,
            after=[project],
            opts=child,
        )
        cluster = Cluster(
            name,
            project=cell.account,
            region=cell.region,
            zones=cell.zones,
            network=network,
            nodes=size.nodes,
            node_account=identity.nodes.email,
            deploy_from=[str(source) for source in fleet.settings.deploy_from],
            data_key=keys.ids["data"],
            secrets_key=keys.ids["secrets"],
            guarded=guarded,
            labels=labels,
            after=[network, *identity.ready],  # nodes join through the NAT, as their account
            opts=child,
        )
        services = {service: service_namespace(cell, service) for service in fleet.services}
        identity.let_in(identity.services, "services", services, cluster.cluster)
        identity.let_in(identity.certificates, "certificates", {"cert-manager": "cert-manager"}, cluster.cluster)
        database = Database(
            name,
            region=cell.region,
            zones=cell.zones,
            size=size.database,
            network=network.network.id,
            backup_region=cell.backup.region,
            retention_days=cell.backup.retention_days,
            key=keys.ids["data"],
            client=identity.services.email,
            guarded=guarded,
            labels=labels,
            after=[network.services],
            opts=child,
        )
        storage = Storage(
            name,
            region=cell.region,
            key=keys.ids["data"],
            noncurrent_days=cell.backup.retention_days,
            reader_writer=identity.services.member,
            guarded=guarded,
            labels=labels,
            opts=child,
        )

        copies, copy_keys = self._copies(cell, project, labels)
        Copies(
            name,
            project=cell.account,
            source=storage.bucket,
            copies={f"copy-{there.region}": held for there, held in copies.items()},
            storage_agent=project.storage_agent,
            transfer_agent=project.transfer_agent,
            opts=child,
        )
        promotion: dict[str, pulumi.Input[str]] = {}
        if standby is not None:
            warm = Standby(
                name, database=database, region=standby.region, key=copy_keys[standby].ids["data"], opts=child
            )
            promotion = {
                "region": standby.region,
                "database": warm.replica.name,
                "database_address": warm.replica.private_ip_address,
                "bucket": copies[standby].name,
                "data_key": copy_keys[standby].ids["data"],
            }

        self.outputs = CellOutputs(
            ingress_address=network.address.address,
            cluster_endpoint=cluster.endpoint,
            kubeconfig=cluster.kubeconfig,
            database_endpoint=database.endpoint,
            bucket=storage.bucket.name,
            key_ids=keys.ids,
            network_id=network.network.id,
            cidr=str(cell.cidr),
            zone_name_servers=zone.name_servers.apply(list),
            version=cluster.version,
            standby=promotion,
            workload={
                "zone_name": zone.name,
                "address_name": network.address.name,
                "services_account": identity.services.email,
                "certificates_account": identity.certificates.email,
                "database": database.writer.connection_name,
            },
        )
        self.register_outputs({})

    def _copies(
        self, cell: ManagedCell, project: Project, labels: Mapping[str, str]
    ) -> tuple[dict[place.Place, gcp.storage.Bucket], dict[place.Place, Keys]]:
        """A bucket and keys in each other place: where backups go and the standby is may be one."""
        buckets: dict[place.Place, gcp.storage.Bucket] = {}
        keys: dict[place.Place, Keys] = {}
        for there in dict.fromkeys(filter(None, (place.backups(cell), place.standby(cell)))):
            name = f"{cell.name}-{there.region}"
            opts = pulumi.ResourceOptions(
                parent=self, provider=provider_at(there, f"{name}-gcp", pulumi.ResourceOptions(parent=self))
            )
            # In another project it is that project's own agent that encrypts what its buckets hold.
            owner = project if there.project == cell.account else Project(name, opts=opts)
            keys[there] = Keys(
                name,
                region=there.region,
                users={"data": {"storage": owner.storage_agent, "sql": project.sql_agent}},
                guarded=cell.guarded,
                labels=labels,
                after=[owner],
                opts=opts,
            )
            buckets[there] = bucket(
                f"{name}-objects",
                region=there.region,
                key=keys[there].ids["data"],
                noncurrent_days=cell.backup.retention_days,
                guarded=cell.guarded,
                labels=labels,
                opts=opts,
            )
        return buckets, keys


def _inputs(cell: ManagedCell) -> dict[str, object]:
    """What rules read of a cell beside its resources."""
    return {
        "cell": cell.name,
        "locality": cell.locality,
        "class": cell.class_,
        "account": cell.account,
        "region": cell.region,
        "zones": list(cell.zones),
        "cidr": str(cell.cidr),
        "podCidr": str(cell.pod_cidr),
        "state": str(cell.state),
        "backupRegion": cell.backup.region,
    }

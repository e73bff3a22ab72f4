"""A cell on GCP: everything of it that a release does not change, in one project."""

from __future__ import annotations

import pulumi

from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.types import Provider
from components.gcp import keys as key_users
from components.gcp.addresses import divide
from components.gcp.cluster import Cluster, machines
from components.gcp.database import Database
from components.gcp.dns import Zone
from components.gcp.elsewhere import Elsewhere, copies
from components.gcp.identity import DeployIdentities, Identities
from components.gcp.keys import Keys
from components.gcp.network import Network
from components.gcp.observability import Budget, Observability
from components.gcp.place import Place
from components.gcp.project import Project
from components.gcp.standby import Standby
from components.gcp.storage import Bucket, Copies
from components.inputs import inputs
from components.outputs import CellOutputs
from components.tags import tags


class Cell(pulumi.ComponentResource):
    """One cell; `outputs` is what other stacks and people read of it."""

    outputs: CellOutputs

    def __init__(self, fleet: Fleet, cell: ManagedCell, opts: pulumi.ResourceOptions | None = None) -> None:
        """Raises Failure where GCP has nothing of the sizes that the cell's class or ranges ask for."""
        name, size = cell.name, fleet.class_of(cell)
        super().__init__(
            "cellfleet:gcp:Cell",
            name,
            inputs(cell),
            opts,
        )
        child = pulumi.ResourceOptions(parent=self)
        addresses = divide(cell.cidr, cell.pod_cidr, machines(size.nodes, cell.zones))
        marks = tags(fleet, cell)
        project = Project(name, cell.account, opts=child)
        place = Place(cell.account, cell.region, marks, cell.guarded, project.ready)
        keys = Keys(name, place=place, project=project, users=key_users.CELL, opts=child)
        network = Network(
            name, place=place, zones=cell.zones, addresses=addresses, single_nat=size.single_nat, opts=child
        )
        identities = Identities(name, place=place, opts=child)
        cluster = Cluster(
            name,
            place=place,
            keys=keys,
            identities=identities,
            network=network,
            nodes=size.nodes,
            zones=cell.zones,
            deploy_from=fleet.settings.deploy_from,
            opts=child,
        )
        identities.trust(name, list(fleet.services), cluster.cluster)
        database = Database(
            name,
            place=place,
            size=size.database,
            zones=cell.zones,
            network=network,
            keys=keys,
            backup=cell.backup,
            user=identities.services,
            opts=child,
        )
        bucket = Bucket(name, place=place, keys=keys, retention_days=cell.backup.retention_days, opts=child)
        bucket.give("services", "roles/storage.objectUser", identities.services.member)
        standby = self._copies(cell, place, project, bucket, network, database)
        zone = Zone(
            name,
            place=place,
            host=fleet.address_of(cell),
            address=network.ingress.address,
            editor=identities.certificates.member,
            opts=child,
        )
        deploys = {}
        if fleet.settings.deploy_identity is not None:
            deploy = DeployIdentities(
                name, place=place, trusted=fleet.settings.deploy_identity, suffix=keys.suffix, opts=child
            )
            deploys = {
                "deploy_identity_provider": deploy.provider.name,
                "deploy_account": deploy.cell.email,
                "release_account": deploy.workload.email,
            }
        Observability(name, place=place, keys=keys, opts=child)
        control = fleet.settings.control.get(Provider.GCP)
        if control is not None and control.billing_account:
            Budget(
                name,
                place=place,
                project_number=project.number,
                billing_account=control.billing_account,
                monthly=size.monthly_cost_usd,
                contact=fleet.settings.contact,
                opts=child,
            )
        self.outputs = CellOutputs(
            ingress_address=network.ingress.address,
            cluster_endpoint=cluster.endpoint,
            kubeconfig=cluster.kubeconfig,
            database_endpoint=database.endpoint,
            bucket=bucket.name,
            key_ids={data_class: key.id for data_class, key in keys.keys.items()},
            network_id=network.network.id,
            cidr=str(cell.cidr),
            zone_name_servers=zone.name_servers,
            version=cluster.version,
            standby=standby,
            workload={
                "project": cell.account,
                "ingress_address_name": network.ingress.name,
                "services_account": identities.services.email,
                "certificates_account": identities.certificates.email,
                "zone": zone.zone.name,
                **deploys,
            },
        )
        self.register_outputs({})

    def _copies(
        self, cell: ManagedCell, place: Place, project: Project, bucket: Bucket, network: Network, database: Database
    ) -> dict[str, pulumi.Input[str]]:
        """Make the cell's other places and return what a promotion of the standby needs to know, where there is one."""
        child = pulumi.ResourceOptions(parent=self)
        copying = Copies(cell.name, place=place, project=project, source=bucket, opts=child)
        told: dict[str, pulumi.Input[str]] = {}
        for copy in copies(cell):
            where = copy.region if copy.project == cell.account else f"{copy.region}-backup"
            elsewhere = Elsewhere(
                f"{cell.name}-{where}",
                copy=copy,
                home=place,
                project=project,
                labels=place.labels,
                retention_days=cell.backup.retention_days,
                opts=child,
            )
            copying.to(where, elsewhere.bucket)
            if copy.database:
                told = Standby(
                    f"{cell.name}-{where}", elsewhere=elsewhere, network=network, database=database, opts=child
                ).outputs
        return told

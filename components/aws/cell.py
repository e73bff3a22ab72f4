"""A cell on AWS, put together: what depends on what is read here from top to bottom."""

from __future__ import annotations

import pulumi

from cellfleet.inventory.model import Fleet, ManagedCell
from components.aws import place
from components.aws.backup import Backup
from components.aws.cluster import Cluster
from components.aws.database import PORT, Database
from components.aws.dns import Zone
from components.aws.identity import Identity, ServiceIdentity
from components.aws.ingress import Ingress
from components.aws.keys import Keys
from components.aws.network import Network
from components.aws.observability import Observability
from components.aws.provider import provider_at
from components.aws.standby import Standby
from components.aws.storage import Copy, Replication, Storage, Target
from components.inputs import inputs
from components.kubernetes.names import gateway_namespace, service_namespace
from components.outputs import CellOutputs
from components.tags import tags as tags_of

Copies = dict[place.Place, tuple[Copy, pulumi.ProviderResource]]


class Cell(pulumi.ComponentResource):
    """One cell in an account of its own. `opts` carries the provider of that account and the cell's region."""

    outputs: CellOutputs

    def __init__(self, fleet: Fleet, cell: ManagedCell, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cellfleet:aws:Cell", cell.name, inputs(cell), opts)
        name, guarded, size, tags = cell.name, cell.guarded, fleet.class_of(cell), tags_of(fleet, cell)
        home, backups, standby = place.home(cell), place.backups(cell), place.standby(cell)
        address = fleet.address_of(cell)
        child = pulumi.ResourceOptions(parent=self)

        zone = Zone(name, address=address, guarded=guarded, tags=tags, opts=child)
        identity = Identity(
            name,
            place=home,
            regions=[home.region, backups.region, *([standby.region] if standby else [])],
            backup_account=backups.account,
            identity=fleet.settings.deploy_identity,
            zone_arn=zone.arn,
            tags=tags,
            opts=child,
        )
        boundary = identity.boundary
        keys = Keys(name, place=home, backup_account=backups.account, guarded=guarded, tags=tags, opts=child)
        network = Network(
            name,
            region=home.region,
            cidr=cell.cidr,
            pod_cidr=cell.pod_cidr,
            zones=cell.zones,
            single_nat=size.single_nat,
            tags=tags,
            opts=child,
        )
        Observability(
            name,
            place=home,
            vpc_id=network.vpc_id,
            logs_key_arn=keys.logs.arn,
            monthly_cost_usd=size.monthly_cost_usd,
            contact=fleet.settings.contact,
            boundary=boundary,
            tags=tags,
            opts=child,
        )
        cluster = Cluster(
            name,
            place=home,
            nodes=size.nodes,
            node_subnets={zone: subnet.id for zone, subnet in network.private.items()},
            pod_subnets={zone: subnet.id for zone, subnet in network.pods.items()},
            deploy_from=[str(source) for source in fleet.settings.deploy_from],
            release_role_arn=identity.release_role.arn,
            address=address,
            ingress_namespace=gateway_namespace(cell),
            data_key_arn=keys.data.arn,
            secrets_key_arn=keys.secrets.arn,
            logs_key_arn=keys.logs.arn,
            boundary=boundary,
            tags=tags,
            after=[network],  # nodes join through the NATs and endpoints
            opts=child,
        )
        ingress = Ingress(
            name,
            vpc_id=network.vpc_id,
            subnet_ids=[subnet.id for subnet in network.public.values()],
            node_security_group_id=cluster.security_group_id,
            autoscaling_group=cluster.autoscaling_group,
            tags=tags,
            after=[network],  # there has to be a way to the internet first
            opts=child,
        )
        zone.point_at(ingress.load_balancer)
        database = Database(
            name,
            size=size.database,
            subnets={zone: subnet.id for zone, subnet in network.data.items()},
            vpc_id=network.vpc_id,
            client_security_group_id=cluster.security_group_id,
            retention_days=cell.backup.retention_days,
            replicated=standby is not None,
            guarded=guarded,
            data_key_arn=keys.data.arn,
            secrets_key_arn=keys.secrets.arn,
            logs_key_arn=keys.logs.arn,
            tags=tags,
            opts=child,
        )
        storage = Storage(
            name,
            key_arn=keys.data.arn,
            noncurrent_days=cell.backup.retention_days,
            guarded=guarded,
            tags=tags,
            opts=child,
        )
        services = ServiceIdentity(
            name,
            service_accounts=[
                f"system:serviceaccount:{service_namespace(cell, service)}:{service}" for service in fleet.services
            ],
            issuer=cluster.issuer,
            bucket_arn=storage.bucket.arn,
            database_secret_arn=database.secret_arn,
            key_arns=[keys.data.arn, keys.secrets.arn],
            boundary=boundary,
            tags=tags,
            opts=child,
        )

        copies = self._copies(cell, tags)
        Replication(
            name,
            place=home,
            source=storage,
            source_key_arn=keys.data.arn,
            targets=[Target(copy, standby=there == standby) for there, (copy, _) in copies.items()],
            boundary=boundary,
            tags=tags,
            opts=child,
        )
        backup_copy, backup_provider = copies[backups]
        Backup(
            name,
            place=home,
            copy=backup_copy,
            copy_provider=backup_provider,
            retention_days=cell.backup.retention_days,
            database_arn=database.cluster.arn,
            data_key_arn=keys.data.arn,
            guarded=guarded,
            boundary=boundary,
            tags=tags,
            opts=child,
        )
        promotion: dict[str, pulumi.Input[str]] = {}
        if standby is not None:
            copy, provider = copies[standby]
            warm = Standby(
                name,
                source=database,
                source_region=home.region,
                region=standby.region,
                size=size.database,
                cidr=cell.cidr,
                pod_cidr=cell.pod_cidr,
                retention_days=cell.backup.retention_days,
                guarded=guarded,
                data_key_arn=copy.key.arn,
                tags=tags,
                opts=pulumi.ResourceOptions(parent=self, provider=provider),
            )
            promotion = {
                "region": standby.region,
                "global_database": database.global_cluster_id,
                "database": warm.cluster.arn,
                "database_reader": warm.cluster.reader_endpoint,
                "bucket": copy.storage.bucket.id,
                "data_key": copy.key.arn,
            }

        self.outputs = CellOutputs(
            ingress_address=ingress.load_balancer.dns_name,
            cluster_endpoint=cluster.endpoint,
            kubeconfig=cluster.kubeconfig,
            database_endpoint=pulumi.Output.concat(database.cluster.endpoint, f":{PORT}"),
            bucket=storage.bucket.id,
            key_ids={"data": keys.data.arn, "secrets": keys.secrets.arn, "logs": keys.logs.arn},
            network_id=network.vpc_id,
            cidr=str(cell.cidr),
            zone_name_servers=zone.name_servers.apply(list),
            version=cluster.version,
            standby=promotion,
            workload={
                "zone_id": zone.zone_id,
                "services_role": services.role_arn,
                "database_secret": database.secret_arn,
                "database_reader": database.cluster.reader_endpoint,
            },
        )
        self.register_outputs({})

    def _copies(self, cell: ManagedCell, tags: dict[str, str]) -> Copies:
        """A copy of the bucket, and a key, in each other place: where backups go and the standby is may be one."""
        backups, standby = place.backups(cell), place.standby(cell)
        names = {backups: f"{cell.name}-copy"}
        if standby is not None and standby not in names:
            names[standby] = f"{cell.name}-standby"
        made: Copies = {}
        for there, name in names.items():
            provider = provider_at(cell, there, f"{name}-aws", pulumi.ResourceOptions(parent=self))
            copy = Copy(
                name,
                source=place.home(cell),
                place=there,
                noncurrent_days=cell.backup.retention_days,
                guarded=cell.guarded,
                tags=tags,
                opts=pulumi.ResourceOptions(parent=self, provider=provider),
            )
            made[there] = (copy, provider)
        return made

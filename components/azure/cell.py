"""A cell on Azure: everything of it that a release does not change, in one subscription.

Two resource groups: `<cell>-state` holds what cannot be made again (keys, database, bucket, logs) and is locked
against deletion while the cell is guarded; `<cell>` holds the rest, which upgrades and resizes have to be able to
replace, and which the certificate manager deletes records in. A copy in another region or account has a group of its
own, locked alike.
"""

from __future__ import annotations

import pulumi

from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet, ManagedCell
from components.azure import observability, sizes
from components.azure.addresses import divide
from components.azure.aliases import without_versions
from components.azure.cluster import Cluster
from components.azure.database import Database
from components.azure.dns import Zone
from components.azure.elsewhere import Copy, Elsewhere, copies, home_sku
from components.azure.endpoints import BLOB, VAULT, PrivateZone, endpoint, postgresql
from components.azure.identity import DeployIdentities, Identities
from components.azure.keys import Keys
from components.azure.network import Network
from components.azure.place import Group
from components.azure.roles import Role, grant
from components.azure.standby import Standby
from components.azure.storage import Bucket
from components.inputs import inputs
from components.outputs import CellOutputs
from components.tags import tags


class Cell(pulumi.ComponentResource):
    """One cell; `outputs` is what other stacks and people read of it."""

    outputs: CellOutputs

    def __init__(self, fleet: Fleet, cell: ManagedCell, opts: pulumi.ResourceOptions | None = None) -> None:
        """Raises Failure where Azure has nothing of the sizes that the cell's class or ranges ask for."""
        name, size = cell.name, fleet.class_of(cell)
        super().__init__(
            "cellfleet:azure:Cell",
            name,
            inputs(cell),
            pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(transformations=[without_versions])),
        )
        child = pulumi.ResourceOptions(parent=self)
        machines = size.nodes.count + max(2, len(cell.zones))
        addresses = divide(cell.cidr, cell.pod_cidr, cell.zones, machines)
        away = copies(cell)
        _check_replicas(cell, size.database.replicas, away)
        marks = tags(fleet, cell)
        group = Group(name, subscription=cell.account, region=cell.region, tags=marks, guarded=False, opts=child)
        state = Group(
            f"{name}-state", subscription=cell.account, region=cell.region, tags=marks, guarded=cell.guarded, opts=child
        )
        net = Network(
            name,
            place=group.place,
            zones=cell.zones,
            addresses=addresses,
            single_nat=size.single_nat,
            deploy_from=fleet.settings.deploy_from,
            opts=child,
        )
        keys = Keys(name, place=state.place, opts=child)
        identities = Identities(name, place=group.place, opts=child)
        elsewhere = [
            Elsewhere(
                f"{name}-{copy.region}" if copy.account == cell.account else f"{name}-{copy.region}-backup",
                copy=copy,
                tags=marks,
                guarded=cell.guarded,
                retention_days=cell.backup.retention_days,
                opts=child,
            )
            for copy in away
        ]
        backup = next((other for other in elsewhere if other.copy.backups), None)
        databases_zone = PrivateZone(
            f"{name}-databases",
            place=group.place,
            zone=postgresql(name),
            networks={"cell": net.id},
            opts=child,
        )
        database = Database(
            name,
            place=state.place,
            readers_place=group.place,
            size=size.database,
            zones=cell.zones,
            subnet_id=net.databases.id,
            private_zone=databases_zone,
            keys=keys,
            backup_keys=backup.keys if backup else None,
            retention_days=cell.backup.retention_days,
            administrator=identities.services,
            opts=child,
        )
        bucket = Bucket(
            name,
            place=state.place,
            keys=keys,
            sku=home_sku(cell),
            retention_days=cell.backup.retention_days,
            opts=child,
        )
        standbys = {
            other.copy: Standby(
                f"{name}-{other.copy.region}",
                home=group.place,
                home_network=net,
                home_databases=addresses.databases,
                elsewhere=other,
                block=block,
                database=database,
                opts=child,
            )
            for other, block in zip(
                (other for other in elsewhere if other.copy.database), addresses.standbys, strict=False
            )
        }
        networks = {"cell": net.id, **{copy.region: standby.network.id for copy, standby in standbys.items()}}
        vaults = PrivateZone(f"{name}-vaults", place=group.place, zone=VAULT, networks=networks, opts=child)
        blobs = PrivateZone(f"{name}-blobs", place=group.place, zone=BLOB, networks=networks, opts=child)
        endpoint(
            f"{name}-vault",
            keys.vault.id,
            "vault",
            place=group.place,
            subnet_id=net.endpoints.id,
            zone=vaults,
            parent=self,
        )
        bucket.reachable_from(f"{name}-bucket", net.endpoints.id, blobs, group.place)
        for other in elsewhere:
            if other.bucket is not None:
                bucket.copied_to(other.name, other.bucket, other_provider=other.provider)
                standby = standbys.get(other.copy)
                if standby is not None:
                    other.bucket.reachable_from(
                        f"{name}-{other.copy.region}-bucket", standby.endpoints.id, blobs, other.place
                    )
        cluster = Cluster(
            name,
            place=group.place,
            keys=keys,
            identities=identities,
            addresses=addresses,
            nodes=size.nodes,
            node_subnets=net.nodes,
            api_server_subnet=net.api_server,
            ingress=net.ingress,
            deploy_from=fleet.settings.deploy_from,
            opts=child,
        )
        identities.trust(name, tuple(fleet.services), cluster.issuer)
        if fleet.settings.deploy_identity is not None:
            DeployIdentities(
                name,
                place=group.place,
                trusted=fleet.settings.deploy_identity,
                cluster_id=cluster.id,
                opts=child,
            )
        address = net.ingress.ip_address.apply(lambda known: known or "")
        zone = Zone(
            name, place=group.place, host=fleet.address_of(cell), address=address, guarded=cell.guarded, opts=child
        )
        for short, role, principal, scope in (
            ("certificates-zone", Role.DNS_ZONE_CONTRIBUTOR, identities.certificates, zone.id),
            ("services-bucket", Role.STORAGE_BLOB_DATA_CONTRIBUTOR, identities.services, bucket.container.id),
        ):
            grant(f"{name}-{short}", role, principal.principal_id, scope, subscription=cell.account, opts=child)
        logs = observability.Observability(name, place=state.place, opts=child)
        logs.watch("vault", keys.vault.id)
        logs.watch("cluster", cluster.id, observability.CLUSTER_LOGS)
        logs.watch("database", database.server.id)
        logs.watch("bucket", pulumi.Output.concat(bucket.id, "/blobServices/default"))
        observability.budget(name, cell.account, size.monthly_cost_usd, fleet.settings.contact, self)
        state.lock([keys, database, bucket, logs])
        for other in elsewhere:
            held = [other.keys, other.bucket, standbys.get(other.copy)]
            other.group.lock([resource for resource in held if resource is not None])
        self.outputs = CellOutputs(
            ingress_address=address,
            cluster_endpoint=cluster.endpoint,
            kubeconfig=cluster.kubeconfig,
            database_endpoint=database.endpoint,
            bucket=bucket.url,
            key_ids={class_: key.id for class_, key in keys.keys.items()},
            network_id=net.id,
            cidr=str(cell.cidr),
            zone_name_servers=zone.name_servers,
            version=cluster.version,
            standby=_standby_of(cell, elsewhere, standbys),
            workload={
                "subscription": cell.account,
                "tenant": keys.tenant_id,
                "resource_group": group.place.group,
                "ingress_address_name": net.ingress.name,
                "services_client_id": identities.services.client_id,
                "certificates_client_id": identities.certificates.client_id,
                "zone": zone.zone_name,
            },
        )
        self.register_outputs({})


def _check_replicas(cell: ManagedCell, readers: int, away: tuple[Copy, ...]) -> None:
    standbys = sum(copy.database for copy in away)
    if readers + standbys > sizes.MOST_REPLICAS:
        raise Failure(
            f"{cell.name} asks for {readers} readers and {standbys} standbys of its database; Azure allows "
            f"{sizes.MOST_REPLICAS} replicas of a PostgreSQL server",
            f"give class {cell.class_} at most {sizes.MOST_REPLICAS - standbys} database replicas",
        )


def _standby_of(
    cell: ManagedCell, elsewhere: list[Elsewhere], standbys: dict[Copy, Standby]
) -> dict[str, pulumi.Input[str]]:
    """What a promotion of the declared standby needs to know."""
    if cell.replication is None:
        return {}
    there = next(
        (other for other in elsewhere if other.copy.region == cell.replication.region and other.copy.database), None
    )
    if there is None or there.bucket is None:
        return {}
    standby = standbys[there.copy]
    return {
        "region": there.copy.region,
        "resource_group": there.place.group,
        "database": standby.endpoint,
        "database_id": standby.server.id,
        "bucket": there.bucket.url,
        "key": there.keys.keys["data"].id,
        "network_id": standby.network.id,
    }

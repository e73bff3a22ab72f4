"""A cell's PostgreSQL: an Aurora cluster with a writer and the class's readers, each in another zone.

Its address is private, TLS is forced, and only the cell's nodes and pods get to it. Storage grows by itself, so the
class's `storage_gib` has nothing to set here.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from cellfleet.inventory.model import Database as DatabaseSize
from components.aws.observability import LOG_RETENTION_DAYS
from components.aws.sizes import database_class

ENGINE: Final = aws.rds.EngineType.AURORA_POSTGRESQL
MAJOR_VERSION: Final = "17"
PORT: Final = 5432
_USER: Final = "cell"


class Database(pulumi.ComponentResource):
    """The cluster, its instances, and the secret that holds its user's password."""

    cluster: aws.rds.Cluster
    instances: Sequence[aws.rds.ClusterInstance]
    secret_arn: pulumi.Output[str]
    global_cluster_id: pulumi.Output[str]
    """Of the global database that a standby joins; empty where the database is not replicated."""

    def __init__(
        self,
        cell: str,
        *,
        size: DatabaseSize,
        subnets: Mapping[str, pulumi.Input[str]],
        vpc_id: pulumi.Input[str],
        client_security_group_id: pulumi.Input[str],
        retention_days: int,
        replicated: bool,
        guarded: bool,
        data_key_arn: pulumi.Input[str],
        secrets_key_arn: pulumi.Input[str],
        logs_key_arn: pulumi.Input[str],
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:aws:Database", f"{cell}-database", None, opts)
        self._tags, self._guarded = tags, guarded
        child = pulumi.ResourceOptions(parent=self)
        name = f"{cell}-database"
        named = {**tags, "Name": name}

        group = security_group(name, vpc_id, [client_security_group_id], named, child)
        # Aurora would make this log group itself, with no key and no end, and leave it behind.
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=f"/aws/rds/cluster/{name}/postgresql",
            kms_key_id=logs_key_arn,
            retention_in_days=LOG_RETENTION_DAYS,
            tags=named,
            opts=child,
        )
        secret, password = self._password(name, secrets_key_arn) if replicated else (None, None)
        self.cluster = aws.rds.Cluster(
            name,
            cluster_identifier=name,  # its log group names it
            engine=ENGINE,
            engine_mode="provisioned",
            engine_version=MAJOR_VERSION,
            database_name=_USER,
            master_username=_USER,
            manage_master_user_password=None if password else True,
            master_user_secret_kms_key_id=None if password else secrets_key_arn,
            master_password=password.secret_string if password else None,
            iam_database_authentication_enabled=True,
            db_subnet_group_name=subnet_group(name, subnets, named, child).name,
            db_cluster_parameter_group_name=parameters(name, named, child).name,
            vpc_security_group_ids=[group.id],
            port=PORT,
            storage_encrypted=True,
            kms_key_id=data_key_arn,
            backup_retention_period=retention_days,
            copy_tags_to_snapshot=True,
            enabled_cloudwatch_logs_exports=["postgresql"],
            deletion_protection=guarded,
            skip_final_snapshot=not guarded,
            final_snapshot_identifier=f"{name}-final" if guarded else None,
            apply_immediately=False,
            tags=named,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=guarded,
                depends_on=[logs],
                delete_before_replace=True,
                # Set from the outside once a standby is made of it.
                ignore_changes=["globalClusterIdentifier"],
            ),
        )
        self.secret_arn = (
            secret.arn if secret else self.cluster.master_user_secrets[0].secret_arn.apply(lambda arn: arn or "")
        )
        self.instances = instances(name, self.cluster, size, list(subnets), data_key_arn, tags, guarded, child)
        self.global_cluster_id = self._global(cell) if replicated else pulumi.Output.from_input("")
        self.register_outputs({})

    def _global(self, cell: str) -> pulumi.Output[str]:
        """Make the cluster the first of a global database, which can be done to one that has run for long."""
        name = f"{cell}-global"
        return aws.rds.GlobalCluster(
            name,
            global_cluster_identifier=name,
            source_db_cluster_identifier=self.cluster.arn,
            force_destroy=True,  # so that its members are detached from it; they themselves are protected
            deletion_protection=self._guarded,
            tags={**self._tags, "Name": name},
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=self._guarded,
                depends_on=list(self.instances),
                delete_before_replace=True,
            ),
        ).id

    def _password(
        self, name: str, secrets_key_arn: pulumi.Input[str]
    ) -> tuple[aws.secretsmanager.Secret, aws.secretsmanager.SecretVersion]:
        """A password made here, once: Aurora does not manage the password of a database that has a standby elsewhere
        (Aurora user guide, limits of the Secrets Manager integration, seen 2026-11)."""
        secret = aws.secretsmanager.Secret(
            name,
            description=f"The password of {_USER} in {name}",
            kms_key_id=secrets_key_arn,
            recovery_window_in_days=30 if self._guarded else 0,
            tags={**self._tags, "Name": name},
            opts=pulumi.ResourceOptions(parent=self, protect=self._guarded),
        )
        version = aws.secretsmanager.SecretVersion(
            name,
            secret_id=secret.id,
            secret_string=pulumi.Output.secret(secrets.token_urlsafe(30)),
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["secretString"]),
        )
        return secret, version


def security_group(
    name: str,
    vpc_id: pulumi.Input[str],
    clients: Sequence[pulumi.Input[str]],
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> aws.ec2.SecurityGroup:
    """A group that members of the clients' groups reach, and that reaches nobody."""
    group = aws.ec2.SecurityGroup(name, description="PostgreSQL", vpc_id=vpc_id, tags=tags, opts=opts)
    for client in clients:
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-clients",
            security_group_id=group.id,
            ip_protocol="tcp",
            from_port=PORT,
            to_port=PORT,
            referenced_security_group_id=client,
            tags=tags,
            opts=opts,
        )
    return group


def subnet_group(
    name: str, subnets: Mapping[str, pulumi.Input[str]], tags: Mapping[str, str], opts: pulumi.ResourceOptions
) -> aws.rds.SubnetGroup:
    return aws.rds.SubnetGroup(name, subnet_ids=list(subnets.values()), tags=tags, opts=opts)


def parameters(name: str, tags: Mapping[str, str], opts: pulumi.ResourceOptions) -> aws.rds.ClusterParameterGroup:
    """TLS or nothing."""
    return aws.rds.ClusterParameterGroup(
        name,
        family=f"{ENGINE.value}{MAJOR_VERSION}",
        parameters=[
            {"name": "rds.force_ssl", "value": "1"},
            {"name": "ssl_min_protocol_version", "value": "TLSv1.2"},
        ],
        tags=tags,
        opts=opts,
    )


def instances(
    name: str,
    cluster: aws.rds.Cluster,
    size: DatabaseSize,
    zones: Sequence[str],
    data_key_arn: pulumi.Input[str],
    tags: Mapping[str, str],
    guarded: bool,
    opts: pulumi.ResourceOptions,
) -> list[aws.rds.ClusterInstance]:
    """The writer and the class's readers, dealt out over the zones; the first takes over first."""
    return [
        aws.rds.ClusterInstance(
            f"{name}-{number}",
            cluster_identifier=cluster.cluster_identifier,
            engine=ENGINE,
            instance_class=database_class(size),
            availability_zone=zones[number % len(zones)],
            promotion_tier=min(number, 15),
            publicly_accessible=False,
            auto_minor_version_upgrade=True,
            performance_insights_enabled=True,
            performance_insights_kms_key_id=data_key_arn,
            performance_insights_retention_period=7,
            copy_tags_to_snapshot=True,
            tags={**tags, "Name": f"{name}-{number}"},
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=guarded)),
        )
        for number in range(1 + size.replicas)
    ]

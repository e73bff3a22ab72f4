"""The database of a cell on a cluster that one already has: PostgreSQL by CloudNativePG, an instance a zone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.inventory.model import Fleet, ManagedCell
from components.kubernetes import names, policies, requirements, sizes
from components.kubernetes.keys import AUTHORITY
from components.kubernetes.storage import BACKUPS
from components.tags import tags

POSTGRESQL: Final = "17-minimal-trixie"
"""The major release and flavour of the image; its patches come with the image host's mirror."""
_API: Final = "postgresql.cnpg.io/v1"
_CERTIFICATE: Final = "database-server"
_NIGHTLY: Final = "0 0 2 * * *"
"""02:00:00 UTC; CloudNativePG's schedules begin with seconds."""
_KEPT_MINUTES: Final = 5
"""Writes of a quiet database that may be lost with all of its volumes, in a cell that declares no standby."""


class Database(pulumi.ComponentResource):
    """The cluster of instances with its certificate and its backups."""

    endpoint: str

    def __init__(
        self,
        fleet: Fleet,
        cell: ManagedCell,
        namespace: str,
        priority_class: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`namespace` has the cell's authority and the claim of the bucket for backups."""
        super().__init__("cellfleet:kubernetes:Database", f"{cell.name}-database", {"cell": cell.name}, opts)
        here = pulumi.ResourceOptions(parent=self)
        before = [
            certificate(fleet, cell, namespace, here),
            store(fleet, cell, namespace, BACKUPS, BACKUPS, cell.backup.region, here),
        ]
        made = custom(
            fleet,
            cell,
            namespace,
            _API,
            "Cluster",
            names.DATABASE,
            {**cluster(fleet, cell, namespace, priority_class), "bootstrap": _new()},
            pulumi.ResourceOptions(parent=self, depends_on=before, protect=cell.guarded),
        )
        custom(
            fleet,
            cell,
            namespace,
            _API,
            "ScheduledBackup",
            "nightly",
            {
                "cluster": {"name": names.DATABASE},
                "schedule": _NIGHTLY,
                "immediate": True,
                "backupOwnerReference": "self",
                "method": "plugin",
                "pluginConfiguration": {"name": requirements.BARMAN},
            },
            pulumi.ResourceOptions(parent=self, depends_on=[made]),
        )
        self.endpoint = endpoint(namespace)
        self.register_outputs({"endpoint": self.endpoint})


def endpoint(namespace: str) -> str:
    """`host:port` of the writer."""
    return f"{names.DATABASE}-rw.{namespace}.svc:{policies.POSTGRESQL}"


def cluster(
    fleet: Fleet, cell: ManagedCell, namespace: str, priority_class: pulumi.Input[str] | None
) -> dict[str, Any]:
    """The instances, as the class sizes them; what they start from is left to say."""
    size, instances = sizes.instance(fleet, cell), sizes.instances(fleet, cell)
    storage_gib = fleet.class_of(cell).database.storage_gib
    minutes = cell.replication.rpo_minutes if cell.replication else _KEPT_MINUTES
    volume = {"storageClass": requirements.STORAGE_CLASS, "resizeInUseVolumes": True}
    images = fleet.settings.shared_services.get("images")
    return {
        "instances": instances,
        **({"imageName": f"{images.host}/cloudnative-pg/postgresql:{POSTGRESQL}"} if images else {}),
        **({"priorityClassName": priority_class} if priority_class is not None else {}),
        "inheritedMetadata": {"labels": tags(fleet, cell)},
        "affinity": {
            "enablePodAntiAffinity": True,
            "topologyKey": "topology.kubernetes.io/zone",
            "podAntiAffinityType": "required" if instances <= len(cell.zones) else "preferred",
        },
        # Requests equal limits, so that a database is the last thing on its node to be evicted.
        "resources": {"requests": size.requests, "limits": {"cpu": f"{size.millicores}m", **size.limits}},
        "storage": {**volume, "size": f"{storage_gib}Gi"},
        "walStorage": {**volume, "size": f"{max(10, storage_gib // 10)}Gi"},
        "certificates": {"serverTLSSecret": _CERTIFICATE, "serverCASecret": _CERTIFICATE},
        "enableSuperuserAccess": False,
        "enablePDB": True,
        "primaryUpdateStrategy": "unsupervised",
        "primaryUpdateMethod": "switchover",
        "replicationSlots": {"highAvailability": {"enabled": True}},
        "seccompProfile": {"type": "RuntimeDefault"},
        "postgresql": {
            "parameters": {
                "archive_timeout": f"{minutes}min",
                "shared_buffers": f"{size.mebibytes // 4}MB",
                "ssl_min_protocol_version": "TLSv1.3",
            },
            # What comes before CloudNativePG's own last rule, which would take a password in the clear.
            "pg_hba": ["hostnossl all all all reject"],
            **({"synchronous": _synchronous()} if instances > 1 else {}),
        },
        "plugins": [
            {
                "name": requirements.BARMAN,
                "enabled": True,
                "isWALArchiver": True,
                "parameters": {"barmanObjectName": BACKUPS, "serverName": namespace},
            }
        ],
    }


def certificate(
    fleet: Fleet, cell: ManagedCell, namespace: str, opts: pulumi.ResourceOptions
) -> k8s.apiextensions.CustomResource:
    """The instances' server certificate, signed by the cell's authority; they load a renewed one by themselves."""
    hosts = [f"{names.DATABASE}-{role}" for role in ("rw", "r", "ro")]
    return custom(
        fleet,
        cell,
        namespace,
        "cert-manager.io/v1",
        "Certificate",
        _CERTIFICATE,
        {
            "secretName": _CERTIFICATE,
            "secretTemplate": {"labels": {"cnpg.io/reload": ""}},
            "dnsNames": [
                f"{host}{suffix}"
                for host in hosts
                for suffix in ("", f".{namespace}", f".{namespace}.svc", f".{namespace}.svc.cluster.local")
            ],
            "duration": "2160h",
            "renewBefore": "720h",
            "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
            "usages": ["digital signature", "server auth"],
            "issuerRef": {"group": "cert-manager.io", "kind": "Issuer", "name": AUTHORITY},
        },
        opts,
    )


def store(
    fleet: Fleet,
    cell: ManagedCell,
    namespace: str,
    name: str,
    secret: str,
    region: str,
    opts: pulumi.ResourceOptions,
) -> k8s.apiextensions.CustomResource:
    """Where write-ahead log and base backups go, or come from; `secret` holds the bucket's key as a claim leaves it."""
    return custom(
        fleet,
        cell,
        namespace,
        "barmancloud.cnpg.io/v1",
        "ObjectStore",
        name,
        {
            "configuration": {
                "destinationPath": f"s3://{names.bucket(fleet, cell, BACKUPS)}/",
                "endpointURL": requirements.object_store(fleet, region),
                "s3Credentials": {
                    "accessKeyId": {"name": secret, "key": "AWS_ACCESS_KEY_ID"},
                    "secretAccessKey": {"name": secret, "key": "AWS_SECRET_ACCESS_KEY"},
                },
                "wal": {"compression": "gzip", "maxParallel": 4},
                "data": {"compression": "gzip", "jobs": 2},
            },
            "retentionPolicy": f"{cell.backup.retention_days}d",
            "instanceSidecarConfiguration": {
                "resources": {"requests": sizes.SIDECAR.requests, "limits": sizes.SIDECAR.limits}
            },
        },
        opts,
    )


def custom(
    fleet: Fleet,
    cell: ManagedCell,
    namespace: str,
    api_version: str,
    kind: str,
    name: str,
    spec: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
) -> k8s.apiextensions.CustomResource:
    """An operator's object in the database's namespace."""
    return k8s.apiextensions.CustomResource(
        f"{namespace}-{name}-{kind.lower()}",
        api_version=api_version,
        kind=kind,
        metadata=k8s.meta.v1.ObjectMetaArgs(name=name, namespace=namespace, labels=tags(fleet, cell)),
        spec=spec,
        opts=opts,
    )


def _new() -> dict[str, Any]:
    """An empty database of the product's own."""
    return {"initdb": {"database": "app", "owner": "app", "encoding": "UTF8", "dataChecksums": True}}


def _synchronous() -> dict[str, Any]:
    """A write is in two zones before it is answered, as long as there are two."""
    return {"method": "any", "number": 1, "dataDurability": "preferred"}

"""GCP: the locations that resources are in and copy to; a multi-region (`US`, `nam5`) is none that a cell declares."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from policies.isolation.residency.whereabouts import Whereabouts, of_stack
from policies.isolation.values import at
from policies.resource import UNKNOWN, Resource, Resources

_EVERY_TYPE: Final = ("location", "locationId", "region", "zone")
_LOCATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "gcp:bigtable/instance:Instance": ("clusters.zone",),
    "gcp:compute/image:Image": ("storageLocations",),
    "gcp:compute/resourcePolicy:ResourcePolicy": ("snapshotSchedulePolicy.snapshotProperties.storageLocations",),
    "gcp:compute/snapshot:Snapshot": ("storageLocations",),
    "gcp:container/cluster:Cluster": ("nodeLocations",),
    "gcp:container/nodePool:NodePool": ("nodeLocations",),
    "gcp:pubsub/topic:Topic": ("messageStoragePolicy.allowedPersistenceRegions",),
    "gcp:secretmanager/secret:Secret": ("replication.userManaged.replicas.location",),
    "gcp:spanner/instance:Instance": ("config",),
    "gcp:sql/databaseInstance:DatabaseInstance": ("settings.backupConfiguration.location",),
    "gcp:storage/bucket:Bucket": ("customPlacementConfig.dataLocations",),
}
"""By type, where the locations stand that its data is in besides its own."""
_HOLDS_DATA_GLOBALLY: Final = frozenset(
    {"gcp:kms/keyRing:KeyRing", "gcp:logging/projectBucketConfig:ProjectBucketConfig"}
)
"""Types whose location `global` is a store that is everywhere; other types' is where an API is."""
_CACHES: Final = ("gcp:compute/backendBucket:BackendBucket", "gcp:compute/backendService:BackendService")
_DATABASE: Final = "gcp:sql/databaseInstance:DatabaseInstance"
_SECRET: Final = "gcp:secretmanager/secret:Secret"
_TRANSFER: Final = "gcp:storage/transferJob:TransferJob"
_ZONE: Final = re.compile(r"([a-z]+-[a-z]+[0-9]+)-[a-z]$")
_INSTANCE_CONFIG: Final = "regional-"


def whereabouts(resource: Resource, resources: Resources) -> Iterator[Whereabouts]:
    """Where a resource of GCP, or a provider of it, puts data."""
    for path in (*_EVERY_TYPE, *_LOCATIONS.get(resource.type, ())):
        for location in at(resource.inputs, path):
            if isinstance(location, str) and location and not _nowhere(resource, location):
                yield Whereabouts(f"{path}: {location}", _region(location), _account(resource))
    if resource.type == _DATABASE:
        for backups in at(resource.inputs, "settings.backupConfiguration"):
            if isinstance(backups, Mapping) and backups.get("enabled") is True and backups.get("location") is None:
                yield Whereabouts("settings.backupConfiguration has no location, so that backups go to a multi-region")
    if resource.type == _SECRET and any(value is not UNKNOWN for value in at(resource.inputs, "replication.auto")):
        yield Whereabouts("replication.auto, so that it is replicated to any region")
    if resource.type in _CACHES and resource.inputs.get("enableCdn") is True:
        yield Whereabouts("enableCdn: true, so that it is cached everywhere")
    if resource.type == _TRANSFER:
        for path in ("replicationSpec.gcsDataSink.bucketName", "transferSpec.gcsDataSink.bucketName"):
            for name in at(resource.inputs, path):
                if isinstance(name, str) and of_stack(resources, ("gcp:storage/bucket:Bucket",), name) is None:
                    yield Whereabouts(f"{path}: {name}, which is no bucket of this stack")


def _nowhere(resource: Resource, location: str) -> bool:
    return location == "global" and resource.type not in _HOLDS_DATA_GLOBALLY


def _region(location: str) -> str:
    """The region of a location, which may be a zone, an instance's configuration or a link to either."""
    name = location.rpartition("/")[2].lower().removeprefix(_INSTANCE_CONFIG)
    zone = _ZONE.match(name)
    return zone[1] if zone else name


def _account(resource: Resource) -> str:
    project = resource.inputs.get("project")
    return project if isinstance(project, str) and resource.type.startswith("pulumi:providers:") else ""

"""Azure: the locations that resources are in and copy to; geo-redundancy copies to the region's pair, as Azure says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cellfleet.inventory.azure_pairs import pair
from policies.isolation.residency.whereabouts import Whereabouts, of_stack
from policies.isolation.values import at
from policies.resource import Resource, Resources

_LOCATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "azure-native:compute:GalleryImageVersion": ("publishingProfile.targetRegions.name",),
    "azure-native:cosmosdb:DatabaseAccount": ("locations.locationName",),
    "azure-native:redis:LinkedServer": ("linkedRedisCacheLocation",),
}
"""By type, where the locations stand that its data is in besides its own."""
_GEO_REDUNDANT: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "azure-native:dataprotection:BackupVault": ("properties.storageSettings.type", frozenset({"GeoRedundant"})),
    "azure-native:dbforpostgresql:Server": ("backup.geoRedundantBackup", frozenset({"Enabled"})),
    "azure-native:dbformysql:Server": ("backup.geoRedundantBackup", frozenset({"Enabled"})),
    "azure-native:recoveryservices:Vault": (
        "properties.redundancySettings.standardTierStorageRedundancy",
        frozenset({"GeoRedundant"}),
    ),
    "azure-native:sql:Database": ("requestedBackupStorageRedundancy", frozenset({"Geo", "GeoZone"})),
    "azure-native:storage:StorageAccount": (
        "sku.name",
        frozenset({"Standard_GRS", "Standard_RAGRS", "Standard_GZRS", "Standard_RAGZRS"}),
    ),
}
"""By type, what makes Azure copy its data to the pair of its region."""
_EVERYWHERE: Final = frozenset(
    {
        "azure-native:cdn:AFDEndpoint",
        "azure-native:cdn:Endpoint",
        "azure-native:cdn:Profile",
        "azure-native:frontdoor:FrontDoor",
    }
)
_REPLICATION: Final = "azure-native:storage:ObjectReplicationPolicy"
_ACCOUNT: Final = ("azure-native:storage:StorageAccount",)


def whereabouts(resource: Resource, resources: Resources) -> Iterator[Whereabouts]:
    """Where a resource of Azure, or a provider of it, puts data."""
    if resource.type in _EVERYWHERE:
        yield Whereabouts("caches at Azure's edges everywhere")
        return
    for path in ("location", *_LOCATIONS.get(resource.type, ())):
        for location in at(resource.inputs, path):
            if isinstance(location, str) and location.lower() != "global":
                yield Whereabouts(f"{path}: {location}", _region(location), _account(resource))
    if resource.type in _GEO_REDUNDANT:
        yield from _paired(resource)
    if resource.type == _REPLICATION:
        for id in at(resource.inputs, "destinationAccount"):
            if isinstance(id, str) and of_stack(resources, _ACCOUNT, id.rpartition("/")[2]) is None:
                yield Whereabouts(f"destinationAccount: {id}, which is no account of this stack")


def _paired(resource: Resource) -> Iterator[Whereabouts]:
    path, redundant = _GEO_REDUNDANT[resource.type]
    for value in at(resource.inputs, path):
        for location in at(resource.inputs, "location"):
            if value in redundant and isinstance(location, str):
                other = pair(_region(location)) or ""
                yield Whereabouts(f"{path}: {value}, which copies to {other or 'a region that Azure chooses'}", other)


def _region(location: str) -> str:
    """A region's name, also where it is written as people see it: `East US 2`."""
    return location.replace(" ", "").lower()


def _account(resource: Resource) -> str:
    subscription: Any = resource.inputs.get("subscriptionId")
    return subscription if isinstance(subscription, str) else ""

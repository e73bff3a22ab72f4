"""A registry's copy on Azure: shards as blobs, the head and each cell's record in App Configuration.

The head is in no blob: the provider can change one only by deleting it first, and then a reader finds none. Values of
App Configuration are changed in place.

Both stores, and the keys' vault, take tokens from any network, for where routers call from is not declared. Whoever
deploys needs the roles App Configuration Data Owner and Storage Blob Data Contributor in the shared stacks'
subscription. Nobody is a reader until told so: the reader's identity is federated with no one.

The group has no lock, which would keep records of cells that are no more: App Configuration's values are deleted by way
of Azure Resource Manager.
"""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_azure_native import appconfiguration, storage

from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet, RouterPlace
from cellfleet.inventory.types import Provider
from cellfleet.registry.bundle import Bundle
from components import shards
from components.azure.aliases import without_versions
from components.azure.elsewhere import has_zones
from components.azure.identity import identity, ids
from components.azure.keys import Keys
from components.azure.place import Group, Place, squeezed
from components.azure.roles import Role, grant
from components.azure.storage import CONTAINER, Bucket
from components.registry import guarded
from components.tags import locality_tags

_OLD_DAYS: Final = 35
_LONGEST_STORE_NAME: Final = 50
_LARGEST_VALUE: Final = 9_500
"""Characters: App Configuration takes 10,000 of key and value together
(https://learn.microsoft.com/azure/azure-app-configuration/faq, not rechecked)."""


class RegistryCopy(pulumi.ComponentResource):
    """The copy of one region, in the shared stacks' subscription."""

    def __init__(
        self,
        fleet: Fleet,
        locality: str,
        place: RouterPlace,
        bundle: Bundle,
        head: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Raises Failure where the head, or a record, is larger than a value may be."""
        name = f"registry-{locality}-{place.region}"
        super().__init__(
            "cellfleet:azure:RegistryCopy",
            name,
            {"locality": locality, "region": place.region, "digest": bundle.digest},
            pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(transformations=[without_versions])),
        )
        refuse_large(locality, bundle)
        child = pulumi.ResourceOptions(parent=self)
        subscription = fleet.settings.control[Provider.AZURE].account
        keep, tags = guarded(fleet, locality), locality_tags(fleet, locality)
        group = Group(name, subscription=subscription, region=place.region, tags=tags, guarded=keep, opts=child)
        here = group.place
        keys = Keys(name, place=here, classes=("data",), anywhere=True, opts=child)
        bucket = Bucket(
            name,
            place=here,
            keys=keys,
            sku=storage.SkuName.STANDARD_ZRS if has_zones(place.region) else storage.SkuName.STANDARD_LRS,
            retention_days=_OLD_DAYS,
            anywhere=True,
            opts=child,
        )
        store = self._store(name, here, keys)
        contents: list[pulumi.Resource] = [
            storage.Blob(
                f"{name}-{shard.name}",
                resource_group_name=here.group,
                account_name=bucket.account.name,
                container_name=bucket.container.name,
                blob_name=shard.name,
                source=shards.asset(shard),
                content_type="application/gzip",
                opts=child,
            )
            for shard in shards.objects(bundle)
        ]
        contents += [
            _value(f"{name}-{cell}", here, store, f"cell.{cell}", record, child)
            for cell, record in bundle.records.items()
        ]
        last = pulumi.ResourceOptions(parent=self, depends_on=contents)
        _value(f"{name}-head", here, store, "head", head, last)
        reader = identity(f"{name}-reader", here, self)
        for role, scope in (
            (Role.STORAGE_BLOB_DATA_READER, bucket.id),
            (Role.APP_CONFIGURATION_DATA_READER, store.id),
        ):
            short = role.name.lower().replace("_", "-")
            grant(f"{name}-{short}", role, reader.principal_id, scope, subscription=subscription, opts=child)
        self.register_outputs(
            {
                "store": store.endpoint,
                "container": pulumi.Output.concat(bucket.account.name, "/", CONTAINER),
                "reader": reader.client_id,
            }
        )

    def _store(self, name: str, here: Place, keys: Keys) -> appconfiguration.ConfigurationStore:
        return appconfiguration.ConfigurationStore(
            squeezed(name, "registry", _LONGEST_STORE_NAME),
            resource_group_name=here.group,
            location=here.region,
            sku=appconfiguration.SkuArgs(name="Standard"),
            identity=appconfiguration.ResourceIdentityArgs(
                type=appconfiguration.IdentityType.USER_ASSIGNED, user_assigned_identities=ids(keys.identity)
            ),
            encryption=appconfiguration.EncryptionPropertiesArgs(
                key_vault_properties=appconfiguration.KeyVaultPropertiesArgs(
                    # No version: the store takes up the key's next one by itself.
                    key_identifier=keys.keys["data"].key_uri,
                    identity_client_id=keys.identity.client_id,
                )
            ),
            disable_local_auth=True,
            data_plane_proxy=appconfiguration.DataPlaneProxyPropertiesArgs(
                authentication_mode=appconfiguration.AuthenticationMode.PASS_THROUGH
            ),
            public_network_access=appconfiguration.PublicNetworkAccess.ENABLED,
            enable_purge_protection=here.guarded,
            soft_delete_retention_in_days=7,  # the most there is
            tags=here.tags,
            opts=keys.user(self, protect=here.guarded),
        )


def _value(
    name: str,
    here: Place,
    store: appconfiguration.ConfigurationStore,
    at: str,
    body: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> appconfiguration.KeyValue:
    return appconfiguration.KeyValue(
        name,
        resource_group_name=here.group,
        config_store_name=store.name,
        key_value_name=at,
        value=body,
        content_type="application/json",
        opts=opts,
    )


def refuse_large(locality: str, bundle: Bundle) -> None:
    """Raise Failure where the head, or a record, is larger than a value of App Configuration may be."""
    largest = bundle.head(2**31, 2**31).text()
    for what, text in {"head": largest, **bundle.records}.items():
        if len(text) > _LARGEST_VALUE:
            raise Failure(
                f"The registry of {locality} cannot be kept on Azure: {what} has {len(text):,} characters, and App "
                f"Configuration takes {_LARGEST_VALUE:,}.",
                f"Take azure out of routers.{locality}.places.",
            )

"""A registry's copy on GCP: shards in Cloud Storage, the head and each cell's record in Firestore, and the head in
Cloud Storage as well, for readers that know one store only.

Nobody is a reader until told so: no one but the shared stacks' project itself may act as the reader's account.
"""

from __future__ import annotations

import hashlib
import json
from typing import Final

import pulumi
from pulumi_gcp import firestore, projects, serviceaccount, storage

from cellfleet.inventory.model import Fleet, RouterPlace
from cellfleet.inventory.types import Provider
from cellfleet.registry import head as heads
from cellfleet.registry.bundle import Bundle
from components import shards
from components.gcp.identity import grant
from components.gcp.keys import REGISTRY, Keys
from components.gcp.place import Place
from components.gcp.project import Project
from components.gcp.storage import Bucket
from components.registry import guarded
from components.tags import locality_tags

_APIS: Final = ("cloudkms", "firestore", "iam", "storage")
_OLD_DAYS: Final = 35
_LONGEST_NAME: Final = 48
"""A bucket's name has 63 characters, of which `-bucket` and Pulumi's own end take 15."""


class RegistryCopy(pulumi.ComponentResource):
    """The copy of one region, in the shared stacks' project."""

    def __init__(
        self,
        fleet: Fleet,
        locality: str,
        place: RouterPlace,
        bundle: Bundle,
        head: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        name = _fitting(f"registry-{locality}-{place.region}")
        props = {"locality": locality, "region": place.region, "digest": bundle.digest}
        super().__init__("cellfleet:gcp:RegistryCopy", name, props, opts)
        child = pulumi.ResourceOptions(parent=self)
        account = fleet.settings.control[Provider.GCP].account
        project = Project(name, account, child, apis=_APIS)
        here = Place(account, place.region, locality_tags(fleet, locality), guarded(fleet, locality), project.ready)
        keys = Keys(name, place=here, project=project, users=REGISTRY, opts=child)
        bucket = Bucket(name, place=here, keys=keys, retention_days=_OLD_DAYS, opts=child)
        database = firestore.Database(
            name,
            project=account,
            location_id=place.region,
            type="FIRESTORE_NATIVE",
            cmek_config=firestore.DatabaseCmekConfigArgs(kms_key_name=keys.keys["data"].id),
            point_in_time_recovery_enablement="POINT_IN_TIME_RECOVERY_ENABLED",
            delete_protection_state="DELETE_PROTECTION_ENABLED" if here.guarded else "DELETE_PROTECTION_DISABLED",
            deletion_policy="DELETE",  # otherwise it would be left behind
            opts=here.under(self, *keys.grants, holds_state=True),
        )
        contents: list[pulumi.Resource] = [
            storage.BucketObject(
                f"{name}-{shard.name}",
                bucket=bucket.name,
                name=shard.name,
                source=shards.asset(shard),
                content_type="application/gzip",
                opts=child,
            )
            for shard in shards.objects(bundle)
        ]
        contents += [
            _document(f"{name}-{cell}", database, "cells", cell, record, child)
            for cell, record in bundle.records.items()
        ]
        last = pulumi.ResourceOptions(parent=self, depends_on=contents)
        _document(f"{name}-head", database, "registry", "head", head, last)
        storage.BucketObject(
            f"{name}-head",
            bucket=bucket.name,
            name=heads.NAME,
            content=head,
            content_type="application/json",
            opts=last,
        )
        reader = self._reader(name, locality, here, keys, bucket, database)
        self.register_outputs({"bucket": bucket.name, "database": database.name, "reader": reader.email})

    def _reader(
        self, name: str, locality: str, here: Place, keys: Keys, bucket: Bucket, database: firestore.Database
    ) -> serviceaccount.Account:
        reader = serviceaccount.Account(
            f"{name}-reader",
            project=here.project,
            account_id=keys.suffix.apply(lambda known: f"registry-{known}"),
            display_name=f"Reads the registry of {locality} in {here.region}",
            opts=here.under(self),
        )
        bucket.give("reader", "roles/storage.objectViewer", reader.member)
        # https://cloud.google.com/firestore/docs/manage-databases (conditional access), not rechecked
        of_database = pulumi.Output.concat(
            'resource.name == "projects/', here.project, "/databases/", database.name, '"'
        )
        condition = projects.IAMMemberConditionArgs(title=f"The registry of {locality}", expression=of_database)
        grant(f"{name}-reader", "roles/datastore.viewer", reader, here, self, condition)
        return reader


def _document(
    name: str,
    database: firestore.Database,
    collection: str,
    at: str,
    body: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> firestore.Document:
    fields = pulumi.Output.from_input(body).apply(lambda known: json.dumps({"body": {"stringValue": known}}))
    return firestore.Document(
        name,
        project=database.project,
        database=database.name,
        collection=collection,
        document_id=at,
        fields=fields,
        opts=opts,
    )


def _fitting(name: str) -> str:
    """The name, or where it is too long its start and a digest of the whole."""
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - 5]}-{hashlib.sha256(name.encode()).hexdigest()[:4]}"

"""A registry's copy on AWS: shards in S3, the head and each cell's record in DynamoDB, and the head in S3 as well, for
readers that know one store only.

Nobody is a reader until told so: the role trusts the control account, whose own policies say which of its principals
may take it. Routers in clusters of other accounts need that said in their account too.
"""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

from cellfleet.inventory.model import Fleet, RouterPlace
from cellfleet.inventory.types import Provider
from cellfleet.registry import head as heads
from cellfleet.registry.bundle import Bundle
from components import shards
from components.aws.keys import key
from components.aws.place import Place
from components.aws.policy import document
from components.aws.storage import Storage
from components.registry import guarded
from components.tags import locality_tags

_KEY = "name"
"""The table's: `head`, or `cell/<name>`."""
_OLD_DAYS = 35


class RegistryCopy(pulumi.ComponentResource):
    """The copy of one region, in the control account."""

    def __init__(
        self,
        fleet: Fleet,
        locality: str,
        place: RouterPlace,
        bundle: Bundle,
        head: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        name = f"registry-{locality}-{place.region}"
        super().__init__(
            "cellfleet:aws:RegistryCopy",
            name,
            {"locality": locality, "region": place.region, "digest": bundle.digest},
            opts,
        )
        here = Place(fleet.settings.control[Provider.AWS].account, place.region)
        keep, tags = guarded(fleet, locality), locality_tags(fleet, locality)
        child = pulumi.ResourceOptions(parent=self)
        stateful = pulumi.ResourceOptions(parent=self, protect=keep)
        own = key(name, here, [], keep, tags, stateful, of="a locality's registry")
        storage = Storage(name, key_arn=own.arn, noncurrent_days=_OLD_DAYS, guarded=keep, tags=tags, opts=child)
        table = aws.dynamodb.Table(
            name,
            billing_mode="PAY_PER_REQUEST",
            hash_key=_KEY,
            attributes=[{"name": _KEY, "type": "S"}],
            point_in_time_recovery={"enabled": True},
            server_side_encryption={"enabled": True, "kms_key_arn": own.arn},
            deletion_protection_enabled=keep,
            tags={**tags, "Name": name},
            opts=stateful,
        )
        in_bucket = pulumi.ResourceOptions(parent=self, depends_on=[storage])
        contents: list[pulumi.Resource] = [
            aws.s3.BucketObjectv2(
                f"{name}-{shard.name}",
                bucket=storage.bucket.id,
                key=shard.name,
                source=shards.asset(shard),
                content_type="application/gzip",
                opts=in_bucket,
            )
            for shard in shards.objects(bundle)
        ]
        contents += [
            _item(f"{name}-{cell}", table, f"cell/{cell}", record, child) for cell, record in bundle.records.items()
        ]
        last = pulumi.ResourceOptions(parent=self, depends_on=contents)
        _item(f"{name}-head", table, "head", head, last)
        aws.s3.BucketObjectv2(
            f"{name}-head",
            bucket=storage.bucket.id,
            key=heads.NAME,
            content=head,
            content_type="application/json",
            opts=last,
        )
        role = aws.iam.Role(
            f"{name}-reader",
            description=f"Reads the registry of {locality}",
            assume_role_policy=document(
                {"Effect": "Allow", "Principal": {"AWS": here.root}, "Action": "sts:AssumeRole"}
            ),
            tags={**tags, "Name": f"{name}-reader"},
            opts=child,
        )
        aws.iam.RolePolicy(
            f"{name}-reader",
            role=role.name,
            policy=document(
                {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:BatchGetItem"], "Resource": table.arn},
                {
                    "Effect": "Allow",
                    "Action": "s3:GetObject",
                    "Resource": pulumi.Output.concat(storage.bucket.arn, "/*"),
                },
                {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": own.arn},
            ),
            opts=child,
        )
        self.register_outputs({"bucket": storage.bucket.id, "table": table.name, "reader": role.arn})


def _item(
    name: str, table: aws.dynamodb.Table, at: str, body: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> aws.dynamodb.TableItem:
    text = pulumi.Output.from_input(body).apply(lambda known: json.dumps({_KEY: {"S": at}, "body": {"S": known}}))
    return aws.dynamodb.TableItem(name, table_name=table.name, hash_key=_KEY, item=text, opts=opts)

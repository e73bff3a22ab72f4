"""A cell's KMS keys: one a class of data, used for nothing else and by no other cell.

A key's policy hands the decision to the account's own IAM policies (without that nobody could mend the key), and lets
in those AWS services that IAM policies cannot: each for this account only.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.aws.place import Place
from components.aws.policy import Statement, document

_USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]


class Keys(pulumi.ComponentResource):
    """The keys of a cell: `data` for database, bucket, disks and backups; `secrets` for Kubernetes' and the
    database's; `logs` for log groups."""

    data: aws.kms.Key
    secrets: aws.kms.Key
    logs: aws.kms.Key

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        backup_account: str,
        guarded: bool,
        tags: dict[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:aws:Keys", f"{name}-keys", None, opts)
        child = pulumi.ResourceOptions(parent=self, protect=guarded)
        services = [_disks_of_autoscaled_nodes(place)]
        if backup_account != place.account:
            services.append(_copied_by_backups(backup_account))
        self.data = key(f"{name}-data", place, services, guarded, tags, child)
        self.secrets = key(f"{name}-secrets", place, [], guarded, tags, child)
        self.logs = key(f"{name}-logs", place, [_log_groups(place)], guarded, tags, child)
        self.register_outputs({})


def key(
    name: str,
    place: Place,
    services: Sequence[Statement],
    guarded: bool,
    tags: dict[str, str],
    opts: pulumi.ResourceOptions,
    *,
    of: str = "a cell",
) -> aws.kms.Key:
    """A symmetric key that AWS rotates each year, with an alias of the same name."""
    owner = {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": place.root}, "Action": "kms:*", "Resource": "*"}
    made = aws.kms.Key(
        name,
        description=f"{name} of {of}",
        enable_key_rotation=True,
        rotation_period_in_days=365,
        deletion_window_in_days=30 if guarded else 7,  # the longest and the shortest that KMS takes
        policy=document(owner, *services),
        tags={**tags, "Name": name},
        opts=opts,
    )
    aws.kms.Alias(name, target_key_id=made.key_id, opts=pulumi.ResourceOptions(parent=opts.parent))
    return made


def _log_groups(place: Place) -> Statement:
    """CloudWatch Logs encrypts as itself; the context names the log group, which has to be of this account."""
    return {
        "Sid": "LogGroups",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{place.region}.amazonaws.com"},
        "Action": _USE,
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": place.arn("logs", "*")}},
    }


def _disks_of_autoscaled_nodes(place: Place) -> Statement:
    """Let the account's Auto Scaling service role start nodes with encrypted disks.

    IAM policies cannot: the role is AWS's own. It is named by a condition, not as the principal, for a principal has to
    exist when the key is made, and the role comes with the account's first group.
    """
    role = f"arn:aws:iam::{place.account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    return {
        "Sid": "DisksOfAutoscaledNodes",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [*_USE, "kms:CreateGrant"],
        "Resource": "*",
        "Condition": {
            "StringEquals": {"kms:CallerAccount": place.account, "aws:PrincipalArn": role},
        },
    }


def _copied_by_backups(account: str) -> Statement:
    """Let the account that keeps the cell's backups read a snapshot while it copies it."""
    return {
        "Sid": "CopiesOfBackups",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": [*_USE, "kms:CreateGrant"],
        "Resource": "*",
        "Condition": {"StringLike": {"kms:ViaService": ["rds.*.amazonaws.com", "backup.*.amazonaws.com"]}},
    }

"""A cell's backups: a daily snapshot of the database, and a copy of each in another region or account.

Aurora itself keeps every second of the same days (components/aws/database.py); this is for when the region is gone, or
somebody who may delete a cluster has. Objects are copied by S3 (components/aws/storage.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.aws.place import Place
from components.aws.policy import document, managed, service_trust
from components.aws.storage import Copy

_DAILY = "cron(0 5 * * ? *)"  # 05:00 UTC


class Backup(pulumi.ComponentResource):
    """A vault here, a vault in the other place, and the plan that fills both."""

    def __init__(
        self,
        cell: str,
        *,
        place: Place,
        copy: Copy,
        copy_provider: pulumi.ProviderResource,
        retention_days: int,
        database_arn: pulumi.Input[str],
        data_key_arn: pulumi.Input[str],
        guarded: bool,
        boundary: pulumi.Input[str],
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:aws:Backup", f"{cell}-backup", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        named = {**tags, "Name": f"{cell}-backup"}
        here = aws.backup.Vault(
            f"{cell}-backup",
            kms_key_arn=data_key_arn,
            force_destroy=not guarded,
            tags=named,
            opts=pulumi.ResourceOptions(parent=self, protect=guarded),
        )
        there = aws.backup.Vault(
            f"{cell}-backup-copies",
            kms_key_arn=copy.key.arn,
            force_destroy=not guarded,
            tags={**tags, "Name": f"{cell}-backup-copies"},
            opts=pulumi.ResourceOptions(parent=self, provider=copy_provider, protect=guarded),
        )
        if copy.place.account != place.account:
            aws.backup.VaultPolicy(
                f"{cell}-backup-copies",
                backup_vault_name=there.name,
                policy=document(
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": place.root},
                        "Action": "backup:CopyIntoBackupVault",
                        "Resource": "*",
                    }
                ),
                opts=pulumi.ResourceOptions(parent=self, provider=copy_provider),
            )
        role = aws.iam.Role(
            f"{cell}-backup",
            assume_role_policy=service_trust("backup.amazonaws.com", place.account),
            permissions_boundary=boundary,
            tags=named,
            opts=child,
        )
        allowed = [
            aws.iam.RolePolicyAttachment(
                f"{cell}-{part}", role=role.name, policy_arn=managed(f"service-role/{policy}"), opts=child
            )
            for part, policy in (
                ("backup", "AWSBackupServiceRolePolicyForBackup"),
                ("restore", "AWSBackupServiceRolePolicyForRestores"),
            )
        ]
        plan = aws.backup.Plan(
            f"{cell}-backup",
            rules=[
                {
                    "rule_name": "daily",
                    "target_vault_name": here.name,
                    "schedule": _DAILY,
                    "start_window": 60,
                    "completion_window": 480,
                    "lifecycle": {"delete_after": retention_days},
                    "copy_actions": [
                        {"destination_vault_arn": there.arn, "lifecycle": {"delete_after": retention_days}}
                    ],
                    "recovery_point_tags": dict(tags),
                }
            ],
            tags=named,
            opts=child,
        )
        aws.backup.Selection(
            f"{cell}-backup",
            plan_id=plan.id,
            iam_role_arn=role.arn,
            resources=[database_arn],
            opts=pulumi.ResourceOptions(parent=self, depends_on=allowed),
        )
        self.register_outputs({})

"""What a cell's operators look at: its logs, kept in the cell's region with the cell's key, and its costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
import pulumi_gcp as gcp

_LOGS_KEPT_DAYS: Final = 90
_ALERT_AT: Final = (0.5, 0.9, 1.0)
"""Shares of a month's budget."""


class Observability(pulumi.ComponentResource):
    """The log bucket that everything in the project is written to, and a budget where it can be billed."""

    def __init__(
        self,
        cell: str,
        *,
        project: str,
        number: pulumi.Input[str],
        region: str,
        logs_key: pulumi.Input[str],
        monthly_cost_usd: float,
        billing_account: str | None,
        contact: str | None,
        labels: Mapping[str, str],
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:gcp:Observability", f"{cell}-observability", None, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=list(after))
        logs = gcp.logging.ProjectBucketConfig(
            f"{cell}-logs",
            project=project,
            location=region,
            bucket_id=f"{cell}-logs",
            description=f"Logs of cell {cell}",
            retention_days=_LOGS_KEPT_DAYS,
            cmek_settings={"kms_key_name": logs_key},
            opts=child,
        )
        gcp.logging.ProjectSink(
            f"{cell}-logs",
            destination=pulumi.Output.concat("logging.googleapis.com/", logs.id),
            description="All logs of the project",
            unique_writer_identity=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        if billing_account is not None:
            self._budget(cell, number, monthly_cost_usd, billing_account, contact, labels)
        self.register_outputs({})

    def _budget(
        self,
        cell: str,
        number: pulumi.Input[str],
        monthly_cost_usd: float,
        billing_account: str,
        contact: str | None,
        labels: Mapping[str, str],
    ) -> None:
        child = pulumi.ResourceOptions(parent=self)
        told = (
            gcp.monitoring.NotificationChannel(
                f"{cell}-contact",
                type="email",
                labels={"email_address": contact},
                user_labels=labels,
                opts=child,
            )
            if contact
            else None
        )
        gcp.billing.Budget(
            f"{cell}-budget",
            billing_account=billing_account,
            display_name=f"Cell {cell}",
            budget_filter={
                "projects": [pulumi.Output.concat("projects/", number)],
                "calendar_period": "MONTH",
            },
            amount={"specified_amount": {"currency_code": "USD", "units": str(round(monthly_cost_usd))}},
            threshold_rules=[
                *({"threshold_percent": share, "spend_basis": "CURRENT_SPEND"} for share in _ALERT_AT),
                {"threshold_percent": 1.0, "spend_basis": "FORECASTED_SPEND"},
            ],
            all_updates_rule={"monitoring_notification_channels": [told.id]} if told else None,
            opts=child,
        )

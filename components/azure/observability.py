"""What is seen of a cell on Azure: logs of what was done to it and in it, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import pulumi
from pulumi_azure_native import consumption, monitor, operationalinsights

from components.azure.place import Place

_LOG_DAYS: Final = 90
CLUSTER_LOGS: Final = (
    "kube-apiserver",
    "kube-audit-admin",
    "kube-controller-manager",
    "cloud-controller-manager",
    "guard",
)
"""Of the API server's audit log only what changes something: reads are ten times as much."""
ALERTS_PERCENT: Final = {"Actual": (80.0, 100.0), "Forecasted": (110.0,)}


class Observability(pulumi.ComponentResource):
    """The cell's log workspace, which takes what Azure's own services write and nothing from any network."""

    def __init__(self, name: str, *, place: Place, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cellfleet:azure:Observability", name, {}, opts)
        self._name = name
        self.workspace = operationalinsights.Workspace(
            f"{name}-logs",
            resource_group_name=place.group,
            location=place.region,
            sku=operationalinsights.WorkspaceSkuArgs(name=operationalinsights.WorkspaceSkuNameEnum.PER_GB2018),
            retention_in_days=_LOG_DAYS,
            features=operationalinsights.WorkspaceFeaturesArgs(
                disable_local_auth=True, enable_log_access_using_only_resource_permissions=True
            ),
            # Diagnostic settings write from inside Azure; only people with a role of the workspace's read.
            public_network_access_for_ingestion=operationalinsights.PublicNetworkAccessType.DISABLED,
            public_network_access_for_query=operationalinsights.PublicNetworkAccessType.ENABLED,
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})

    def watch(self, what: str, resource_id: pulumi.Input[str], categories: Sequence[str] = ()) -> None:
        """Keep the logs of a resource: these categories, each in a table of its own, or all that it writes."""
        monitor.DiagnosticSetting(
            f"{self._name}-{what}",
            name="cellfleet",
            resource_uri=resource_id,
            workspace_id=self.workspace.id,
            log_analytics_destination_type="Dedicated" if categories else None,
            logs=[monitor.DiagnosticsLogSettingsArgs(category=category, enabled=True) for category in categories]
            or [monitor.DiagnosticsLogSettingsArgs(category_group="allLogs", enabled=True)],
            opts=pulumi.ResourceOptions(parent=self),
        )


def budget(name: str, subscription: str, monthly_usd: float, contact: str | None, parent: pulumi.Resource) -> None:
    """What the cell's whole subscription may cost in a month, and who is told when it comes near.

    Azure takes a budget only from the month in which it is made, and lets nobody change that month; so it starts with
    the month of the deployment that makes it, and later deployments leave it as it is. Azure gives it ten years.
    """
    notifications: Mapping[str, consumption.NotificationArgs] = {
        f"{kind}-{percent:.0f}": consumption.NotificationArgs(
            enabled=True,
            operator=consumption.OperatorType.GREATER_THAN,
            threshold=percent,
            threshold_type=kind,
            contact_emails=[contact],
        )
        for kind, thresholds in ALERTS_PERCENT.items()
        for percent in thresholds
        if contact
    }
    consumption.Budget(
        f"{name}-budget",
        scope=f"/subscriptions/{subscription}",
        category=consumption.CategoryType.COST,
        time_grain=consumption.TimeGrainType.MONTHLY,
        amount=monthly_usd,
        time_period=consumption.BudgetTimePeriodArgs(start_date=f"{datetime.now(UTC):%Y-%m}-01T00:00:00Z"),
        notifications=notifications,
        opts=pulumi.ResourceOptions(parent=parent, ignore_changes=["timePeriod"]),
    )

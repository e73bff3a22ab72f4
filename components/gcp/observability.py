"""What is seen of a cell on GCP: logs of what was done to it and in it, and what it costs."""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_gcp import billing, logging, monitoring

from components.gcp.keys import Keys
from components.gcp.place import Place
from components.gcp.provider import pinned

_LOG_DAYS: Final = 90
ALERTS: Final = (("CURRENT_SPEND", 0.8), ("CURRENT_SPEND", 1.0), ("FORECASTED_SPEND", 1.1))


class Observability(pulumi.ComponentResource):
    """The cell's log bucket, in its own region, and the sink that sends every log there.

    A project's `_Default` sink keeps logs in a bucket that is everywhere, which residency forbids, so it is turned off.
    (`_Required` cannot be: it keeps what administrators did, which has no tenant's data.)
    """

    def __init__(self, name: str, *, place: Place, keys: Keys, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cellfleet:gcp:Observability", name, {}, opts)
        self.bucket = logging.ProjectBucketConfig(
            f"{name}-logs",
            project=place.project,
            location=place.region,
            # GCP keeps a deleted bucket's id for 7 days.
            bucket_id=keys.suffix.apply(lambda known: f"{name}-logs-{known}"),
            retention_days=_LOG_DAYS,
            cmek_settings=logging.ProjectBucketConfigCmekSettingsArgs(kms_key_name=keys.keys["logs"].id),
            opts=place.under(self, *keys.grants),
        )
        sink = logging.ProjectSink(
            f"{name}-logs",
            project=place.project,
            destination=pulumi.Output.concat("logging.googleapis.com/", self.bucket.id),
            unique_writer_identity=True,
            opts=place.under(self),
        )
        logging.ProjectSink(
            f"{name}-default-logs",
            name="_Default",
            project=place.project,
            destination=f"logging.googleapis.com/projects/{place.project}/locations/global/buckets/_Default",
            unique_writer_identity=True,
            disabled=True,
            opts=place.under(self, sink),
        )
        self.register_outputs({})


class Budget(pulumi.ComponentResource):
    """What the cell's project may cost in a month, in the billing account's currency, and who is told when it nears."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        project_number: pulumi.Output[str],
        billing_account: str,
        monthly: float,
        contact: str | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:gcp:Budget", name, {}, opts)
        provider = pinned(
            f"{name}-billing", place.project, place.region, quota=True, opts=pulumi.ResourceOptions(parent=self)
        )
        channels = [self._channel(name, place, contact).id] if contact else []
        billing.Budget(
            f"{name}-budget",
            billing_account=billing_account,
            display_name=f"Cell {name}",
            budget_filter=billing.BudgetBudgetFilterArgs(
                # By number: that is how the API gives it back.
                projects=[project_number.apply(lambda number: f"projects/{number}")],
                calendar_period="MONTH",
            ),
            amount=billing.BudgetAmountArgs(
                specified_amount=billing.BudgetAmountSpecifiedAmountArgs(
                    units=str(int(monthly)), nanos=round(monthly % 1 * 1_000_000_000) or None
                )
            ),
            threshold_rules=[
                billing.BudgetThresholdRuleArgs(spend_basis=basis, threshold_percent=share) for basis, share in ALERTS
            ],
            all_updates_rule=billing.BudgetAllUpdatesRuleArgs(monitoring_notification_channels=channels)
            if contact
            else None,
            opts=pulumi.ResourceOptions.merge(place.under(self), pulumi.ResourceOptions(provider=provider)),
        )
        self.register_outputs({})

    def _channel(self, name: str, place: Place, contact: str) -> monitoring.NotificationChannel:
        return monitoring.NotificationChannel(
            f"{name}-contact",
            project=place.project,
            type="email",
            display_name="Who answers for the cell",
            labels={"email_address": contact},
            user_labels=dict(place.labels),
            opts=place.under(self),
        )

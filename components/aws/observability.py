"""What is known of a cell from outside its pods: the flow logs of its network, and what it costs.

The logs of the cluster and the database are beside what writes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_aws as aws

from components.aws.place import Place
from components.aws.policy import document, service_trust

LOG_RETENTION_DAYS: Final = 90
"""Of every log group: one of the numbers that CloudWatch takes."""


class Observability(pulumi.ComponentResource):
    """The flow logs of the cell's network and the budget of its account."""

    def __init__(
        self,
        cell: str,
        *,
        place: Place,
        vpc_id: pulumi.Input[str],
        logs_key_arn: pulumi.Input[str],
        monthly_cost_usd: float,
        contact: str | None,
        boundary: pulumi.Input[str],
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:aws:Observability", f"{cell}-observability", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        named = {**tags, "Name": f"{cell}-flows"}
        flows = aws.cloudwatch.LogGroup(
            f"{cell}-flows",
            kms_key_id=logs_key_arn,
            retention_in_days=LOG_RETENTION_DAYS,
            tags=named,
            opts=child,
        )
        role = aws.iam.Role(
            f"{cell}-flows",
            assume_role_policy=service_trust("vpc-flow-logs.amazonaws.com", place.account),
            permissions_boundary=boundary,
            tags=named,
            opts=child,
        )
        write = aws.iam.RolePolicy(
            f"{cell}-flows",
            role=role.name,
            policy=document(
                {
                    "Effect": "Allow",
                    "Action": [
                        "logs:CreateLogStream",
                        "logs:DescribeLogGroups",
                        "logs:DescribeLogStreams",
                        "logs:PutLogEvents",
                    ],
                    "Resource": pulumi.Output.concat(flows.arn, ":*"),
                }
            ),
            opts=child,
        )
        aws.ec2.FlowLog(
            f"{cell}-flows",
            vpc_id=vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=flows.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=600,
            tags=named,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[write]),
        )

        # The account is the cell's alone, so its whole bill is the cell's.
        aws.budgets.Budget(
            f"{cell}-budget",
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=f"{monthly_cost_usd:.2f}",
            limit_unit="USD",
            notifications=[
                aws.budgets.BudgetNotificationArgs(
                    notification_type=kind,
                    comparison_operator="GREATER_THAN",
                    threshold=percent,
                    threshold_type="PERCENTAGE",
                    subscriber_email_addresses=[contact],
                )
                for kind, percent in (("ACTUAL", 80), ("FORECASTED", 100))
                if contact is not None
            ],
            tags={**tags, "Name": f"{cell}-budget"},
            opts=child,
        )
        self.register_outputs({})

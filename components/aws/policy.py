"""IAM policy documents, as the JSON that AWS takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

Statement = Mapping[str, Any]


def document(*statements: Statement) -> pulumi.Output[str]:
    """A policy of these statements, whose values may be outputs."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def service_trust(service: str, account: str, *actions: str) -> pulumi.Output[str]:
    """A role's trust in one AWS service, acting for this account only wherever the service says for whom it acts."""
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": list(actions or ("sts:AssumeRole",)),
            "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": account}},
        }
    )


def managed(name: str) -> str:
    """The ARN of one of AWS's own policies: `service-role/AWSBackupServiceRolePolicyForBackup`."""
    return f"arn:aws:iam::aws:policy/{name}"

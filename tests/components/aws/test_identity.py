"""Who may act in an AWS cell's account."""

from __future__ import annotations

import json
from typing import Any

from components.aws.identity import _pods_trust
from tests.components.aws.recorded import CELL, OTHER_ACCOUNT, as_declared, recorded, statements, with_standby

ISSUER = "token.actions.githubusercontent.com"
ROOT = "arn:aws:iam::111111111111:root"


def trust(name: str, changes: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    return statements(recorded(changes).one("iam/role:Role", name).inputs["assumeRolePolicy"])


def test_ci_deploys_each_stack_with_that_stacks_own_role() -> None:
    for name, stack in (("-deploy", f"cell-{CELL}"), ("-release", f"workload-{CELL}")):
        inside, outside = trust(name)
        assert inside["Principal"] == {"AWS": ROOT}
        assert outside == {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::111111111111:oidc-provider/{ISSUER}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {
                    f"{ISSUER}:aud": "sts.amazonaws.com",
                    f"{ISSUER}:sub": f"repo:acme/fleet:environment:{stack}",
                }
            },
        }


def test_with_no_identity_declared_nobody_outside_is_trusted() -> None:
    none = {"fleet.deploy_identity": ...}
    assert [one["Principal"] for name in ("-deploy", "-release") for one in trust(name, none)] == [{"AWS": ROOT}] * 2
    (issuer,) = recorded(none).of("iam/openIdConnectProvider:OpenIdConnectProvider")
    assert issuer.name == f"{CELL}-pods"


def test_every_role_is_bounded() -> None:
    for role in with_standby().of("iam/role:Role"):
        assert "permissionsBoundary" in role.inputs, role.urn


def test_no_role_trusts_everybody_or_another_account() -> None:
    for role in with_standby().of("iam/role:Role"):
        policy = role.inputs["assumeRolePolicy"]
        if isinstance(policy, str):  # the services' is known only in a deployment
            for statement in statements(policy):
                assert "*" not in str(statement["Principal"]), role.urn
                assert "::111111111111:" in str(statement["Principal"]) or "Service" in statement["Principal"]


def boundary(changes: dict[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    policy = recorded(changes).one("iam/policy:Policy").inputs["policy"]
    assert len(policy.replace(" ", "")) <= 6144  # IAM counts no white space
    return {statement["Sid"]: statement for statement in statements(policy)}


def test_the_boundary_keeps_every_role_in_the_cell() -> None:
    denied = boundary()
    assert denied["OwnRegions"]["Condition"] == {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "us-west-2"]}}
    assert denied["OwnAccount"]["NotResource"] == ["arn:aws:iam::111111111111:role/*"]
    assert "ec2:CreateVpcPeeringConnection" in denied["OwnNetwork"]["Action"]
    assert denied["OwnBoundary"]["Resource"] == f"arn:aws:iam::111111111111:policy/{CELL}-boundary"
    assert all(statement["Effect"] == "Deny" for sid, statement in denied.items() if sid != "All")


def test_the_one_other_account_is_that_of_the_backups() -> None:
    assert boundary(OTHER_ACCOUNT)["OwnAccount"]["NotResource"] == [
        "arn:aws:iam::111111111111:role/*",
        "arn:aws:iam::222222222222:role/cellfleet-backup",
    ]


def test_pods_of_the_products_services_have_a_role_and_no_others() -> None:
    policy = _pods_trust(
        "arn:aws:iam::111111111111:oidc-provider/oidc.eks/id/A", "oidc.eks/id/A", ["system:serviceaccount:n:a"]
    )
    (statement,) = json.loads(policy)["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {"oidc.eks/id/A:aud": "sts.amazonaws.com", "oidc.eks/id/A:sub": ["system:serviceaccount:n:a"]}
    }


def test_keys_are_the_accounts_and_let_in_services_for_this_account_only() -> None:
    for key in as_declared().of("kms/key:Key"):
        assert key.inputs["enableKeyRotation"]
        owner, *services = statements(key.inputs["policy"])
        assert owner["Principal"] == {"AWS": ROOT}
        for service in services:
            assert "111111111111" in json.dumps(service["Condition"]), key.urn


def test_nodes_may_start_with_disks_of_the_cells_key() -> None:
    _, disks = statements(as_declared().one("kms/key:Key", f"{CELL}-data").inputs["policy"])
    role = "arn:aws:iam::111111111111:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    assert disks["Condition"]["StringEquals"] == {"kms:CallerAccount": "111111111111", "aws:PrincipalArn": role}
    assert "kms:CreateGrant" in disks["Action"]

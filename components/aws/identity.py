"""Who may act in a cell's account: the boundary no role passes, the two roles that CI deploys as, the services' own.

The boundary allows what it does not deny; what it denies is leaving the cell: another account, another region, a
connection to another network, a role without the boundary, a credential that does not expire.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import pulumi
import pulumi_aws as aws

from cellfleet.inventory.model import DeployIdentity
from cellfleet.inventory.stack import Kind, Stack
from components.aws.place import Place
from components.aws.policy import Statement, document, managed
from components.aws.provider import BACKUP_ROLE

_CUSTOMARY_AUDIENCE = "sts.amazonaws.com"
# Services that have their one endpoint in us-east-1, wherever the caller is.
_GLOBAL = ["iam:*", "sts:*", "route53:*", "budgets:*", "support:*", "organizations:*", "ce:*", "health:*"]


class Identity(pulumi.ComponentResource):
    """The permissions boundary of every role in the cell, and a deploy role for each of the cell's two stacks."""

    boundary: pulumi.Output[str]
    """ARN of the policy that every role of the cell is bounded by."""
    release_role: aws.iam.Role
    """What deploys the workload: its access ends at the cluster, the certificate and the cell's zone."""

    def __init__(
        self,
        cell: str,
        *,
        place: Place,
        regions: Sequence[str],
        backup_account: str,
        identity: DeployIdentity | None,
        zone_arn: pulumi.Input[str],
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:aws:Identity", f"{cell}-identity", None, opts)
        self._place, self._identity, self._tags = place, identity, tags
        child = pulumi.ResourceOptions(parent=self)
        # Named, for it refers to itself.
        boundary_name = f"{cell}-boundary"
        boundary_arn = f"arn:aws:iam::{place.account}:policy/{boundary_name}"
        self.boundary = aws.iam.Policy(
            boundary_name,
            name=boundary_name,
            description=f"What no role of cell {cell} may do, whatever its other policies say",
            policy=document(*_boundary(place, regions, boundary_arn, backup_account)),
            tags={**tags, "Name": boundary_name},
            opts=child,
        ).arn

        if identity is not None:
            aws.iam.OpenIdConnectProvider(
                f"{cell}-deploy",
                url=identity.issuer,
                client_id_lists=[identity.audience or _CUSTOMARY_AUDIENCE],
                tags={**tags, "Name": f"{cell}-deploy"},
                opts=child,
            )
        deploy = self._deploy_role(f"{cell}-deploy", Stack(Kind.CELL, cell))
        aws.iam.RolePolicyAttachment(
            f"{cell}-deploy", role=deploy.name, policy_arn=managed("AdministratorAccess"), opts=child
        )
        self.release_role = self._deploy_role(f"{cell}-release", Stack(Kind.WORKLOAD, cell))
        aws.iam.RolePolicy(
            f"{cell}-release",
            role=self.release_role.name,
            policy=document(*_release(place, cell, zone_arn, self.release_role.arn)),
            opts=child,
        )
        self.register_outputs({})

    def _deploy_role(self, name: str, stack: Stack) -> aws.iam.Role:
        """A role for the account's own administrators, and of everybody else only for CI when it deploys `stack`."""
        trust: list[Statement] = [
            {"Effect": "Allow", "Principal": {"AWS": self._place.root}, "Action": "sts:AssumeRole"}
        ]
        if self._identity is not None:
            issuer = _issuer(self._identity.issuer)
            trust.append(
                {
                    "Effect": "Allow",
                    "Principal": {"Federated": f"arn:aws:iam::{self._place.account}:oidc-provider/{issuer}"},
                    "Action": "sts:AssumeRoleWithWebIdentity",
                    "Condition": {
                        "StringEquals": {
                            f"{issuer}:aud": self._identity.audience or _CUSTOMARY_AUDIENCE,
                            f"{issuer}:sub": self._identity.subject.replace("{stack}", stack.name),
                        }
                    },
                }
            )
        return aws.iam.Role(
            name,
            description=f"Deploys {stack.name}",
            assume_role_policy=document(*trust),
            permissions_boundary=self.boundary,
            tags={**self._tags, "Name": name},
            opts=pulumi.ResourceOptions(parent=self),
        )


class ServiceIdentity(pulumi.ComponentResource):
    """The role of the product's pods: the cell's bucket and the database's password, and nothing else.

    `service_accounts` are subjects of the cluster's issuer: `system:serviceaccount:<namespace>:<name>`.
    """

    role_arn: pulumi.Output[str]

    def __init__(
        self,
        cell: str,
        *,
        service_accounts: Sequence[str],
        issuer: pulumi.Input[str],
        bucket_arn: pulumi.Input[str],
        database_secret_arn: pulumi.Input[str],
        key_arns: Sequence[pulumi.Input[str]],
        boundary: pulumi.Input[str],
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:aws:ServiceIdentity", f"{cell}-service-identity", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        pods = aws.iam.OpenIdConnectProvider(
            f"{cell}-pods",
            url=issuer,
            client_id_lists=[_CUSTOMARY_AUDIENCE],
            tags={**tags, "Name": f"{cell}-pods"},
            opts=child,
        )
        role = aws.iam.Role(
            f"{cell}-services",
            description=f"The product's services in cell {cell}",
            assume_role_policy=pulumi.Output.all(pods.arn, issuer).apply(
                lambda known: _pods_trust(known[0], _issuer(known[1]), service_accounts)
            ),
            permissions_boundary=boundary,
            tags={**tags, "Name": f"{cell}-services"},
            opts=child,
        )
        aws.iam.RolePolicy(
            f"{cell}-services",
            role=role.name,
            policy=document(
                {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetBucketLocation"], "Resource": bucket_arn},
                {
                    "Effect": "Allow",
                    "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
                    "Resource": pulumi.Output.concat(bucket_arn, "/*"),
                },
                {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": database_secret_arn},
                {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": list(key_arns)},
            ),
            opts=child,
        )
        self.role_arn = role.arn
        self.register_outputs({})


def _pods_trust(provider_arn: str, issuer: str, service_accounts: Sequence[str]) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{issuer}:aud": _CUSTOMARY_AUDIENCE, f"{issuer}:sub": list(service_accounts)}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _issuer(url: str) -> str:
    """How IAM names an issuer: its URL without the scheme."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}".rstrip("/")


def _boundary(place: Place, regions: Sequence[str], boundary: str, backup_account: str) -> list[Statement]:
    own_roles = [f"arn:aws:iam::{place.account}:role/*"]
    if backup_account != place.account:
        own_roles.append(f"arn:aws:iam::{backup_account}:role/{BACKUP_ROLE}")
    return [
        {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"},
        {
            "Sid": "OwnRegions",
            "Effect": "Deny",
            "NotAction": _GLOBAL,
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": sorted(set(regions))}},
        },
        {"Sid": "OwnAccount", "Effect": "Deny", "Action": "sts:AssumeRole", "NotResource": own_roles},
        {
            "Sid": "OwnNetwork",
            "Effect": "Deny",
            "Action": [
                "ec2:AcceptTransitGateway*",
                "ec2:AcceptVpc*",
                "ec2:AttachVpnGateway",
                "ec2:CreateTransitGateway*",
                "ec2:CreateVpcEndpointServiceConfiguration",
                "ec2:CreateVpcPeeringConnection",
                "ram:*",
            ],
            "Resource": "*",
        },
        {
            "Sid": "BoundedRoles",
            "Effect": "Deny",
            "Action": ["iam:CreateRole", "iam:PutRolePermissionsBoundary"],
            "Resource": "*",
            "Condition": {"StringNotEquals": {"iam:PermissionsBoundary": boundary}},
        },
        {
            "Sid": "NoWayOut",
            "Effect": "Deny",
            "Action": [
                "iam:AddUserToGroup",
                "iam:CreateAccessKey",
                "iam:CreateGroup",
                "iam:CreateLoginProfile",
                "iam:CreateUser",
                "iam:DeleteRolePermissionsBoundary",
                "organizations:*",
                "account:*",
            ],
            "Resource": "*",
        },
        {
            "Sid": "OwnBoundary",
            "Effect": "Deny",
            "Action": ["iam:CreatePolicyVersion", "iam:DeletePolicy*", "iam:SetDefaultPolicyVersion"],
            "Resource": boundary,
        },
    ]


def _release(place: Place, cell: str, zone_arn: pulumi.Input[str], role_arn: pulumi.Input[str]) -> list[Statement]:
    return [
        {"Effect": "Allow", "Action": "eks:DescribeCluster", "Resource": place.arn("eks", f"cluster/{cell}")},
        # A kubeconfig names the role to use, which CI already is: it has to be allowed to become itself.
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role_arn},
        {
            "Effect": "Allow",
            "Action": ["acm:RequestCertificate", "acm:ListCertificates"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": place.region}},
        },
        {
            "Effect": "Allow",
            "Action": [
                "acm:AddTagsToCertificate",
                "acm:DeleteCertificate",
                "acm:DescribeCertificate",
                "acm:GetCertificate",
                "acm:ListTagsForCertificate",
                "acm:RemoveTagsFromCertificate",
            ],
            "Resource": place.arn("acm", "certificate/*"),
        },
        {
            "Effect": "Allow",
            "Action": ["route53:ChangeResourceRecordSets", "route53:GetHostedZone", "route53:ListResourceRecordSets"],
            "Resource": zone_arn,
        },
        {"Effect": "Allow", "Action": "route53:GetChange", "Resource": "arn:aws:route53:::change/*"},
    ]

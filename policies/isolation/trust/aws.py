"""AWS: whom a resource lets in, by its policies and by what names an account or a principal itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from policies.isolation.trust.documents import document_in
from policies.isolation.trust.documents import principals as in_document
from policies.isolation.trust.principal import Principal
from policies.isolation.values import account_in, at
from policies.resource import Resource

_NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:cloudwatch/eventPermission:EventPermission": ("principal",),
    "aws:ec2/amiLaunchPermission:AmiLaunchPermission": (
        "accountId",
        "group",
        "organizationArn",
        "organizationalUnitArn",
    ),
    "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission": ("accountId",),
    "aws:eks/accessEntry:AccessEntry": ("principalArn",),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": ("roleArn", "targetRoleArn"),
    "aws:kms/grant:Grant": ("granteePrincipal", "retiringPrincipal"),
    "aws:lambda/layerVersionPermission:LayerVersionPermission": ("principal",),
    "aws:opensearch/authorizeVpcEndpointAccess:AuthorizeVpcEndpointAccess": ("account",),
    "aws:ram/principalAssociation:PrincipalAssociation": ("principal",),
    "aws:rds/clusterSnapshot:ClusterSnapshot": ("sharedAccounts",),
    "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy": ("sharedAccounts",),
    "aws:rds/snapshot:Snapshot": ("sharedAccounts",),
    "aws:rds/snapshotCopy:SnapshotCopy": ("sharedAccounts",),
    "aws:redshift/dataShareAuthorization:DataShareAuthorization": ("consumerIdentifier",),
    "aws:redshift/endpointAuthorization:EndpointAuthorization": ("account",),
}
"""By type, the inputs that name an account, a principal's ARN, or everybody."""
_EVERYBODY: Final = frozenset({"*", "all"})
_ACLS: Final = frozenset(
    {
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketAcl:BucketAcl",
        "aws:s3/bucketAclV2:BucketAclV2",
        "aws:s3/bucketObject:BucketObject",
        "aws:s3/bucketObjectv2:BucketObjectv2",
        "aws:s3/bucketV2:BucketV2",
    }
)
_PUBLIC_ACLS: Final = {
    "public-read": "everybody",
    "public-read-write": "everybody",
    "authenticated-read": "everybody who has an AWS account",
}
_SERVICES: Final = (".amazonaws.com", ".amazonaws.com.cn")
_NO_TRUST: Final = frozenset({"aws:ec2/vpcEndpoint:VpcEndpoint", "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"})
"""Their policies say what may pass, and let nobody in."""


def principals(resource: Resource, own: Collection[str]) -> Iterator[Principal]:
    """Whom a resource of AWS trusts; `own` are the accounts that a wildcard may be held to."""
    if resource.type in _NO_TRUST:
        return
    for value in resource.inputs.values():
        for document in _documents(value):
            yield from in_document(document, own)
    for name in _NAMED.get(resource.type, ()):
        for value in at(resource.inputs, name):
            if isinstance(value, str):
                yield _named(value)
    if resource.type in _ACLS:
        yield from _of_acl(resource)
    if resource.type == "aws:lambda/permission:Permission":
        yield from _of_permission(resource, own)


def _documents(value: Any) -> Iterator[Mapping[str, Any]]:
    """The policy documents in an input, whatever it is called."""
    if (document := document_in(value)) is not None:
        yield document
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _documents(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _documents(inner)


def _named(value: str) -> Principal:
    if value in _EVERYBODY:
        return Principal(value, everybody="everybody")
    if value.startswith("arn:aws:organizations:"):
        return Principal(value, everybody="everybody in an organization or a part of it")
    return Principal(value, account=account_in(value) or "")


def _of_acl(resource: Resource) -> Iterator[Principal]:
    for acl in at(resource.inputs, "acl"):
        if isinstance(acl, str) and acl in _PUBLIC_ACLS:
            yield Principal(acl, everybody=_PUBLIC_ACLS[acl])
    for path in ("grants.uri", "accessControlPolicy.grants.grantee.uri"):
        for uri in at(resource.inputs, path):
            if isinstance(uri, str) and uri.endswith(("/AllUsers", "/AuthenticatedUsers")):
                yield Principal(uri, everybody="everybody")


def _of_permission(resource: Resource, own: Collection[str]) -> Iterator[Principal]:
    for principal in at(resource.inputs, "principal"):
        ties = [*at(resource.inputs, "sourceAccount"), *at(resource.inputs, "sourceArn")]
        if principal == "*" and any(not isinstance(tie, str) or account_in(tie) in own for tie in ties):
            continue
        if isinstance(principal, str) and principal.endswith(_SERVICES):
            yield from (Principal(tie, account=account_in(tie) or "") for tie in ties if isinstance(tie, str))
        elif isinstance(principal, str):
            yield _named(principal)

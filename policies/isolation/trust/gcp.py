"""GCP: the members of IAM bindings, and who has what by a bucket's or a data set's own lists."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any, Final

from policies.isolation.trust.principal import Principal
from policies.isolation.values import at
from policies.resource import Resource

_BINDING: Final = re.compile(r"I[aA][mM](Member|Binding|Policy)$")
_EVERYBODY: Final = {
    "allUsers": "everybody",
    "allAuthenticatedUsers": "everybody who has a Google account",
    "principalSet://goog/public:all": "everybody",
}
_OF_PROJECT: Final = (
    re.compile(r"serviceAccount:[^@]+@([a-z][a-z0-9-]{4,28}[a-z0-9])\.iam\.gserviceaccount\.com$"),
    re.compile(r"serviceAccount:([a-z][a-z0-9-]{4,28}[a-z0-9])@appspot\.gserviceaccount\.com$"),
    re.compile(r"serviceAccount:([a-z][a-z0-9-]{4,28}[a-z0-9])\.svc\.id\.goog\["),
    re.compile(r"project(?:Owner|Editor|Viewer):([a-z][a-z0-9-]{4,28}[a-z0-9])$"),
)
_GOOGLES: Final = re.compile(r"serviceAccount:(?:(?:service-|project-)[0-9]{6,}@|[^@]+@gcp-sa-)")
"""Google's own agents, which act for the project of that number
(https://cloud.google.com/iam/docs/service-agents, not rechecked); whose number it is, nothing here tells."""
_LISTS: Final = {
    "gcp:bigquery/dataset:Dataset": ("accesses.iamMember", "accesses.specialGroup", "accesses.userByEmail"),
    "gcp:bigquery/datasetAccess:DatasetAccess": ("iamMember", "specialGroup", "userByEmail"),
    "gcp:storage/bucketACL:BucketACL": ("roleEntities", "predefinedAcl", "defaultAcl"),
    "gcp:storage/bucketAccessControl:BucketAccessControl": ("entity",),
    "gcp:storage/defaultObjectACL:DefaultObjectACL": ("roleEntities",),
    "gcp:storage/defaultObjectAccessControl:DefaultObjectAccessControl": ("entity",),
    "gcp:storage/objectACL:ObjectACL": ("roleEntities", "predefinedAcl"),
    "gcp:storage/objectAccessControl:ObjectAccessControl": ("entity",),
}
_PUBLIC_ACLS: Final = frozenset({"publicRead", "publicReadWrite", "authenticatedRead"})
_POOL_PROVIDER: Final = "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider"


def principals(resource: Resource, own: Collection[str]) -> Iterator[Principal]:  # noqa: ARG001 (each cloud's takes the same)
    """Whom a resource of GCP trusts."""
    if _BINDING.search(resource.type):
        for name in ("member", "members"):
            for member in at(resource.inputs, name):
                yield from _member(member)
        for policy in at(resource.inputs, "policyData"):
            if isinstance(policy, str):
                for member in at(_parsed(policy), "bindings.members"):
                    yield from _member(member)
    for name in _LISTS.get(resource.type, ()):
        for entity in at(resource.inputs, name):
            if isinstance(entity, str):
                yield from _listed(entity)
    if resource.type == _POOL_PROVIDER and not any(at(resource.inputs, "attributeCondition")):
        for issuer in at(resource.inputs, "oidc.issuerUri"):
            yield Principal("no attributeCondition", everybody=f"everybody whom {issuer} knows")


def _member(member: Any) -> Iterator[Principal]:
    if not isinstance(member, str):
        return
    if member in _EVERYBODY:
        yield Principal(member, everybody=_EVERYBODY[member])
    elif member.startswith("principalSet:") and member.endswith("/*"):
        yield Principal(member, everybody="everybody whom an identity pool lets in")
    elif member.startswith("principal:"):
        yield Principal(member, subject=member.partition("/subject/")[2])
    elif not _GOOGLES.match(member):
        for form in _OF_PROJECT:
            if found := form.match(member):
                yield Principal(member, account=found[1])


def _listed(entity: str) -> Iterator[Principal]:
    """An entry of a list that is older than IAM: `READER:allUsers`, `publicRead`, a member or its address."""
    name = entity.rpartition(":")[2]
    if entity in _PUBLIC_ACLS or name in _EVERYBODY:
        yield Principal(entity, everybody=_EVERYBODY.get(name, "everybody"))
    elif "@" in name:
        yield from _member(f"serviceAccount:{name.removeprefix('user-')}")


def _parsed(policy: str) -> Any:
    try:
        return json.loads(policy)
    except ValueError:
        return None

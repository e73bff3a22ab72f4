"""Whom roles trust by OpenID Connect, on each cloud, of those who come from the fleet's own issuer.

Pods' service accounts come from their cluster's issuer, and are no deploy roles.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cellfleet.inventory.model import DeployIdentity
from policies.isolation.values import known_at, text_at
from policies.resource import UNKNOWN, Resource, Resources

_ROLE: Final = "aws:iam/role:Role"
_PROVIDER: Final = "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider"
_MEMBERS: Final = (
    "gcp:serviceaccount/iAMMember:IAMMember",
    "gcp:serviceaccount/iAMBinding:IAMBinding",
    "gcp:projects/iAMMember:IAMMember",
    "gcp:projects/iAMBinding:IAMBinding",
)
_WHO: Final = ("member", "members", "subject", "subjects")
_CREDENTIAL: Final = "azure-native:managedidentity:FederatedIdentityCredential"
_BINDINGS: Final = tuple(
    f"kubernetes:rbac.authorization.k8s.io/v1:{kind}" for kind in ("ClusterRoleBinding", "RoleBinding")
)
_PRINCIPAL: Final = re.compile(r"principal://iam\.googleapis\.com/.*/subject/(.+)")
_SUBJECT_OF_SET: Final = re.compile(r"principalSet://iam\.googleapis\.com/(.+)")
_CONDITION: Final = re.compile(r"assertion\.sub\s+in\s+(\[[^\]]*\])|assertion\.sub\s*==\s*[\"']([^\"']*)[\"']")


@dataclass(frozen=True, slots=True)
class Trust:
    """One subject that may act as one role."""

    role: str
    """URN of the role, the service account or the identity, or the name of a cluster's; empty for what only takes the
    subject's tokens, and lets nobody act yet."""
    subject: str
    resource: Resource
    """What says so."""
    fault: str = ""
    """What is wrong with how it says so, whoever the subject is."""
    shared: bool = False
    """Whether a role is meant for several subjects."""


def trusts(identity: DeployIdentity, resources: Resources) -> Iterator[Trust]:
    """Every trust in the fleet's issuer that is known."""
    yield from _aws(identity, resources)
    yield from _gcp(identity, resources)
    for credential in resources.of(_CREDENTIAL):
        if _same(text_at(credential.inputs, "issuer"), identity.issuer) and (
            subject := text_at(credential.inputs, "subject")
        ):
            owners = resources.sources(credential, "resourceName")
            pattern = "trusts a pattern" if "*" in subject else ""
            yield Trust(owners[0].urn if owners else credential.urn, subject, credential, pattern)
    prefix = f"{identity.issuer}#"
    for binding in resources.of(*_BINDINGS):
        for name in known_at(binding.inputs, "subjects.name"):
            if isinstance(name, str) and name.startswith(prefix):
                # Bindings in several namespaces are one role's.
                role = text_at(binding.inputs, "roleRef.name") or "role"
                yield Trust(role, name.removeprefix(prefix), binding, shared=True)


def all_known(identity: DeployIdentity, resources: Resources) -> bool:
    """Whether no trust in the issuer waits for a deploy to be told: then a subject without a role has none."""
    for role in resources.of(_ROLE):
        if role.inputs.get("assumeRolePolicy") is UNKNOWN:
            sources = resources.sources(role, "assumeRolePolicy")
            if any(_same(text_at(source.inputs, "url"), identity.issuer) for source in sources):
                return False
    told = (*resources.of(*_MEMBERS), *resources.of(_CREDENTIAL), *resources.of(*_BINDINGS))
    return not any(each.inputs.get(name) is UNKNOWN for each in told for name in _WHO)


def _aws(identity: DeployIdentity, resources: Resources) -> Iterator[Trust]:
    issuer = _bare(identity.issuer)
    for role in resources.of(_ROLE):
        for statement in _statements(role.inputs.get("assumeRolePolicy")):
            federated = _listed(_mapping(statement.get("Principal")).get("Federated"))
            if statement.get("Effect") == "Allow" and any(
                str(arn).endswith(f":oidc-provider/{issuer}") for arn in federated
            ):
                yield from _conditions(role, statement, issuer)


def _conditions(role: Resource, statement: Mapping[str, Any], issuer: str) -> Iterator[Trust]:
    condition = _mapping(statement.get("Condition"))
    key = f"{issuer}:sub".lower()
    exact = [
        str(subject)
        for name, value in _mapping(condition.get("StringEquals")).items()
        if name.lower() == key
        for subject in _listed(value)
    ]
    for subject in exact:
        yield Trust(role.urn, subject, role)
    if exact:
        return
    like = [
        str(subject)
        for operator, asked in condition.items()
        for name, value in _mapping(asked).items()
        if name.lower() == key and "Not" not in operator
        for subject in _listed(value)
    ]
    fault = "does not ask for exactly one subject" if like else "trusts whoever has a token of the issuer"
    yield Trust(role.urn, ", ".join(like) or "any subject", role, fault)


def _gcp(identity: DeployIdentity, resources: Resources) -> Iterator[Trust]:
    for provider in resources.of(_PROVIDER):
        issuer = text_at(provider.inputs, "oidc.issuerUri")
        if issuer and _same(issuer, identity.issuer):
            yield from _provider(provider)
    for member in resources.of(*_MEMBERS):
        for who in (*known_at(member.inputs, "member"), *known_at(member.inputs, "members")):
            owners = resources.sources(member, "serviceAccountId")
            role = owners[0].urn if owners else member.urn
            if found := _PRINCIPAL.fullmatch(str(who)):
                yield Trust(role, found[1], member)
            elif found := _SUBJECT_OF_SET.fullmatch(str(who)):
                yield Trust(role, found[1], member, "lets in a set of subjects")


def _provider(provider: Resource) -> Iterator[Trust]:
    """Whom a pool takes tokens of, before any account lets them act as it."""
    mapped = _mapping(provider.inputs.get("attributeMapping")).get("google.subject")
    condition = provider.inputs.get("attributeCondition")
    if isinstance(mapped, str) and mapped != "assertion.sub":
        yield Trust("", mapped, provider, "takes something other than the subject for the subject")
    if condition is UNKNOWN:
        return
    found = _CONDITION.fullmatch(str(condition or "").strip())
    if found is None:
        shown = str(condition or "no condition")
        yield Trust("", shown, provider, "takes tokens of more than the cell's own subjects")
        return
    for subject in json.loads(found[1]) if found[1] else [found[2]]:
        yield Trust("", str(subject), provider)


def _statements(policy: Any) -> Iterator[Mapping[str, Any]]:
    if not isinstance(policy, str):
        return
    try:
        document = json.loads(policy)
    except ValueError:
        return
    yield from (each for each in _listed(_mapping(document).get("Statement")) if isinstance(each, Mapping))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _bare(issuer: str) -> str:
    """How IAM names an issuer: its URL without the scheme."""
    return issuer.partition("://")[2].rstrip("/")


def _same(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")

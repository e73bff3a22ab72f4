"""ISO-01 in a stack: every resource is made by an explicit provider, pinned to an account that is the stack's to use.

A provider that is pinned refuses to work with other credentials than it was meant for, which is what stops one cell's
deployment from being run in another's account. Arguments by which a resource leaves its provider's account are
looked at too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from policies.isolation.owner import SDK, accounts_of
from policies.isolation.places import path_of
from policies.isolation.rules import ACCOUNT
from policies.isolation.values import setting, text_at
from policies.resource import UNKNOWN, Resource, Resources, known
from policies.rule import Facts, Violation

Accounts = Mapping[str, frozenset[str]]

_PREFIX: Final = "pulumi:providers:"
_DEFAULT: Final = re.compile(r"default(_[0-9].*)?")
"""What the engine names a provider that nobody made, by its version."""
_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):role/")
_SERVICE_ACCOUNT: Final = re.compile(r"@([a-z0-9-]+)\.iam\.gserviceaccount\.com$")
_SUBSCRIPTION: Final = re.compile(r"^/subscriptions/([0-9a-fA-F-]{36})(/|$)")

_OVERRIDES: Final[Mapping[str, tuple[str, ...]]] = {
    "aws": ("accountId",),
    "gcp": ("project",),
    "azure-native": ("scope", "resourceUri", "subscriptionId"),
}
"""Arguments by which a resource is made in another account than its provider's."""
_ABOVE: Final = re.compile(r"gcp:(?:organizations|folder|billing)/(?:accountI|i)(?:am|AM)|aws:organizations/")
"""Types that reach every account of an organization, a folder or a bill."""


def pinned(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """Resources without an explicit provider, providers that are not pinned to an account of the stack's, and
    resources that are put into another account."""
    accounts = accounts_of(facts.fleet, resources.stack)
    if not accounts:
        return
    for resource in resources.every:
        if resource.type.startswith(_PREFIX):
            yield from _provider(resource, accounts, resources)
        elif resource.type.partition(":")[0] in SDK.values() and (resource.custom or not _may_be_component(resource)):
            yield from _explicit(resource, resources)
            yield from _override(resource, accounts, resources)


def _may_be_component(resource: Resource) -> bool:
    """Whether the SDKs have components of that name: only Kubernetes' has. The engine does not tell packs which are."""
    return resource.type.startswith("kubernetes:")


def _explicit(resource: Resource, resources: Resources) -> Iterator[Violation]:
    name = resource.provider.rpartition("::")[0].rpartition("::")[2]
    if not resource.provider or _DEFAULT.fullmatch(name):
        yield _violation(
            resource,
            resources,
            f"{resource.name} has no explicit provider, so it is made wherever the credentials of the day lead",
            measured="the default provider" if resource.provider else "no provider",
            limit="a provider that is pinned to the cell's account",
            remedy="give it, or the component above it, the provider of components.<cloud>.provider",
        )


def _provider(provider: Resource, accounts: Accounts, resources: Resources) -> Iterator[Violation]:
    sdk = provider.type.removeprefix(_PREFIX)
    if sdk == "kubernetes":
        yield from _cluster(provider, accounts, resources)
    elif sdk in ("aws", "gcp", "azure-native"):
        allowed = accounts.get(sdk, frozenset())
        pins = list(_pins(sdk, provider))
        if not pins and provider.inputs.get(_PIN[sdk]) is not UNKNOWN:
            yield _violation(
                provider,
                resources,
                f"the provider {provider.name} is pinned to no account",
                measured=f"no {_PIN[sdk]}",
                limit=_listed(allowed),
            )
        for where, account in pins:
            if account not in allowed:
                yield _violation(
                    provider,
                    resources,
                    f"the provider {provider.name} works in an account that is not {resources.stack.name}'s",
                    measured=f"{where} {account}",
                    limit=_listed(allowed),
                )


_PIN: Final = {"aws": "allowedAccountIds", "gcp": "project", "azure-native": "subscriptionId"}


def _pins(sdk: str, provider: Resource) -> Iterator[tuple[str, str]]:
    """The accounts that a provider's settings name, and the settings."""
    match sdk:
        case "aws":
            for account in setting(provider, "allowedAccountIds") or ():
                yield "allowedAccountIds", str(account)
            for role in setting(provider, "assumeRoles") or ():
                if found := _ROLE.match(text_at(role, "roleArn")):
                    yield "assumeRoles", found[1]
        case "gcp":
            for name in ("project", "billingProject"):
                if account := setting(provider, name):
                    yield name, str(account)
            if found := _SERVICE_ACCOUNT.search(str(setting(provider, "impersonateServiceAccount") or "")):
                yield "impersonateServiceAccount", found[1]
        case _:
            if account := setting(provider, "subscriptionId"):
                yield "subscriptionId", str(account)


def _cluster(provider: Resource, accounts: Accounts, resources: Resources) -> Iterator[Violation]:
    """The cluster is a context that is named, or the one whose kubeconfig another stack of the cell's gave."""
    contexts = accounts.get("kubernetes", frozenset())
    context, kubeconfig = (provider.inputs.get(name) for name in ("context", "kubeconfig"))
    given = kubeconfig is UNKNOWN or (known(kubeconfig) and provider.property_dependencies.get("kubeconfig"))
    if context is UNKNOWN or given:
        return
    if context not in contexts:
        yield _violation(
            provider,
            resources,
            f"the provider {provider.name} reaches a cluster that is not {resources.stack.name}'s",
            measured=f"context {context}" if context else "a kubeconfig that is written out" if kubeconfig else "none",
            limit=f"context {_listed(contexts)}" if contexts else "the kubeconfig that the cell's own stack gives",
        )


def _override(resource: Resource, accounts: Accounts, resources: Resources) -> Iterator[Violation]:
    sdk = resource.type.partition(":")[0]
    allowed = accounts.get(sdk, frozenset())
    if _ABOVE.match(resource.type):
        yield _violation(
            resource,
            resources,
            f"{resource.name} reaches every account of an organization, and with them every cell",
            measured=resource.type,
            limit=_listed(allowed),
            remedy="grant it in the cell's own account; what is an organization's is set up by who runs that",
        )
    for name in _OVERRIDES.get(sdk, ()):
        value = resource.inputs.get(name)
        if not isinstance(value, str) or not value:
            continue
        if name in ("scope", "resourceUri"):
            found = _SUBSCRIPTION.match(value)
            above = value.startswith("/providers/Microsoft.Management/")
            account = found[1].lower() if found else value if above else ""
        else:
            account = value.removeprefix("projects/")
        if account and account not in allowed:
            yield _violation(
                resource,
                resources,
                f"{resource.name} is put into an account that is not {resources.stack.name}'s",
                measured=f"{name} {value}",
                limit=_listed(allowed),
            )


def _violation(
    resource: Resource, resources: Resources, message: str, measured: str, limit: str, remedy: str = ""
) -> Violation:
    remedy = remedy or "pin it to the account that the inventory declares"
    return Violation(ACCOUNT, path_of(resources.stack), message, measured, limit, remedy, resource=resource.urn)


def _listed(accounts: frozenset[str]) -> str:
    return " or ".join(sorted(accounts)) or "none of this cloud"

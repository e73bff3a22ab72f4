"""What a stack asks of its accounts, against their quotas (CAP-06).

Each quota of `quotas.json` is counted over the stack's resources, for each account and region apart (or for each VPC,
or zone, as the quota is), and compared with what the account was granted: `fleet.quotas`, or the cloud's default. A
cell's account holds two stacks, and its cell stack has nearly all that a quota counts; each is judged by itself. Not
counted is what is in the account beside them: a default VPC, what a cluster makes for a Service, what people made by
hand. The fifth that is left free is for those, and for what a replacement makes before it deletes.

Where a default is only what an account starts with (virtual CPUs), passing it is a warning until `fleet.quotas` says
what the account has; then it is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from cellfleet.inventory.fault import listed, similar
from cellfleet.inventory.finding import Severity
from cellfleet.inventory.model import ManagedCell
from cellfleet.inventory.stack import Kind
from policies.capacity.measures import above, percent
from policies.capacity.quotas import Quota, defaults
from policies.capacity.rules import QUOTAS
from policies.capacity.vcpus import vcpus_of
from policies.resource import UNKNOWN, Resource, Resources, known
from policies.rule import Facts, Violation

_Group = tuple[Any, ...]


def stacks_are_inside_quotas(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """CAP-06, of one stack."""
    share = facts.number(QUOTAS, "used")
    for quota in defaults():
        groups: dict[_Group, list[Resource]] = {}
        for resource in resources.of(*quota.types):
            if all(resource.inputs.get(name) == value for name, value in quota.where.items()):
                groups.setdefault(_group(quota, resources, resource), []).append(resource)
        for (account, region, *_), some in groups.items():
            granted = facts.fleet.settings.quotas.get(account, {}).get(quota.id)
            limit = granted or quota.limit
            used = len(some) if quota.unit == "resources" else sum(map(vcpus_of, some))
            if above(used, share * limit):
                place = f"{account} in {region}" if region else account
                yield Violation(
                    QUOTAS,
                    _path(resources),
                    f"{resources.stack.name} asks for {used}, and account {place} may have {limit}, of: {quota.title}",
                    measured=f"{used}: {percent(used / limit)}",
                    limit=f"{percent(share)} of {limit}, "
                    + (
                        "as granted" if granted else "which an account starts with" if quota.starting else "the default"
                    ),
                    remedy=f"ask for more{f' of {quota.code}' if quota.code else ''}, and say what was granted: "
                    f'`fleet.quotas: {{"{account}": {{{quota.id}: N}}}}`',
                    severity=Severity.WARNING if quota.starting and not granted else None,
                    resource=some[-1].urn,
                )


def granted_quotas_are_known(facts: Facts) -> Iterator[Violation]:
    """CAP-06, of `fleet.quotas` itself: a name that is misspelt grants nothing.

    An account of nobody's may be one whose cell is still to come, or has gone: who meant another is told there too.
    """
    ids = {quota.id for quota in defaults()}
    if not facts.fleet.settings.quotas:
        return
    accounts = _accounts(facts)
    for account, granted in facts.fleet.settings.quotas.items():
        path = ("fleet", "quotas", account)
        if account not in accounts:
            yield Violation(
                QUOTAS,
                path,
                "quotas are granted to an account that nothing of the fleet is in",
                measured=account,
                limit="an account of a cell, of its backups, or of fleet.control",
                remedy=f"remove it; or {close}" if (close := similar(account, accounts)) else "remove it",
                severity=Severity.WARNING,  # a cell that is removed leaves it behind
                at_key=True,
            )
            continue
        for id in granted:
            if id not in ids or id.partition("/")[0] != accounts[account]:
                alike = [one for one in sorted(ids) if one.startswith(f"{accounts[account]}/")]
                yield Violation(
                    QUOTAS,
                    (*path, id),
                    f"there is no quota {id} of {accounts[account]}",
                    measured=id,
                    limit=listed(alike) or "none",
                    remedy=similar(id, alike) or "`cellfleet rule CAP-06` lists the quotas",
                    at_key=True,
                )


def _group(quota: Quota, resources: Resources, resource: Resource) -> _Group:
    """Account, region (empty where the quota is of a whole account), and what else it is counted for each of."""
    account, region = place_of(resources, resource)
    others = (
        tuple(sorted(one.urn for one in resources.sources(resource, name))) or _text(resource.inputs.get(name))
        for name in quota.per
        if name != "region"
    )
    return (account, region if "region" in quota.per else "", *others)


def place_of(resources: Resources, resource: Resource) -> tuple[str, str]:
    """The account and region that a resource is made in; empty where they are not known."""
    provider = resources.provider_of(resource)
    given: Mapping[str, Any] = provider.inputs if provider else {}
    inputs = resource.inputs
    match resource.type.partition(":")[0]:
        case "aws":
            accounts = given.get("allowedAccountIds")
            accounts = json.loads(accounts) if isinstance(accounts, str) else accounts
            account = accounts[0] if isinstance(accounts, list | tuple) and len(accounts) == 1 else ""
            region = _first(inputs.get("region"), given.get("region"))
        case "gcp":
            account = _first(inputs.get("project"), given.get("project"))
            region = _first(inputs.get("region"), inputs.get("location"), given.get("region"))
            region = re.sub(r"^([a-z]+-[a-z]+\d+)-[a-z]$", r"\1", region)
        case "azure-native":
            account = _first(given.get("subscriptionId"))
            region = _first(inputs.get("location"), given.get("location")).replace(" ", "").casefold()
        case _:
            return "", ""
    return _text(account), region


def _path(resources: Resources) -> tuple[str, ...]:
    match resources.stack.kind:
        case Kind.CELL | Kind.WORKLOAD:
            return ("cells", resources.stack.subject)
        case Kind.REGISTRY | Kind.ROUTING:
            return ("localities", resources.stack.subject)
        case Kind.DNS:
            return ("fleet", "dns")


def _accounts(facts: Facts) -> dict[str, str]:
    """Every account of the fleet on a cloud, with its provider."""
    found = {control.account: str(provider) for provider, control in facts.fleet.settings.control.items()}
    for cell in facts.fleet.managed():
        found[cell.account] = str(cell.provider)
        found |= {account: str(cell.provider) for account in _elsewhere(cell)}
    return found


def _elsewhere(cell: ManagedCell) -> Iterator[str]:
    if cell.backup.account is not None:
        yield cell.backup.account


def _first(*values: Any) -> str:
    return next((_text(value) for value in values if known(value)), "")


def _text(value: Any) -> str:
    return "" if value is None or value is UNKNOWN else str(value)

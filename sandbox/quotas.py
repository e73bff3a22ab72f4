"""Hold each account to its quotas: the clouds' defaults, or what the account was granted since.

Virtual CPUs are not counted here: accounts of the sandbox are taken for old ones, whose quotas have grown.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Final

from policies.capacity.quotas import Quota, defaults
from sandbox.books import Books, Place
from sandbox.cloud import RefusedError

_PROVIDERS: Final = {"aws": "aws", "gcp": "gcp", "azure-native": "azure"}


def enforce(books: Books, sdk: str, token: str, place: Place, inputs: Mapping[str, Any]) -> None:
    """Raise RefusedError where one more of this would be more than the account may have."""
    for quota in _by_type().get((_PROVIDERS.get(sdk, ""), token), ()):
        if not _counts(quota, inputs):
            continue
        limit = granted(books, quota, place.account)
        alike = {**quota.where, **{name: inputs.get(name) for name in quota.per if name != "region"}}
        held = books.count(sdk, place.account, quota.types, place.location if "region" in quota.per else None, alike)
        if held >= limit:
            raise RefusedError(
                f"{quota.refusal} ({quota.title}: {limit}; `cellfleet sandbox quota {quota.id} --grant N` grants more)"
            )


def grant(books: Books, quota: Quota, account: str, limit: int) -> None:
    """Let an account have more, as its owner would ask the provider to; `*` for every account."""
    with books.transaction():
        books.query(
            "INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value=excluded.value",
            _setting(quota, account), str(limit),
        )  # fmt: skip


def granted(books: Books, quota: Quota, account: str) -> int:
    """What an account may have now."""
    for who in (account, "*"):
        if rows := books.query("SELECT value FROM settings WHERE name=?", _setting(quota, who)):
            return int(rows[0][0])
    return quota.limit


def _setting(quota: Quota, account: str) -> str:
    return f"quota:{quota.id}:{account}"


def _counts(quota: Quota, inputs: Mapping[str, Any]) -> bool:
    return all(inputs.get(name) == value for name, value in quota.where.items())


@functools.cache
def _by_type() -> Mapping[tuple[str, str], tuple[Quota, ...]]:
    counted = [quota for quota in defaults() if quota.unit == "resources"]
    keys = {(quota.provider, token) for quota in counted for token in quota.types}
    return {
        (provider, token): tuple(q for q in counted if q.provider == provider and token in q.types)
        for provider, token in keys
    }

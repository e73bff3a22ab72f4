"""What an account's name has to look like on each provider."""

from __future__ import annotations

import pytest

from cellfleet.inventory.accounts import account_problem
from cellfleet.inventory.types import Provider

GOOD = [
    (Provider.AWS, "111111111111"),
    (Provider.AWS, "000000000001"),
    (Provider.GCP, "acme-us-gcp-1"),
    (Provider.GCP, "abcdef"),
    (Provider.GCP, "a" * 30),
    (Provider.AZURE, "33333333-3333-4333-8333-333333333333"),
    (Provider.KUBERNETES, "onprem-us-1"),
    (Provider.KUBERNETES, "arn:aws:eks:us-west-2:111111111111:cluster/a@b"),
]

BAD = [
    (Provider.AWS, "11111111111"),
    (Provider.AWS, "1111111111111"),
    (Provider.AWS, "11111111111a"),
    (Provider.AWS, "\N{ARABIC-INDIC DIGIT ONE}" * 12),  # digits, but not ASCII ones
    (Provider.AWS, "111111111111\n"),
    (Provider.GCP, "abcde"),
    (Provider.GCP, "a" * 31),
    (Provider.GCP, "1acme-us"),
    (Provider.GCP, "acme-us-"),
    (Provider.GCP, "Acme-us"),
    (Provider.AZURE, "33333333-3333-4333-8333-33333333333A"),
    (Provider.AZURE, "333333333333433383333333333333333333"),
    (Provider.KUBERNETES, ""),
    (Provider.KUBERNETES, "on prem"),
    (Provider.KUBERNETES, "onprem\x1b[31m"),
]


@pytest.mark.parametrize(("provider", "account"), GOOD)
def test_an_account_of_the_providers_form_has_no_problem(provider: Provider, account: str) -> None:
    assert account_problem(provider, account) is None


@pytest.mark.parametrize(("provider", "account"), BAD)
def test_any_other_is_answered_with_the_form(provider: Provider, account: str) -> None:
    problem = account_problem(provider, account)
    assert problem is not None
    assert {
        Provider.AWS: "12 digits",
        Provider.GCP: "6 to 30",
        Provider.AZURE: "UUID",
        Provider.KUBERNETES: "context",
    }[provider] in problem

"""What an account's name has to look like on each provider: where a cell's blast radius ends."""

from __future__ import annotations

import re
from typing import Final

from cellfleet.inventory.types import Provider

_FORMS: Final = {
    # https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html
    Provider.AWS: (re.compile(r"[0-9]{12}"), 'an AWS account id is 12 digits, in quotes: "111111111111"'),
    # https://cloud.google.com/resource-manager/docs/creating-managing-projects
    Provider.GCP: (
        re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]"),
        "a GCP project id is 6 to 30 lower-case letters, digits and hyphens, from a letter to a letter or digit",
    ),
    # https://learn.microsoft.com/azure/azure-portal/get-subscription-tenant-id; Azure's APIs ignore case, but
    # two spellings of one subscription would pass for two.
    Provider.AZURE: (
        re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        "an Azure subscription is a UUID in lower case: 33333333-3333-4333-8333-333333333333",
    ),
    Provider.KUBERNETES: (
        re.compile(r"[!-~]{1,253}"),
        "a kubeconfig context is a name of printable ASCII characters without spaces",
    ),
}


def account_problem(provider: Provider, account: str) -> str | None:
    """Say what an account's name has to look like, where it does not; None where it does.

    That it exists, and that nobody else's cell is in it, is not asked here.
    """
    form, rule = _FORMS[provider]
    return None if form.fullmatch(account) else rule

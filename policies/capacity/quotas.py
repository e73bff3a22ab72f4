"""The clouds' default quotas, as data: what a fresh account may hold before its owner asks for more.

`quotas.json` beside this file is the one place where they stand. `source` is the provider's page for the number, and
`checked` the day on which number and code were compared; what was compared with was no live page but a stored copy,
some of them years old: where `seen` is `page` a copy of the provider's own page, where it is `quoted` others who quote
that page or what AWS Service Quotas answered them. The words of a `refusal` after its code were not checked.

Accounts are granted more on request, so a quota is a starting point and not a law: what an account was granted is said
under `fleet.quotas`. Quotas of virtual CPUs (`unit`) grow with an account's age and bills; where a page says what one
starts with, they are `starting`. GCP's page says only that they differ between projects, so GCP's are left out. (AKS
clusters differ likewise; theirs is the number of the page, and a pay-as-you-go subscription may have fewer.)
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Quota:
    """How many of something one account may have."""

    id: str
    """`aws/vpcs`; never used for another quota."""
    provider: Literal["aws", "gcp", "azure"]
    title: str
    code: str | None
    """What the provider calls it: the code in AWS Service Quotas, the metric of a GCP quota, the name among an Azure
    service's usages. None where it is a limit that no quota system lists, or where no name was found."""
    types: tuple[str, ...]
    """Tokens of the resources that count."""
    where: Mapping[str, object]
    """Only resources whose argument of this name has this value count; empty for all of the types."""
    per: tuple[str, ...]
    """`region`, or names of arguments: counted for each value of them apart. Empty: for the whole account."""
    limit: int
    refusal: str
    """What the API answers to one too many."""
    source: str
    checked: date
    seen: Literal["page", "quoted"]
    unit: Literal["resources", "vcpus"] = "resources"
    """What is counted of the resources: themselves, or the virtual CPUs of their machines."""
    starting: bool = False
    """Whether it is what a new account has, and older ones have more without having asked."""


@functools.cache
def defaults() -> tuple[Quota, ...]:
    """Every quota that cellfleet knows, in the order of the file."""
    rows = json.loads(Path(__file__).with_name("quotas.json").read_text())["quotas"]
    return tuple(
        Quota(
            **{
                **row,
                "types": tuple(row["types"]),
                "where": row.get("where", {}),
                "per": tuple(row["per"]),
                "checked": date.fromisoformat(row["checked"]),
            }
        )
        for row in rows
    )

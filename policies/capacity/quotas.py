"""The clouds' default quotas, as data: what a fresh account may hold before its owner asks for more.

Each is the default that the provider's page in `source` tells, and `as_of` the day on which it was entered;
`quotas.json` beside this file is the one place where they stand. Accounts are granted more on request, so a quota is a
starting point and not a law. Left out are quotas that differ with an account's age and bills, virtual CPUs above all:
no page says what an account has.
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
    code: str
    """What the provider calls it: the code in AWS Service Quotas, the metric of a GCP or Azure quota."""
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
    as_of: date


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
                "as_of": date.fromisoformat(row["as_of"]),
            }
        )
        for row in rows
    )

"""What stands in a resource's inputs, and what an id tells of whose and where it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from policies.resource import UNKNOWN

_ACCOUNT: Final = (
    re.compile(r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12}):"),
    re.compile(r"([0-9]{12})$"),
    re.compile(r"/subscriptions/([0-9a-fA-F-]{36})"),
    re.compile(r"(?://[a-z.]+/|https://[a-z.]+/[a-z0-9/]*)?projects/([a-z][a-z0-9-]{4,28}[a-z0-9])/"),
)
_REGION: Final = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:([a-z]{2}(?:-[a-z]+)+-[0-9]):")


def at(inputs: Any, path: str) -> Iterator[Any]:
    """Everything that stands at a path, unknowns among it: `rules.destination.bucket` of every rule.

    A list on the way stands for each of its items, for what a cloud has once is a list to some providers and an object
    to others; what is not there is passed over.
    """
    steps = path.split(".") if path else []
    yield from _walked(inputs, steps)


def account_in(text: str) -> str | None:
    """The AWS account, GCP project or Azure subscription that an id begins with or is; None where it tells none."""
    for form in _ACCOUNT:
        if found := form.match(text):
            return found[1].lower()
    return None


def region_in(arn: str) -> str | None:
    """The region of an AWS resource by its ARN; None where it tells none."""
    found = _REGION.match(arn)
    return found[1] if found else None


def _walked(value: Any, steps: list[str]) -> Iterator[Any]:
    match value:
        case None:
            return
        case list():
            for one in value:
                yield from _walked(one, steps)
        case _ if not steps or value is UNKNOWN:
            yield value
        case Mapping():
            yield from _walked(value.get(steps[0]), steps[1:])
        case _:
            return

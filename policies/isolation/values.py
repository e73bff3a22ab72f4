"""What stands in a resource's inputs, and what an id tells of whose and where it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from policies.resource import UNKNOWN, Resource, known

_ACCOUNT: Final = (
    re.compile(r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9*-]*:([0-9]{12}):"),
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


def known_at(inputs: Any, path: str) -> Iterator[Any]:
    """Everything at a path that can be told before a deploy."""
    return (value for value in at(inputs, path) if value is not UNKNOWN)


def text_at(inputs: Any, path: str) -> str:
    """The first text at a path; empty where there is none, or where it is not known."""
    return next((value for value in known_at(inputs, path) if isinstance(value, str)), "")


def texts(value: Any) -> Iterator[str]:
    """Every known text inside a value, at any depth."""
    match value:
        case str():
            yield value
        case Mapping():
            for inner in value.values():
                yield from texts(inner)
        case list():
            for inner in value:
                yield from texts(inner)


def setting(provider: Resource, name: str) -> Any:
    """What a provider is set to; Pulumi keeps what is not a text as JSON. None where it is not set or not known."""
    value = provider.inputs.get(name)
    if not isinstance(value, str):
        return value if known(value) else None
    if value[:1] not in ("[", "{"):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def written_out(resource: Resource, name: str) -> bool:
    """Whether an argument is written out rather than taken from something that the stack makes or reads."""
    return known(resource.inputs.get(name)) and not resource.property_dependencies.get(name)


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

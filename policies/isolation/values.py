"""How rules read a resource's arguments: by a path of wire names, or every text that stands in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from policies.resource import Resource, known

_STEP: Final = re.compile(r"\[\*\]|[^.\[\]]+")


def at(inputs: Any, path: str) -> Iterator[Any]:
    """The known values at a path: `ingress[*].cidrBlocks[*]`. What is missing or unknown on the way yields nothing."""
    values = [inputs]
    for step in _STEP.findall(path):
        found: list[Any] = []
        for value in values:
            if step == "[*]":
                found += value if isinstance(value, list) else ()
            elif isinstance(value, Mapping):
                found.append(value.get(step))
        values = [value for value in found if known(value)]
    yield from values


def text_at(inputs: Any, path: str) -> str:
    """The one text at a path; empty where there is none, or where it is not known."""
    return next((value for value in at(inputs, path) if isinstance(value, str)), "")


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


def plain(resource: Resource) -> dict[str, Any]:
    """The arguments that hold no secret."""
    return {name: value for name, value in resource.inputs.items() if name not in resource.secrets}


def written_out(resource: Resource, name: str) -> bool:
    """Whether an argument is written out rather than taken from something that the stack makes or reads."""
    return known(resource.inputs.get(name)) and not resource.property_dependencies.get(name)

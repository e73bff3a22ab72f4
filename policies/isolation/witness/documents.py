"""Policy documents of AWS: whom they let in, and what they let their holder use."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_WRITES: Final = ("put", "write", "send", "publish", "create", "update", "*", "replicate")
"""Beginnings of actions that leave data where they act."""
_OF_ACCOUNT: Final = re.compile(r"^[0-9]{12}$|^arn:[^:]*:[^:]*:[^:]*:[0-9]{12}:")
"""An account of AWS, or something in it."""


def statements(value: Any) -> list[Mapping[str, Any]]:
    """The statements that allow something, of a document or its JSON text; none where it is no document."""
    if isinstance(value, str) and value.lstrip().startswith("{") and "Statement" in value:
        try:
            value = json.loads(value)
        except ValueError:
            return []
    found = value.get("Statement") if isinstance(value, Mapping) else None
    some = [found] if isinstance(found, Mapping) else found if isinstance(found, list) else []
    return [one for one in some if isinstance(one, Mapping) and one.get("Effect") == "Allow"]


def principals(statement: Mapping[str, Any]) -> Iterator[str]:
    """Whom a statement of a trust or of a resource's policy names; for a cloud's service, whom its conditions say that
    it acts for."""
    named = statement.get("Principal")
    if named == "*":
        yield "*"
    elif isinstance(named, Mapping):
        for kind in ("AWS", "Federated", "CanonicalUser"):
            yield from _texts(named.get(kind))
        if "Service" in named:
            yield from (text for text in conditions(statement) if _OF_ACCOUNT.search(text))


def conditions(statement: Mapping[str, Any]) -> Iterator[str]:
    """Every value that a statement's conditions name."""
    condition = statement.get("Condition")
    for one in condition.values() if isinstance(condition, Mapping) else ():
        if isinstance(one, Mapping):
            for value in one.values():
                yield from _texts(value)


def resources(statement: Mapping[str, Any]) -> Iterator[str]:
    """What a statement lets its holder use, wildcards of everything aside: those are bounded by the account."""
    yield from (text for text in _texts(statement.get("Resource")) if text != "*")


def writes(statement: Mapping[str, Any]) -> bool:
    """Whether data can be left where a statement lets its holder act."""
    actions = [text.rpartition(":")[2].lower() for text in _texts(statement.get("Action"))]
    return any(action.startswith(_WRITES) for action in actions)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (one for one in value if isinstance(one, str))

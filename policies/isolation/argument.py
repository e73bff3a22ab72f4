"""What arguments of resources have to be, as tables: one row an argument, one sentence for whoever gets it wrong.

A cloud's resource has hundreds of arguments, of which a handful open it or leave it readable. Rules list those, and
what the provider takes where one is left out, so that leaving it out is judged like writing it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cellfleet.inventory.fault import Path
from cellfleet.inventory.finding import Rule
from cellfleet.inventory.stack import Kind, Stack
from policies.resource import UNKNOWN, Resource, Resources
from policies.rule import Violation

GIVEN: Final = ("<given>",)
"""Allowed: anything, as long as it is there."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What one argument of the resources of some types has to be."""

    types: str
    """Tokens, one after the other with a space between."""
    path: str
    """`ebs[].encrypted`: of each element, of which there has to be one; `ebs[?].encrypted`: of each that is there."""
    allowed: tuple[Any, ...]
    fault: str
    """What is said of a resource that has anything else: `is not encrypted`."""
    absent: Any = None
    """What the provider takes where it is left out."""
    unless: str = ""
    """An argument that, where it is given, settles the matter: a replica's source."""


def violations(rule: Rule, resources: Resources, table: Iterable[Expected], remedy: str = "") -> Iterator[Violation]:
    """What of a table a stack's resources violate."""
    for row in table:
        for resource in resources.of(*row.types.split()):
            if row.unless and any(value not in (None, "") for value in values(resource, row.unless)):
                continue
            wrong = [value for value in values(resource, row.path) if not _holds(row, value)]
            if wrong:
                limit = "given" if row.allowed is GIVEN else " or ".join(map(_written, row.allowed))
                measured = shown(resource, row.path, wrong[0])
                yield violation(rule, resources, resource, row.fault, measured, f"{row.path}: {limit}", remedy)


def violation(
    rule: Rule,
    resources: Resources,
    resource: Resource,
    fault: str,
    measured: str,
    limit: str,
    remedy: str = "",
    concerns: tuple[str, ...] = (),
) -> Violation:
    """One resource that violates a rule; `fault` goes on from its name."""
    message = f"{resource.type} {resource.name} {fault}"
    at = mended_at(resources.stack)
    return Violation(rule, at, message, measured, limit, remedy, resource=resource.urn, concerns=concerns)


def mended_at(stack: Stack) -> Path:
    """What of the inventory a stack is made from."""
    match stack.kind:
        case Kind.CELL | Kind.WORKLOAD:
            return ("cells", stack.subject)
        case Kind.REGISTRY | Kind.ROUTING:
            return ("localities", stack.subject)
        case Kind.DNS:
            return ("fleet", "dns")


def values(resource: Resource, path: str) -> list[Any]:
    """What stands at a path, None where nothing does; `UNKNOWN` where only a deploy tells."""
    first = re.split(r"[.\[]", path, maxsplit=1)[0]
    from_others = bool(resource.property_dependencies.get(first))
    found = _at(resource.inputs, re.findall(r"[^.\[\]]+|\[\??\]", path))
    # A part of another resource's output that is not there yet comes as an empty string.
    return [UNKNOWN if value == "" and from_others else value for value in found]


def _at(value: Any, steps: list[str]) -> Iterator[Any]:
    if not steps or value is UNKNOWN or value is None:
        yield value
        return
    step, rest = steps[0], steps[1:]
    if step.startswith("["):
        elements = value if isinstance(value, list | tuple) else []
        for element in elements:
            yield from _at(element, rest)
        if not elements and step == "[]":
            yield None
    elif rest[:1] == ["[?]"] and isinstance(value, Mapping) and value.get(step) is None:
        return
    else:
        yield from _at(value.get(step) if isinstance(value, Mapping) else None, rest)


def _holds(row: Expected, value: Any) -> bool:
    if value is UNKNOWN:
        return True
    if value is None:
        value = row.absent
    if row.allowed is GIVEN:
        return value not in (None, "", [], {})
    return plain(value) in row.allowed


def plain(value: Any) -> Any:
    """A value as it is meant: some of the clouds' booleans are text."""
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value


def shown(resource: Resource, path: str, value: Any) -> str:
    """An argument and its value, unless that is a secret."""
    if re.split(r"[.\[]", path, maxsplit=1)[0] in resource.secrets:
        return f"{path}: a secret"
    return f"{path}: {_written(value)}"


def mapping(value: Any) -> Mapping[str, Any]:
    """A value that is a mapping; an empty one in place of anything else, unknowns among it."""
    return value if isinstance(value, Mapping) else {}


def _written(value: Any) -> str:
    match value:
        case None:
            return "not given"
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value) if str(value) else "empty"

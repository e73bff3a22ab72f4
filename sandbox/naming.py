"""Physical names: made from logical ones as each provider does, and held to the API's limits."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.inputs import Problem
from sandbox.wire import UNKNOWN, Values, opened

# The names of the arguments that a provider filled in: kept with the inputs, as the real providers keep it.
DEFAULTS: Final = "__defaults"


@dataclass(frozen=True, slots=True)
class Naming:
    """How things of one type are named."""

    argument: str
    """Its path in the inputs: `name`, `metadata.name`."""
    longest: int
    separator: str = "-"
    random: int = 7
    """Hexadecimal digits after the logical name."""
    lower: bool = False
    prefix: str = ""
    pattern: str = ""
    """What the API allows, as a regular expression; anything where empty."""
    guid: bool = False
    """Made of random digits alone, in the form of a GUID."""
    automatic: bool = True
    """False where the provider makes no name up."""


def named(
    naming: Naming, inputs: Values, before: Mapping[str, Any], urn: str, seed: bytes
) -> tuple[Values, list[Problem]]:
    """The inputs with a name in them, the one of before if that was made up then, and what the API says of it."""
    name = opened(_at(inputs, naming.argument))
    defaults: list[str] = []
    if name in (None, "") and naming.automatic:
        was = naming.argument in before.get(DEFAULTS, [])
        name = (was and _at(before, naming.argument)) or _made_up(naming, urn.rsplit("::", 1)[-1], urn, seed)
        inputs = _with(inputs, naming.argument, name)
        defaults = [naming.argument]
    return {**inputs, DEFAULTS: defaults}, list(_problems(naming, name))


def physical_name(naming: Naming | None, inputs: Mapping[str, Any], otherwise: str) -> str:
    """The name that a thing has in its cloud."""
    name = opened(_at(inputs, naming.argument)) if naming else None
    return name if isinstance(name, str) and name else otherwise


def is_made_up(naming: Naming | None, inputs: Mapping[str, Any]) -> bool:
    """Whether a resource has a name of the provider's making, so that a successor can stand beside it."""
    return naming is None or naming.argument in inputs.get(DEFAULTS, [])


def _at(inputs: Mapping[str, Any], path: str) -> Any:
    value: Any = inputs
    for part in path.split("."):
        value = opened(value).get(part) if isinstance(value, Mapping) else None
    return value


def _with(inputs: Mapping[str, Any], path: str, value: Any) -> Values:
    first, _, rest = path.partition(".")
    inner = inputs.get(first)
    return {**inputs, first: _with(inner if isinstance(inner, Mapping) else {}, rest, value) if rest else value}


def _made_up(naming: Naming, logical: str, urn: str, seed: bytes) -> str:
    digest = hashlib.sha256(urn.encode() + seed).hexdigest()
    if naming.guid:
        return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"
    name = f"{naming.prefix}{logical}{naming.separator}{digest[: naming.random]}"
    return name.lower() if naming.lower else name


def _problems(naming: Naming, name: Any) -> list[Problem]:
    if not isinstance(name, str) or name == UNKNOWN:
        return []
    if len(name) > naming.longest:
        return [Problem(naming.argument, f"{name!r} has {len(name)} characters; {naming.longest} are allowed")]
    if naming.pattern and not re.fullmatch(naming.pattern, name):
        return [Problem(naming.argument, f"{name!r} does not match {naming.pattern}, which the API asks of it")]
    return []

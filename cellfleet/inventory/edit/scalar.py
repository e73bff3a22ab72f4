"""Values as the text of an inventory: plain where every reader takes that for the same value, in quotes elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from ipaddress import IPv4Network
from typing import Any, Final

import yaml
import yaml_rs

from cellfleet.inventory.text import AMBIGUOUS

Value = str | int | IPv4Network | date | Sequence[str] | Mapping[str, "Value"]
"""What an edit writes."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*")
_READ_AS_TEXT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""A day, which YAML 1.1 alone takes for more than text, and which inventories write plainly."""


def written(value: Value, style: str = "") -> str:
    """The value in one line; `style` is the quote that texts are put in though they need none."""
    match value:
        case str():
            return _text(value, style)
        case int():
            return str(value)
        case IPv4Network() | date():
            return _text(str(value), style)
        case Mapping():
            return "{" + ", ".join(f"{_text(key, style)}: {written(one, style)}" for key, one in value.items()) + "}"
        case _:
            return "[" + ", ".join(_text(one, style) for one in value) + "]"


def _text(value: str, style: str) -> str:
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return value if style == "" and _is_plain(value) else json.dumps(value, ensure_ascii=False)


@lru_cache(maxsize=256)
def _is_plain(value: str) -> bool:
    """Whether readers of YAML 1.1 and 1.2 take the value, with no quotes, for the text that it is."""
    if _PLAIN.fullmatch(value) is None or AMBIGUOUS.fullmatch(value):
        return False
    if _READ_AS_TEXT.fullmatch(value):
        return True
    readings: tuple[Any, Any] = yaml_rs.loads(value), yaml.load(value, Loader=yaml.CSafeLoader)
    return readings == (value, value)

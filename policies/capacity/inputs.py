"""Inputs read as what they should be; what is missing, unknown or of another kind counts as empty."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Any

_NOTHING: Mapping[str, Any] = {}


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else _NOTHING


def items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def whole(value: Any) -> int:
    """A count; wire numbers are floats."""
    return int(value) if isinstance(value, int | float) else 0


def network(value: Any) -> IPv4Network | None:
    """A range of addresses, or None where there is none to be read."""
    try:
        return IPv4Network(value) if isinstance(value, str) else None
    except ValueError:
        return None

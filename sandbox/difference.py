"""What changed between the inputs of a resource and its next ones, as the engine shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from pulumi.runtime import rpc

Kind = Literal["add", "delete", "update"]


def changes(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, Kind]]:
    """Each place that differs: `tags.ring`, `ingress[0].fromPort`. What is absent and what is None are the same."""
    if old == new:
        return
    if _is_asset(old) and _is_asset(new):
        if old.get("hash") != new.get("hash"):
            yield path, "update"
    elif isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            if not name.startswith("__"):
                yield from changes(old.get(name), new.get(name), _join(path, name))
    elif isinstance(old, list) and isinstance(new, list):
        for number in range(max(len(old), len(new))):
            before = old[number] if number < len(old) else None
            after = new[number] if number < len(new) else None
            yield from changes(before, after, f"{path}[{number}]")
    elif old is None:
        yield path, "add"
    elif new is None:
        yield path, "delete"
    else:
        yield path, "update"


def _is_asset(value: Any) -> bool:
    """Whether it is a file's content, which is the same wherever the file is."""
    return isinstance(value, dict) and value.get(rpc._special_sig_key) == rpc._special_asset_sig


def property_of(path: str) -> str:
    """The path with the numbers of list items left out: `ingress.fromPort`."""
    return re.sub(r"\[\d+\]", "", path).replace('["', ".").replace('"]', "")


def root_of(path: str) -> str:
    """The argument that a path is in."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _join(path: str, name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][\w-]*", name):
        return f'{path}["{name}"]'
    return f"{path}.{name}" if path else name

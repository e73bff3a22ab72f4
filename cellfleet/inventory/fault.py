"""Something wrong at a path of the inventory, before anyone has looked where in the file that stands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from cellfleet.inventory.finding import Rule

Path = tuple[str | int, ...]
"""Keys and list positions from the top: `("cells", "us-aws-1", "zones", 0)`."""

_CLOSE_ENOUGH = 2000
"""Names among which a similar one is looked for: comparing each takes about 10 µs."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule violated at one path."""

    rule: Rule
    path: Path
    message: str
    measured: str = ""
    limit: str = ""
    remedy: str = ""
    """The rule's own where it is empty."""
    at_key: bool = False
    """Whether the key is wrong rather than its value."""


def dotted(path: Path) -> str:
    """A path as people write it: `cells.us-aws-1.zones[0]`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def undotted(path: str) -> Path:
    """The path that `dotted` wrote. Keys of an inventory that hold a dot or a bracket have no dotted path."""
    return tuple(int(index) if index else key for key, index in re.findall(r"([^.\[\]]+)(?![^\[]*\])|\[(\d+)\]", path))


def seen(value: Any) -> str:
    """A value in a few words, however big it is."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str() if len(value) > 60:
            return f'"{value[:57]}..."'
        case str():
            return f'"{value}"'
        case int() if value.bit_length() > 200:
            return "a number of over 60 digits"
        case int() | float():
            return f"the number {value}"
        case dict():
            return f"a mapping of {len(value)}"
        case list():
            return f"a list of {len(value)}"
        case _:
            return f"a {type(value).__name__}"


def listed(names: Iterable[object]) -> str:
    """Names as a sentence has them, the first dozen."""
    every = [str(name) for name in names]
    return ", ".join(every[:12]) + (f" and {len(every) - 12} more" if len(every) > 12 else "")


def similar(value: object, names: Iterable[str]) -> str:
    """`did you mean us-west-2?`, or nothing where no name is like the value."""
    if not isinstance(value, str) or len(value) > 100:
        return ""
    candidates = list(names)
    if len(candidates) > _CLOSE_ENOUGH:
        return ""
    by_folded = {candidate.casefold(): candidate for candidate in reversed(candidates)}
    matches = get_close_matches(value.casefold(), list(by_folded), n=1, cutoff=0.6)
    return f"did you mean {by_folded[matches[0]]}?" if matches else ""

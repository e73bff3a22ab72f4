"""JSON that is the same bytes for equal values: what is hashed, signed or compared is written like this."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical(value: Any) -> str:
    """The JSON of a value: keys sorted, no spaces, and no number that JSON does not have."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256(text: str) -> str:
    """The hexadecimal hash of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()

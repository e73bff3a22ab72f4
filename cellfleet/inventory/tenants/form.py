"""What the two kinds of files have to look like: tenants, and the project keys that name a tenant by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from cellfleet.inventory.finding import Rule
from cellfleet.inventory.tenants import rules
from cellfleet.inventory.tenants.columns import OF_ALIASES, OF_KEYS, REQUIRED, TYPES


@dataclass(frozen=True, slots=True)
class Form:
    """What one kind of file has to look like."""

    subject: str
    """What findings call it."""
    types: Mapping[str, pa.DataType]
    """Every column that it may have."""
    required: Sequence[str]
    together: Sequence[str]
    """Columns that are all there or all left out."""
    file: Rule
    header: Rule
    line: Rule
    value: Rule


TENANTS: Final = Form("tenants", TYPES, REQUIRED, OF_ALIASES, rules.FILE, rules.HEADER, rules.LINE, rules.VALUE)
PROJECT_KEYS: Final = Form(
    "project_keys", OF_KEYS, tuple(OF_KEYS), (), rules.KEY_FILE, rules.KEY_HEADER, rules.KEY_LINE, rules.KEY_VALUE
)

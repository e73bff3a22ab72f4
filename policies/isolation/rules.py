"""ISO: the rules. An id is never used again for another rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cellfleet.inventory.finding import Rule

RULES: Final[Mapping[str, Rule]] = {}

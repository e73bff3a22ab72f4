"""The checks of CAP, in the order of their rules."""

from __future__ import annotations

from typing import Final

from policies.capacity import rules
from policies.rule import Family

CAPACITY: Final = Family("CAP", "there is room", rules.RULES, fleet=(), resources=())

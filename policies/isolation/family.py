"""The checks of ISO, in the order of their rules."""

from __future__ import annotations

from typing import Final

from policies.isolation import rules
from policies.rule import Family

ISOLATION: Final = Family("ISO", "cells are isolated", rules.RULES, fleet=(), resources=())

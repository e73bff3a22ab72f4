"""The checks of LIF, in the order of their rules."""

from __future__ import annotations

from typing import Final

from policies.lifecycle import rules
from policies.rule import Family

LIFECYCLE: Final = Family("LIF", "cells come and go in order", rules.RULES, fleet=(), resources=())

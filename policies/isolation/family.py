"""The checks of ISO, in the order of their rules."""

from __future__ import annotations

from typing import Final

from policies.isolation import rules
from policies.isolation.certificates.check import own_and_renewed
from policies.isolation.keys.check import own_key_each
from policies.isolation.residency.check import stays_where_declared
from policies.isolation.residency.declared import declared_inside
from policies.isolation.trust.check import trusts_only_its_own
from policies.rule import Family

ISOLATION: Final = Family(
    "ISO",
    "cells are isolated",
    rules.RULES,
    fleet=(declared_inside,),
    resources=(
        trusts_only_its_own,
        stays_where_declared,
        own_key_each,
        own_and_renewed,
    ),
)

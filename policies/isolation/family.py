"""The checks of ISO, in the order of their rules."""

from __future__ import annotations

from typing import Final

from policies.isolation import rules
from policies.isolation.accounts import own_account
from policies.isolation.addresses import apart, inside, pods, room
from policies.isolation.dependencies import shared_services
from policies.isolation.deployers import exact_subject
from policies.isolation.doors import own_authority
from policies.isolation.residency.declared import declared_inside
from policies.isolation.soft import soft_cells
from policies.rule import Family

ISOLATION: Final = Family(
    "ISO",
    "cells are isolated",
    rules.RULES,
    fleet=(
        own_account,
        apart,
        inside,
        pods,
        room,
        declared_inside,
        shared_services,
        soft_cells,
        own_authority,
        exact_subject,
    ),
)

"""The checks of ISO, in the order of their rules."""

from __future__ import annotations

from typing import Final

from policies.isolation import (
    accounts,
    addresses,
    deployers,
    firewall,
    networks,
    providers,
    ranges,
    references,
    rules,
    tags,
)
from policies.rule import Family

ISOLATION: Final = Family(
    "ISO",
    "cells are isolated",
    rules.RULES,
    fleet=(
        accounts.own_account,
        addresses.apart,
        addresses.inside,
        addresses.pods,
        addresses.room,
        deployers.exact_subject,
    ),
    resources=(
        providers.pinned,
        networks.one_network,
        networks.joined,
        ranges.declared_ranges,
        tags.own_tag,
        references.own_stacks,
        firewall.doors,
        deployers.one_role_a_stack,
    ),
)

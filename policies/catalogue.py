"""Every rule there is, and every check of a fleet; those of resources are in `policies.resource_checks`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cellfleet.inventory import rules as inventory
from cellfleet.inventory.finding import Rule
from cellfleet.inventory.tenants import rules as tenants
from policies.capacity.family import CAPACITY
from policies.isolation.family import ISOLATION
from policies.lifecycle.family import LIFECYCLE
from policies.routing import rules as routing
from policies.rule import Family, FleetCheck

FAMILIES: Final[tuple[Family, ...]] = (
    Family("INV", "the inventory can be understood", inventory.RULES),
    Family("INV", "the tenants can be understood", {rule.id: rule for rule in tenants.RULES}),
    ISOLATION,
    CAPACITY,
    LIFECYCLE,
    Family("RTE", "routing, proved by `check --routes`", routing.RULES),
)

RULES: Final[Mapping[str, Rule]] = {id: rule for family in FAMILIES for id, rule in family.rules.items()}

FLEET: Final[tuple[FleetCheck, ...]] = tuple(check for family in FAMILIES for check in family.fleet)

"""The checks of LIF, in the order of their rules; what is wrong with waivers is found last, by `policies.judge`."""

from __future__ import annotations

from typing import Final

from policies.lifecycle import rules
from policies.lifecycle.arrivals import arrivals
from policies.lifecycle.classes import classes
from policies.lifecycle.frozen import frozen
from policies.lifecycle.holding import deletion, holding, new_tenants
from policies.lifecycle.identity import identity, restored
from policies.lifecycle.removal import removal, tombstones
from policies.lifecycle.reuse import reuse
from policies.lifecycle.steps import one_step, states
from policies.rule import Family

LIFECYCLE: Final = Family(
    "LIF",
    "cells come and go in order, and what is accepted is owned and ends",
    rules.RULES,
    fleet=(
        states,
        identity,
        restored,
        classes,
        removal,
        tombstones,
        reuse,
        holding,
        arrivals,
        one_step,
        deletion,
        new_tenants,
        frozen,
    ),
)

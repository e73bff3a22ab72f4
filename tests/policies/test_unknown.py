"""What only a deploy can tell may be anywhere in a preview: no rule fails on it, and none takes it for a violation."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellfleet.engine.record import recorded
from cellfleet.inventory.finding import Scope
from cellfleet.inventory.stack import Stack, stacks_of
from policies.judge import judge
from policies.resource import UNKNOWN, Resource, Resources
from policies.rule import Facts
from tests.policies.case import TODAY, patched

FLEET = patched({})
FACTS = Facts(FLEET, None, TODAY)
STACKS = [stack.name for stack in stacks_of(FLEET) if "us-" in stack.subject or stack.subject in ("", "us")]
_made: dict[str, Resources] = {}


def made(name: str) -> Resources:
    if name not in _made:
        _made[name] = recorded(FLEET, Stack.parse(name))
    return _made[name]


def veiled(value: Any, share: float, chance: random.Random) -> Any:
    """A value of which a share of what is in it, at any depth, is unknown."""
    if chance.random() < share:
        return UNKNOWN
    match value:
        case dict():
            return {key: veiled(inner, share, chance) for key, inner in value.items()}
        case list():
            return [veiled(inner, share, chance) for inner in value]
        case _:
            return value


def with_unknowns(resources: Resources, share: float, chance: random.Random) -> Iterator[Resource]:
    for resource in resources.every:
        inputs = {key: veiled(value, share, chance) for key, value in resource.inputs.items()}
        yield replace(resource, inputs=inputs, outputs=inputs)


@pytest.mark.parametrize("stack", STACKS)
@given(share=st.sampled_from([0.02, 0.1, 0.3, 1.0]), seed=st.integers(0, 2**32))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_rule_fails_on_what_is_not_known(stack: str, share: float, seed: int) -> None:
    chance = random.Random(seed)
    resources = Resources(Stack.parse(stack), tuple(with_unknowns(made(stack), share, chance)))
    judge(FACTS, [resources], measured={Scope.RESOURCES})

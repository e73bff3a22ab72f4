"""The tables of arguments, held to the SDKs: a type or a name that does not exist is a rule that never speaks."""

from __future__ import annotations

import re
from typing import Any

import pytest

from policies.isolation import administrators, at_rest, buckets, exposure, in_transit, pods, soft
from policies.isolation.argument import GIVEN, Expected
from policies.isolation.doors import ENDING, OTHER
from sandbox import inputs, types
from tests.policies.seed import change

TABLES = (
    *(at_rest.AWS + at_rest.GCP + at_rest.AZURE + at_rest.KUBERNETES),
    *(in_transit.TABLE + buckets.TABLE + exposure.TABLE + administrators.TABLE),
    *(Expected(kinds, path, values, "") for kinds, path, values, _ in exposure.GIVEN_TO),
    *(Expected(kind, what, GIVEN, "") for kind, what, _, _ in administrators.GRANTS),
    *(Expected(kind, whom, GIVEN, "") for kind, _, _, whom in administrators.GRANTS),
)
ROWS = [(token, row) for row in TABLES for token in row.types.split()]
TOKENS = (*exposure.NEVER, *ENDING, *OTHER, *pods.TEMPLATES, *soft.CLUSTERS.values())


@pytest.mark.parametrize(("token", "row"), ROWS, ids=[f"{token}-{row.path}" for token, row in ROWS])
def test_an_argument_is_one_of_the_sdk_s(token: str, row: Expected) -> None:
    for path in filter(None, (row.path, row.unless)):
        value = row.allowed[0] if path == row.path and row.allowed is not GIVEN else object()
        made: dict[str, Any] = {}
        change(made, re.sub(r"\[\??\]", "[0]", path), value)
        problems = [str(problem) for problem in inputs.check(token, made)]
        assert [problem for problem in problems if not re.search("required|missing|not a string", problem)] == []


@pytest.mark.parametrize("token", TOKENS)
def test_a_type_is_one_of_the_sdk_s(token: str) -> None:
    if not types.is_custom_kind(token):
        assert types.arguments(token)

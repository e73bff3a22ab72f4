"""Each rule's examples are what they are shown as: the rule finds something in the bad one, and nothing in the good."""

from __future__ import annotations

import pytest

from policies.catalogue import RULES
from policies.example import FOLDER, examples_of
from tests.policies.case import Case

JUDGED = [rule for rule in RULES if rule.startswith(("ISO", "CAP", "LIF"))]
LONGEST = 24
"""Lines of an example, so that a terminal shows both."""


@pytest.mark.parametrize("rule", JUDGED)
def test_a_bad_example_is_found_and_a_good_one_is_not(rule: str) -> None:
    examples = examples_of(rule)
    assert examples is not None, f"policies/examples/{rule}.yaml is missing"
    assert Case(examples.bad.content).findings(rule)
    assert not Case(examples.good.content).findings(rule)


@pytest.mark.parametrize("rule", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_an_example_is_one_sentence_and_what_fits_a_terminal(rule: str) -> None:
    assert rule in RULES
    examples = examples_of(rule)
    assert examples is not None
    for example in (examples.bad, examples.good):
        assert example.says[0].isupper()
        assert example.says.endswith(".")
        assert 0 < len([*example.lines()]) <= LONGEST

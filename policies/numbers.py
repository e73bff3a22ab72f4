"""The numbers that a fleet sets for rules: whether they can be understood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from cellfleet.inventory import rules as inventory
from cellfleet.inventory.fault import listed, seen, similar
from cellfleet.inventory.finding import Number, Rule
from cellfleet.inventory.model import Fleet
from policies.rule import Violation


def misunderstood(fleet: Fleet, rules: Mapping[str, Rule]) -> Iterator[Violation]:
    """What is wrong with `policies:`."""
    for id, numbers in fleet.policies.items():
        if (rule := rules.get(id)) is None:
            hint = similar(id, rules) or "`cellfleet rule` lists the rules"
            yield _violation(("policies", id), f"there is no rule {id}", remedy=hint, at_key=True)
            continue
        for name, value in numbers.items():
            yield from _wrong(rule, name, value)


def _wrong(rule: Rule, name: str, value: Any) -> Iterator[Violation]:
    path = ("policies", rule.id, name)
    number = next((number for number in rule.numbers if number.name == name), None)
    if number is None:
        names = [number.name for number in rule.numbers]
        limit = listed(names) if names else "none: it has no numbers"
        hint = similar(name, names)
        yield _violation(path, f"{rule.id} has no number {name!r}", limit=limit, remedy=hint, at_key=True)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        yield _violation(path, "it is not a number", seen(value), number.meaning)
    elif not number.least <= value <= number.most or value == inf:
        yield _violation(path, "it is out of its range", f"{value:.12g}", _range(number))


def _range(number: Number) -> str:
    most = "or more" if number.most == float("inf") else f"to {number.most:.12g}"
    return f"{number.least:.12g} {most}"


def _violation(
    path: tuple[str, ...], message: str, measured: str = "", limit: str = "", remedy: str = "", at_key: bool = False
) -> Violation:
    return Violation(inventory.NUMBER, path, message, measured, limit, remedy, at_key=at_key)

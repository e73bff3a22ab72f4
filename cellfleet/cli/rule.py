"""`cellfleet rule`: what a rule wants and why, with its numbers and an example; or which rules there are."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import wrap
from typing import Annotated, Any, Final, Literal

from cyclopts import Parameter

from cellfleet.cli import BAD_INVOCATION, InventoryPath
from cellfleet.cli.output.colour import Palette, palette
from cellfleet.failure import Failure
from cellfleet.inventory.fault import similar
from cellfleet.inventory.finding import Invalid, Number, Rule, Severity
from policies.capacity.quotas import defaults
from policies.capacity.rules import QUOTAS
from policies.catalogue import FAMILIES, RULES
from policies.example import Example, examples_of

FORMAT_VERSION: Final = 1
_WIDTH: Final = 100
"""Columns that sentences are wrapped to."""


def rule(
    id: Annotated[str | None, Parameter(name="ID")] = None,
    /,
    *,
    inventory: InventoryPath = Path("cells.yaml"),
    output: Literal["text", "json"] = "text",
) -> int:
    """Explain one rule, or list all of them.

    Parameters
    ----------
    id
        The rule: ISO-04.
    inventory
        The fleet's file, for the numbers that it sets; it need not be there.
    output
        How to say it.
    """
    if id is None:
        listed = [(family.prefix, family.title, [*family.rules.values()]) for family in FAMILIES]
        if output == "json":
            _dump({"rules": [_as_json(one) for _, _, rules in listed for one in rules]})
        else:
            print("\n".join(line for family in listed for line in _listed(*family)))
        return 0
    found = _named(id)
    here = _numbers_here(found, inventory)
    if output == "json":
        _dump({"rule": _as_json(found) | {"set_here": here, **_more(found), "examples": _examples_as_json(found)}})
    else:
        print("\n".join(_explained(found, here, palette(sys.stdout))))
    return 0


def _named(id: str) -> Rule:
    # `iso4` is as clear as ISO-04
    name = re.sub(r"([A-Z]{3})-?(\d{1,2})", lambda seen: f"{seen[1]}-{seen[2]:0>2}", id.upper())
    if found := RULES.get(name):
        return found
    hint = similar(name, RULES)
    remedy = f"{hint[:1].upper()}{hint[1:]} " if hint else ""
    raise Failure(f"There is no rule {id!r}.", f"{remedy}`cellfleet rule` lists all of them.", exit_code=BAD_INVOCATION)


def _numbers_here(rule: Rule, inventory: Path) -> dict[str, float]:
    """What the fleet sets of a rule's numbers; nothing where there is no fleet, or one that cannot be understood: a
    rule is explained to whoever mends that, too."""
    if not rule.numbers or not inventory.is_file():
        return {}
    from cellfleet.inventory.load import load  # and with it the parser and the model, for which few rules have use

    try:
        set_here: Mapping[str, Any] = load(inventory).policies.get(rule.id, {})
    except Invalid:
        return {}
    return {number.name: set_here[number.name] for number in rule.numbers if number.name in set_here}


def _listed(prefix: str, title: str, rules: list[Rule]) -> Iterator[str]:
    if rules:
        yield f"{prefix}: {title}"
        yield from (f"  {rule.id}  {rule.severity:<7}  {rule.title}" for rule in rules)
        yield ""


def _explained(rule: Rule, here: Mapping[str, float], colours: Palette) -> Iterator[str]:
    colour = {Severity.ERROR: colours.red, Severity.WARNING: colours.yellow}.get(rule.severity, colours.blue)
    yield f"{colour}{rule.severity} {rule.id}{colours.plain}{colours.bold}: {rule.title}{colours.plain}"
    waivable = "can be waived" if rule.waivable else "cannot be waived"
    yield f"  {rule.enforcement}, {waivable}; measured on {', '.join(rule.scope)}"
    yield from ("", *wrap(f"Why: {rule.why}", _WIDTH), *wrap(f"What to do: {rule.remedy.removesuffix('.')}.", _WIDTH))
    if rule.numbers:
        yield ""
        yield "Numbers:"
        yield from (f"  {_number(number, here)}" for number in rule.numbers)
    if rule is QUOTAS:
        yield from ("", "Quotas, by default; their sources are in policies/capacity/quotas.json:")
        yield from (f"  {one.id:<31} {one.limit:>6,}  {one.title}, checked {one.checked}" for one in defaults())
    if examples := examples_of(rule.id):
        yield from _shown("Bad", examples.bad, colours.red, colours.plain)
        yield from _shown("Good", examples.good, colours.green, colours.plain)
    yield from ("", rule.docs)


def _number(number: Number, here: Mapping[str, float]) -> str:
    said = f"{number.name} = {here.get(number.name, number.default):.12g}  {number.meaning}"
    return f"{said} (set here; by default {number.default:.12g})" if number.name in here else said


def _shown(title: str, example: Example, colour: str, plain: str) -> Iterator[str]:
    yield ""
    yield from wrap(f"{title}: {example.says}", _WIDTH)
    yield from (f"  {colour}|{plain} {line}" for line in example.lines())


def _as_json(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": str(rule.severity),
        "enforcement": str(rule.enforcement),
        "scope": [str(scope) for scope in rule.scope],
        "waivable": rule.waivable,
        "why": rule.why,
        "remedy": rule.remedy,
        "numbers": [{"name": one.name, "default": one.default, "meaning": one.meaning} for one in rule.numbers],
        "docs": rule.docs,
    }


def _more(rule: Rule) -> dict[str, Any]:
    if rule is not QUOTAS:
        return {}
    told = ("id", "title", "limit", "source")
    return {
        "quotas": [{name: getattr(one, name) for name in told} | {"checked": str(one.checked)} for one in defaults()]
    }


def _examples_as_json(rule: Rule) -> dict[str, Any]:
    examples = examples_of(rule.id)
    if examples is None:
        return {}
    both = {"bad": examples.bad, "good": examples.good}
    return {kind: {"says": one.says, "shown": "\n".join(one.lines()), **one.content} for kind, one in both.items()}


def _dump(document: Mapping[str, Any]) -> None:
    json.dump({"format_version": FORMAT_VERSION, **document}, sys.stdout, indent=2)
    print()

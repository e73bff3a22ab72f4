"""Change what a cloud holds behind the engine's back, as a person with a console would."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import Any

from cellfleet.failure import Failure
from sandbox import types
from sandbox.books import Books, Made
from sandbox.difference import root_of


def find(books: Books, which: str) -> Made:
    """The one thing that a URN, an id or a logical name says; raises Failure where that is none or several."""
    found = [made for made in books.all(matching=which) if which in (made.urn, made.id, made.urn.rsplit("::", 1)[-1])]
    if len(found) == 1:
        return found[0]
    if not found:
        near = [made.urn for made in books.all(matching=which)]
        known = f"; {near[0]} is the nearest" if near else ""
        raise Failure(f"the sandbox holds nothing with the URN, id or name {which!r}{known}", _REMEDY, exit_code=2)
    urns = ", ".join(made.urn for made in found)
    raise Failure(f"{which!r} is {len(found)} things: {urns}", _REMEDY, exit_code=2)


_REMEDY = "give the whole URN; `cellfleet sandbox books` lists them"


def change(books: Books, made: Made, values: Mapping[str, str]) -> Made:
    """Set each path (`tags.ring`, `ingress[0].fromPort`) to its value: JSON where it is that, else text; empty removes.

    An argument drifts in what is read back as inputs too. Raises Failure for a path that the type has not.
    """
    taken, given = types.arguments(made.type), types.results(made.type)
    inputs, outputs = dict(made.inputs), dict(made.outputs)
    for path, text in values.items():
        root = root_of(path)
        if root not in taken and root not in given:
            known = ", ".join(sorted({*taken, *given}))
            raise Failure(f"{made.type} has no property {root!r}", f"it has {known}", exit_code=2)
        value = _read(text)
        outputs = _with(outputs, _steps(path), value)
        if root in taken:
            inputs = _with(inputs, _steps(path), value)
    drifted = dataclasses.replace(made, inputs=inputs, outputs=outputs)
    with books.transaction():
        books.write(drifted)
    return drifted


def _read(text: str) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text


def _steps(path: str) -> list[str | int]:
    """`tags["app.io/x"]`, `ingress[0].fromPort` as the names and numbers on the way."""
    parts = re.findall(r'\["([^"]*)"\]|\[(\d+)\]|([^.\[\]]+)', path)
    return [int(number) if number else quoted or name for quoted, number, name in parts]


def _with(value: Any, steps: list[str | int], new: Any) -> Any:
    if not steps:
        return new
    first, *rest = steps
    match first, value:
        case int(), list() if first < len(value):
            return [_with(item, rest, new) if place == first else item for place, item in enumerate(value)]
        case str(), dict() | None:
            changed = {**(value or {}), first: _with((value or {}).get(first), rest, new)}
            return {name: inner for name, inner in changed.items() if inner is not None}
        case _:
            raise Failure(
                f"there is no {first!r} in {json.dumps(value)}", "see `cellfleet sandbox books URN`", exit_code=2
            )

"""`defaults:`, which is merged under every managed cell: what a cell says itself stands, mapping by mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from cellfleet.inventory import rules
from cellfleet.inventory.fault import Fault, dotted, seen
from cellfleet.inventory.mismatch import OWN, mismatches
from cellfleet.inventory.model import ManagedCell


def with_defaults(cells: Mapping[Any, Any], defaults: Any) -> dict[Any, Any]:
    """The cells as the model takes them: each with its name, the managed ones over the defaults.

    What is no mapping is left as it is, for the model to refuse.
    """
    under = {key: value for key, value in defaults.items() if key not in OWN} if isinstance(defaults, Mapping) else {}
    nested = [key for key, value in under.items() if isinstance(value, dict)]
    merged: dict[Any, Any] = {}
    for name, cell in cells.items():
        if not isinstance(cell, dict):
            merged[name] = cell
        elif cell.get("managed", True) is False:
            merged[name] = {**cell, "name": name}
        else:
            merged[name] = {**under, **cell, "name": name}
            for key in nested:
                if isinstance(own := cell.get(key), dict):
                    merged[name][key] = {**under[key], **own}
    return merged


def name_faults(cells: Mapping[Any, Any]) -> Iterator[Fault]:
    """Cells that say their name inside too, where another could be said."""
    for name, cell in cells.items():
        if isinstance(cell, dict) and "name" in cell:
            message = f"{dotted(('cells', name))} has no key `name`"
            limit = "a cell's name is its key under `cells:`"
            yield Fault(rules.UNKNOWN_KEY, ("cells", name, "name"), message, "", limit, "remove it", at_key=True)


def default_faults(defaults: Any) -> Iterator[Fault]:
    """What is wrong with the defaults themselves, whether or not a cell takes them."""
    if defaults is None:
        return
    if not isinstance(defaults, dict):
        needed = "a mapping of what cells have in common"
        yield Fault(rules.TYPE, ("defaults",), "`defaults` is not a mapping", seen(defaults), needed)
        return
    for key in OWN:
        if key in defaults:
            limit = "it tells one cell from another"
            remedy = "give it to each cell"
            yield Fault(rules.UNKNOWN_KEY, ("defaults", key), f"`{key}` is not for defaults", "", limit, remedy, True)
    try:
        ManagedCell.model_validate(
            {**{key: value for key, value in defaults.items() if key not in OWN}, "name": "defaults"},
            by_alias=True,
            by_name=False,
        )
    except ValidationError as error:
        for fault in mismatches(error, ("defaults",)):
            if fault.rule is not rules.MISSING:
                yield fault

"""What the subject of a waiver is about: a dotted path of the inventory, and the rings of the cells there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from cellfleet.inventory.fault import Path, dotted, undotted
from policies.rule import Facts


def is_declared(facts: Facts, subject: str) -> bool:
    """Whether the inventory has what a dotted path names, or could have it: a value that is not given can be missed.

    A cell that was removed can be a subject still: how it was removed is what is accepted.
    """
    path = undotted(subject)
    if dotted(path) != subject:
        return False
    match path:
        case ("cells", str(name)) if name not in facts.fleet.cells:
            was = facts.before.cells if facts.before else {}
            return name in was or any(tombstone.name == name for tombstone in facts.fleet.tombstones)
        case _:
            return _has(facts.fleet, path)


def rings_of(facts: Facts, subject: str) -> Iterator[str]:
    """The rings of the cells that a subject is about; all of them for what holds for the whole fleet."""
    fleet = facts.fleet
    match undotted(subject):
        case ("cells", str(name), *_):
            if (cell := fleet.cells.get(name)) is not None:
                yield cell.ring
        case ("localities" | "routers", str(name), *_):
            yield from dict.fromkeys(cell.ring for cell in facts.by_locality.get(name, ()))
        case ("classes", str(name), *_):
            yield from dict.fromkeys(cell.ring for cell in fleet.cells.values() if cell.class_ == name)
        case ("fleet", "rings", int(index), *_) if index < len(fleet.settings.rings):
            yield fleet.settings.rings[index].name
        case _:
            yield from (ring.name for ring in fleet.settings.rings)


def _has(value: Any, path: Path) -> bool:
    if not path:
        return True
    part, rest = path[0], path[1:]
    match value:
        case BaseModel():
            fields = type(value).model_fields
            name = next((name for name, field in fields.items() if (field.alias or name) == part), None)
            return name is not None and (not rest or _has(getattr(value, name), rest))
        case Mapping():
            return part in value and _has(value[part], rest)
        case tuple():
            return isinstance(part, int) and part < len(value) and _has(value[part], rest)
        case _:
            return False

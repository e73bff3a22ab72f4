"""Record a cell of the test fleet, and ask what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cellfleet.engine.record import Recorded, Recording, record
from cellfleet.inventory.stack import Kind, Stack
from stacks import program_of
from tests.fleets import fleet

CELL = "us-gcp-1"


@dataclass(frozen=True)
class Resources:
    """What one program registered."""

    recording: Recording

    def of(self, kind: str) -> list[Recorded]:
        """Resources of one type: `compute/subnetwork:Subnetwork`."""
        return [resource for resource in self.recording.resources if resource.type == f"gcp:{kind}"]

    def one(self, kind: str, name: str = "") -> Recorded:
        """The only resource of a type, or the one whose logical name ends so."""
        (found,) = [resource for resource in self.of(kind) if resource.name.endswith(name)]
        return found

    def custom(self) -> Iterator[Recorded]:
        return (resource for resource in self.recording.resources if resource.custom)


_made: dict[str, Resources] = {}


def recorded(changes: Mapping[str, Any] | None = None, name: str = CELL) -> Resources:
    """The cell's stack in the test fleet with these changes; recorded once for all tests, for nothing changes it."""
    asked = repr((changes or {}, name))
    if asked not in _made:
        program = program_of(fleet(dict(changes or {})), Stack(Kind.CELL, name))
        _made[asked] = Resources(record(program, stack=f"cell-{name}", project="acme-production"))
    return _made[asked]


def as_declared() -> Resources:
    """The cell's stack in the test fleet as it is."""
    return recorded()


def values(value: Any, wanted: Callable[[str], bool]) -> Iterator[Any]:
    """Each value, at any depth, of a key that is wanted."""
    match value:
        case Mapping():
            for key, inner in value.items():
                if wanted(key):
                    yield inner
                yield from values(inner, wanted)
        case list():
            for inner in value:
                yield from values(inner, wanted)

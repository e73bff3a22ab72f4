"""Record a stack of the test fleet, and ask what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cellfleet.engine.record import Recording, record
from cellfleet.inventory.stack import Kind, Stack
from policies.resource import Resource
from stacks import program_of
from tests.fleets import fleet


@dataclass(frozen=True)
class Resources:
    """What one program registered; types are asked for without the SDK that comes before them."""

    sdk: str
    recording: Recording

    def of(self, kind: str) -> list[Resource]:
        """Resources of one type: `ec2/subnet:Subnet`."""
        return [resource for resource in self.recording.resources if resource.type == f"{self.sdk}:{kind}"]

    def one(self, kind: str, name: str = "") -> Resource:
        """The only resource of a type, or the one whose logical name ends so."""
        (found,) = [resource for resource in self.of(kind) if resource.name.endswith(name)]
        return found

    def custom(self) -> Iterator[Resource]:
        """Real resources: no components."""
        return (resource for resource in self.recording.resources if resource.custom)


_made: dict[str, Recording] = {}


def recorded(sdk: str, cell: str, changes: Mapping[str, Any] | None = None, kind: Kind = Kind.CELL) -> Resources:
    """A cell's stack in the test fleet with these changes; recorded once for all tests, for nothing changes it."""
    stack = Stack(kind, cell)
    asked = repr((changes or {}, stack.name))
    if asked not in _made:
        made = fleet(dict(changes or {}))
        _made[asked] = record(program_of(made, stack), stack=stack.name, project=made.project)
    return Resources(sdk, _made[asked])


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

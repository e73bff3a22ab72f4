"""Real programs with one argument changed on its way out: recorded, or run by the real engine."""

from __future__ import annotations

import fnmatch
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import settings


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of the resources of a type, and what it is changed to."""

    type: str
    """`aws:ec2/subnet:Subnet`."""
    path: str
    """By wire names: `ingress[0].cidrBlocks`; what is missing on the way to it is made."""
    value: Any
    """`...` removes the argument."""
    name: str = "*"
    """A glob of logical names."""


def seeded(program: Callable[[], None], *arguments: Argument) -> Callable[[], None]:
    """The program, with arguments changed as its resources are registered.

    What is raised where an argument matches no resource is AssertionError, once the program has run.
    """

    def run() -> None:
        settings.SETTINGS.monitor = monitor = _Monitor(settings.get_monitor(), arguments)
        program()
        monitor.expects = True

    return run


class _Monitor:
    def __init__(self, monitor: Any, arguments: tuple[Argument, ...]) -> None:
        self._monitor = monitor
        self._arguments = arguments
        self.expects = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._monitor, name)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (the name is gRPC's)
        for argument in self._arguments:
            if request.type == argument.type and fnmatch.fnmatch(request.name, argument.name):
                inputs = json_format.MessageToDict(request.object)
                change(inputs, argument.path, argument.value)
                request.object.CopyFrom(json_format.ParseDict(inputs, struct_pb2.Struct()))
                # What is written out comes from no resource; of an argument of which a part is, the rest still does.
                # Without any dependency of a property the engine takes all of the resource's for each one's.
                gone = request.propertyDependencies.pop(argument.path, None)
                if gone and not request.propertyDependencies:
                    kept = [urn for urn in request.dependencies if urn not in gone.urns]
                    request.dependencies[:] = kept
        return self._monitor.RegisterResource(request)


def change(inputs: dict[str, Any], path: str, value: Any) -> None:
    """Set, or with `...` remove, what stands at a path."""
    steps: list[str | int] = []
    for part in path.replace("]", "").split("."):
        key, *indices = part.split("[")
        steps += [*([key] if key else []), *map(int, indices)]
    place: Any = inputs
    for step, following in itertools.pairwise(steps):
        if isinstance(place, Mapping) and place.get(step) is None:
            place[step] = [] if isinstance(following, int) else {}  # type: ignore[index]
        if isinstance(place, list) and isinstance(step, int) and step == len(place):
            place.append({})
        place = place[step]
    last = steps[-1]
    if value is ...:
        del place[last]
    elif isinstance(place, list) and last == len(place):
        place.append(value)
    else:
        place[last] = value

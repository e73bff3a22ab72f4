"""Whether every name used is a name declared, and every id and name given once, to nothing that has it already.

The checks read the document as it was parsed, not the `Fleet`, so that they find what they can in a document that has
other faults: values of a wrong type are passed over here, for they are reported elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cellfleet.inventory import rules
from cellfleet.inventory.fault import Fault, Path, dotted, listed, seen, similar
from cellfleet.inventory.types import TAKEN


def references(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Every dangling or repeated name and id."""
    yield from _dangling(document)
    yield from _duplicates(document)
    yield from _replicas(document)
    yield from _services(document)


def section(document: Mapping[str, Any], *path: str) -> Mapping[Any, Any]:
    """The mapping at a path; empty where there is none."""
    value: Any = document
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def items(document: Mapping[str, Any], *path: str) -> list[Any]:
    """The list at a path; empty where there is none."""
    value = section(document, *path[:-1]).get(path[-1])
    return value if isinstance(value, list) else []


def _names(entries: Iterable[Any]) -> list[str]:
    return [entry["name"] for entry in entries if isinstance(entry, Mapping) and isinstance(entry.get("name"), str)]


def _dangling(document: Mapping[str, Any]) -> Iterator[Fault]:
    localities = _Declared("locality", section(document, "localities"))
    services = _Declared("service", section(document, "services"))
    classes = _Declared("class", section(document, "classes"))
    cells = _Declared("cell", section(document, "cells"))
    rings = _Declared("ring", _names(items(document, "fleet", "rings")))
    tombstones = _Declared("tombstone", _names(items(document, "tombstones")))
    for name, locality in section(document, "localities").items():
        yield from cells.lacks(locality, ("localities", name), "new_tenants")
    for name in section(document, "routers"):
        yield from localities.lacks_key(name, ("routers", name))
    for index, route in enumerate(items(document, "routes")):
        yield from services.lacks(route, ("routes", index), "service")
    for name, cell in section(document, "cells").items():
        yield from localities.lacks(cell, ("cells", name), "locality")
        yield from classes.lacks(cell, ("cells", name), "class")
        yield from rings.lacks(cell, ("cells", name), "ring")
        yield from tombstones.lacks(cell, ("cells", name), "restores")
    control = _Declared("control account", section(document, "fleet", "control"))
    yield from control.lacks(section(document, "fleet", "dns"), ("fleet", "dns"), "provider")
    for name in section(document, "routers"):
        for index, place in enumerate(items(document, "routers", name, "places")):
            yield from control.lacks(place, ("routers", name, "places", index), "provider")


class _Declared:
    """The names of one kind that are declared, to hold uses against."""

    def __init__(self, kind: str, names: Iterable[Any]) -> None:
        self._kind = kind
        self._names = {name: None for name in names if isinstance(name, str)}

    def lacks(self, user: Any, path: Path, key: str) -> Iterator[Fault]:
        """A fault where the user's key names nothing that is declared."""
        name = user.get(key) if isinstance(user, Mapping) else None
        if isinstance(name, str) and name not in self._names:
            yield self._fault(name, (*path, key), f"`{key}`")

    def lacks_key(self, name: Any, path: Path) -> Iterator[Fault]:
        """A fault where a key of a mapping names nothing that is declared."""
        if isinstance(name, str) and name not in self._names:
            yield self._fault(name, path, f"`{dotted(path[:-1])}`", at_key=True)

    def _fault(self, name: str, path: Path, user: str, *, at_key: bool = False) -> Fault:
        return Fault(
            rules.DANGLING,
            path,
            f"{user} names a {self._kind} that is not declared",
            seen(name),
            listed(self._names) or f"no {self._kind} is declared",
            similar(name, self._names),
            at_key=at_key,
        )


def _duplicates(document: Mapping[str, Any]) -> Iterator[Fault]:
    cells = [
        (("cells", name, "id"), cell.get("id"))
        for name, cell in section(document, "cells").items()
        if isinstance(cell, Mapping)
    ]
    yield from _repeated("id", cells)
    for path in (("fleet", "rings"), ("tombstones",)):
        entries = [(index, entry) for index, entry in enumerate(items(document, *path)) if isinstance(entry, Mapping)]
        yield from _repeated("name", [((*path, index, "name"), entry.get("name")) for index, entry in entries])
    # tombstones may have one id: that of a lost cell, of the one that restored it, and so on


def _repeated(kind: str, entries: Iterable[tuple[Path, Any]]) -> Iterator[Fault]:
    first: dict[Any, Path] = {}
    for path, value in entries:
        if isinstance(value, (str, int)) and not isinstance(value, bool) and first.setdefault(value, path) != path:
            where = dotted(first[value][:-1])
            yield Fault(rules.DUPLICATE, path, f"{where} has the same {kind}", seen(value), f"each {kind} once")


def _replicas(document: Mapping[str, Any]) -> Iterator[Fault]:
    services = section(document, "services")
    for name, cell_class in section(document, "classes").items():
        replicas = cell_class.get("replicas") if isinstance(cell_class, Mapping) else None
        if not isinstance(replicas, Mapping):
            continue
        path: Path = ("classes", name, "replicas")
        for service in services:
            if isinstance(service, str) and service not in replicas:
                remedy = f"add `{service}: 1`, or as many pods as the service needs"
                yield Fault(
                    rules.REPLICAS,
                    path,
                    f"{dotted(path)} lacks `{service}`",
                    listed(replicas),
                    listed(services),
                    remedy,
                    at_key=True,
                )
        for service in replicas:
            yield from _Declared("service", services).lacks_key(service, (*path, service))


def _services(document: Mapping[str, Any]) -> Iterator[Fault]:
    for name in section(document, "services"):
        if name in TAKEN:
            limit = f"any but {', '.join(TAKEN)}"
            message = f"each cell has a part of its own that is named `{name}`"
            remedy = f"name it otherwise, such as `{name}-api`, here, in routes and in the classes' `replicas:`"
            yield Fault(rules.SERVICE, ("services", name), message, seen(name), limit, remedy, at_key=True)

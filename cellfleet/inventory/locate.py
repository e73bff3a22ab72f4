"""Where in its files each value of an inventory stands: a `Fleet` keeps the texts, and they are searched only when
asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import TYPE_CHECKING

from cellfleet.inventory.fault import Path, undotted
from cellfleet.inventory.finding import Location
from cellfleet.inventory.model import Fleet

if TYPE_CHECKING:
    from cellfleet.inventory.position import Positions


@dataclass(frozen=True)
class Text:
    """One file as it was read."""

    file: str
    content: str


@dataclass(frozen=True)
class Place:
    """Where a value was found."""

    path: Path
    """As the file has it: of a value that a cell has from `defaults:`, the path under `defaults`."""
    location: Location


@dataclass(frozen=True)
class Origin:
    """The files that a fleet was read from. Two fleets with the same content are equal, wherever they came from."""

    main: Text = field(compare=False)
    included: Mapping[str, Text] = field(compare=False)
    """The file of each cell that stands in an included one."""
    _searched: dict[str, Positions] = field(default_factory=dict, compare=False, repr=False)

    def places(self, wanted: Collection[tuple[Path, bool]]) -> dict[tuple[Path, bool], Place]:
        """Where paths stand; each `wanted` is one and whether its key is meant rather than its value."""
        from cellfleet.inventory.position import Positions  # and with it PyYAML, which nothing else needs

        by_file: dict[str, set[Path]] = {self.main.file: {("defaults", *path[2:]) for path, _ in wanted}}
        for path, _ in wanted:
            by_file.setdefault(self._text(path).file, set()).add(path)
        texts = {text.file: text for text in (self.main, *self.included.values())}
        found = {file: Positions(file, texts[file].content, paths) for file, paths in by_file.items()}
        return {one: self._place(*one, found) for one in wanted}

    def place(self, path: Path) -> Place:
        """Where one value stands, or the name of what is shown by it; the first call for a file searches the whole of
        it, and the others find it at once."""
        from cellfleet.inventory.position import Positions

        for text in (self._text(path), self.main):
            if text.file not in self._searched:
                self._searched[text.file] = Positions(text.file, text.content)
        return self._place(path, by_name(path), self._searched)

    def _text(self, path: Path) -> Text:
        return self.included.get(str(path[1]), self.main) if path[:1] == ("cells",) and len(path) > 1 else self.main

    def _place(self, path: Path, at_key: bool, found: Mapping[str, Positions]) -> Place:
        own = found[self._text(path).file]
        default = ("defaults", *path[2:])
        if path[:1] == ("cells",) and len(path) > 2 and path not in own and default in found[self.main.file]:
            return Place(default, found[self.main.file].nearest(default, at_key=at_key))
        return Place(path, own.nearest(path, at_key=at_key))


def by_name(path: Path) -> bool:
    """Whether what stands at a path is shown by its name: a cell, a locality, or its routers, as a whole."""
    return len(path) == 2 and path[0] in ("cells", "localities", "routers")


def tenant_file(fleet: Fleet) -> File | None:
    """The fleet's tenant file, which the inventory names relative to itself; None where it names none."""
    if fleet.tenants is None:
        return None
    origin = fleet._origin
    return (File(origin.main.file).parent if isinstance(origin, Origin) else File()) / fleet.tenants.file


def locate(fleet: Fleet, path: str) -> Location:
    """Where the value at a dotted path stands: `cells.us-aws-1.cidr`, `cells.us-aws-1.zones[0]`,
    `fleet.rings[1].release`.

    A value that a cell has from `defaults:` is there; one that no file has (a default of the format) is where the
    thing around it begins. A fleet that was made in code has no files: its locations name `cells.yaml` as a whole.
    """
    origin = fleet._origin
    return origin.place(undotted(path)).location if isinstance(origin, Origin) else Location("cells.yaml")

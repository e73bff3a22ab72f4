"""A fleet that is meant, and the edits of its files that lead there.

A draft starts as a fleet that was loaded. Each change gives another draft, which says both what the fleet is to be and
what is to be replaced in which text. `done` makes the replacements, loads the result as if it stood on disk, and
refuses it where that is not the very fleet that was meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path as File
from typing import Final

import yaml

from cellfleet.failure import Failure
from cellfleet.inventory import source
from cellfleet.inventory.edit.cells import copied, removed
from cellfleet.inventory.edit.like import KEYS, LEFT_BEHIND, Wish, differences, new_cell
from cellfleet.inventory.edit.scalar import Value
from cellfleet.inventory.edit.span import Edit, applied
from cellfleet.inventory.edit.tombstones import buried
from cellfleet.inventory.edit.tree import Node, parsed
from cellfleet.inventory.edit.values import CannotEdit, set_value
from cellfleet.inventory.fault import Path
from cellfleet.inventory.load import load
from cellfleet.inventory.locate import Origin, Text
from cellfleet.inventory.model import Cell, Fleet, ManagedCell, Tombstone
from cellfleet.inventory.types import State

_LOCALITY_KEYS: Final = ("residency", "host", "new_tenants")


@dataclass(frozen=True)
class FileEdits:
    """One file as it was read, and what is to be replaced in it."""

    text: Text
    edits: tuple[Edit, ...]

    @property
    def edited(self) -> str:
        return applied(self.text.content, self.edits)


@dataclass(frozen=True)
class Draft:
    """A fleet as it is meant, and how its files come to say so."""

    fleet: Fleet
    origin: Origin
    files: Mapping[str, FileEdits]
    """By their names; those with no edits are not among them."""

    @classmethod
    def of(cls, fleet: Fleet) -> Draft:
        """The fleet as it is. Raises ValueError where it was made in code, and has no files."""
        origin = fleet._origin
        if not isinstance(origin, Origin):
            raise ValueError("the fleet has no files")
        return cls(fleet, origin, {})

    def state(self, name: str, state: State) -> Draft:
        """The cell in another state. Raises Failure where its file does not say so by itself."""
        cell = self.fleet.cells[name].model_copy(update={"state": state})
        text = self._text(name)
        edits = self._found(
            text, lambda root: set_value(text.content, root, ("cells", name, "state"), str(state), KEYS)
        )
        return self._with(text, edits, {"cells": {**self.fleet.cells, name: cell}})

    def new_tenants(self, locality: str, cell: str) -> Draft:
        """New tenants of the locality in another cell. Raises Failure where its file does not say so by itself."""
        changed = self.fleet.localities[locality].model_copy(update={"new_tenants": cell})
        path: Path = ("localities", locality, "new_tenants")
        text = self.origin.main
        edits = self._found(text, lambda root: set_value(text.content, root, path, cell, _LOCALITY_KEYS))
        return self._with(text, edits, {"localities": {**self.fleet.localities, locality: changed}})

    def add(self, like: ManagedCell, wish: Wish) -> Draft:
        """A cell behind the one that it is like. Raises Failure."""
        cell = new_cell(like, wish)
        text = self._text(like.name)
        own = _tree(text).at(("cells", like.name))
        defaults = _tree(self.origin.main).at(("defaults",))
        left = [key for key in LEFT_BEHIND if own and own.entry(key) and not (defaults and defaults.entry(key))]
        kept = {key: getattr(like, key) for key in LEFT_BEHIND if key not in left}
        cell = cell.model_copy(update=kept)
        changes = differences(like, cell)
        edits = self._found(text, lambda root: [copied(text.content, root, like.name, cell.name, changes, left, KEYS)])
        return self._with(text, edits, {"cells": _behind(self.fleet.cells, like.name, cell)})

    def remove(self, name: str, day: date) -> Draft:
        """The fleet without the cell, and with a tombstone: one cell a draft. Raises Failure."""
        cell = self.fleet.cells[name]
        cidr = cell.cidr if isinstance(cell, ManagedCell) else None
        stone = Tombstone(name=name, id=cell.id, cidr=cidr, removed=day)
        values: dict[str, Value] = {"name": name, "id": cell.id}
        values |= {"cidr": cidr} if cidr else {}
        values["removed"] = day
        text, main = self._text(name), self.origin.main
        cells = {other: one for other, one in self.fleet.cells.items() if other != name}
        draft = self
        if (name, cell.id) not in {(one.name, one.id) for one in self.fleet.tombstones}:  # of one that was interrupted
            # the tombstone first: an id that had neither cell nor tombstone could be given to another
            edits = self._found(main, lambda root: buried(main.content, root, values))
            draft = self._with(main, edits, {"tombstones": (*self.fleet.tombstones, stone)})
        return draft._with(text, self._found(text, lambda root: removed(text.content, root, name)), {"cells": cells})

    @property
    def texts(self) -> Mapping[str, str]:
        """The files that change, as they are to be."""
        return {name: file.edited for name, file in self.files.items()}

    def done(self) -> Fleet:
        """The fleet, loaded again from the edited texts as if they stood on disk.

        Raises Invalid where what was meant cannot be understood, and AssertionError where the edits mean another fleet:
        a bug, after which nothing is to be written.
        """
        texts = self.texts

        def read(path: File) -> source.Document:
            edited = texts.get(str(path))
            return source.read(path) if edited is None else source.parse(str(path), edited.encode())

        fleet = load(File(self.origin.main.file), read)
        if fleet != self.fleet or [*fleet.cells] != [*self.fleet.cells]:
            raise AssertionError(f"the edits of {', '.join(texts)} mean another fleet than the one that was asked for")
        return fleet

    def _text(self, cell: str) -> Text:
        return self.origin.included.get(cell, self.origin.main)

    def _found(self, text: Text, find: Callable[[Node], Iterable[Edit]]) -> Sequence[Edit]:
        try:
            return [*find(_tree(text))]
        except CannotEdit as error:
            from cellfleet.inventory.position import Lines

            place = Lines(text.file, text.content).at(error.index)
            raise Failure(
                f"{place}: {error.message}.",
                "Write the value out there, in lines of its own, or make the change by hand.",
            ) from None

    def _with(self, text: Text, edits: Sequence[Edit], update: Mapping[str, object]) -> Draft:
        before = self.files.get(text.file)
        file = FileEdits(text, (*(before.edits if before else ()), *edits))
        fleet = self.fleet.model_copy(update=dict(update))
        return replace(self, fleet=fleet, files={**self.files, text.file: file})


def _tree(text: Text) -> Node:
    """The text's nodes. Raises Failure where PyYAML cannot read it, though the inventory's own reader can."""
    try:
        return parsed(text.content)
    except yaml.MarkedYAMLError as error:
        place = f":{error.problem_mark.line + 1}:{error.problem_mark.column + 1}" if error.problem_mark else ""
        raise Failure(
            f"{text.file}{place}: not every YAML parser can read this: {error.problem}.",
            "Mend it there, or make the change by hand.",
        ) from None


def _behind(cells: Mapping[str, Cell], like: str, cell: Cell) -> dict[str, Cell]:
    ordered: dict[str, Cell] = {}
    for name, other in cells.items():
        ordered[name] = other
        if name == like:
            ordered[cell.name] = cell
    return ordered

"""What the program in `router.lua` does, in Python, on the same files: the name that a request has, and whose it is.

The two are held together by tests that ask a running Envoy; a program in the files that is not `router.lua` is not
known here, and said to be so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cellfleet.inventory.headers import PROXIED
from cellfleet.inventory.pattern import Names
from cellfleet.inventory.pseudonym import Key
from cellfleet.routing.envoy import program
from cellfleet.routing.envoy.routes import NAME
from cellfleet.routing.request import Decision, Outcome

_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]{1,63}")
_SHARD: Final = re.compile(r"(?:[his][A-Za-z0-9_-]+ [a-z0-9-]+\n)*+end\n")
_HEAD: Final = re.compile(r'local LOCALITY = "([a-z0-9-]+)"\nlocal FILES = \{([^}]*)\}\n')


class UnreadableError(ValueError):
    """Files that Envoy could not be run with, or that say what is not known here."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Found:
    """What the program does: sends to an upstream, or answers."""

    upstream: str | None = None
    outcome: Outcome = "refuse"
    status: int | None = None
    location: str = ""
    cell: str = ""
    locality: str = ""
    steps: tuple[str, ...] = ()

    def decision(self, route: str, steps: tuple[str, ...]) -> Decision:
        """The answer, as a decision."""
        return Decision(
            self.outcome,
            self.status,
            cell=self.cell,
            location=self.location,
            locality=self.locality,
            route=route,
            steps=steps,
        )


@dataclass(eq=False)
class Finder:
    """The program of these files, with the map that it reads. Raises UnreadableError.

    Shards are read when they are first looked into, so that one request costs no pass over all tenants.
    """

    files: Mapping[str, str]
    name: str
    """The program's file."""
    key: Key | None = None
    """What hashes were made with; without it no tenant of another locality is found."""
    locality: str = field(init=False)
    cells: dict[str, str] = field(init=False, default_factory=dict)
    """Whether each own cell is `open` or `fenced`."""
    elsewhere: dict[str, str] = field(init=False, default_factory=dict)
    """The locality of other cells."""
    _cell_of: dict[str, str] = field(init=False, default_factory=dict)
    """The name of each own cell by its id."""
    _keyed: bool = field(init=False, default=False)
    _shards: list[str] = field(init=False)
    """Their files."""
    _read: dict[int, dict[str, str]] = field(init=False, default_factory=dict)
    """What the lines of each shard say, of those that were looked into."""

    def __post_init__(self) -> None:
        text = self.files.get(self.name)
        if text is None:
            raise UnreadableError("rds.json", f"it names the program {self.name!r}, which there is not")
        head = _HEAD.match(text)
        if head is None or text[head.end() :] != program.constant():
            raise UnreadableError(
                self.name, "it is not the program that cellfleet writes, so nobody knows what it does"
            )
        self.locality = head[1]
        first, *self._shards = re.findall(r'"([^"]+)"', head[2])
        self._read_cells(first)
        for name in self._shards:
            self._whole(name)

    def placed(self) -> Mapping[str, Mapping[str, str]]:
        """All that the map says, by the lines' letter: the cell of each name, or the locality of each hash.

        Raises UnreadableError where lines would not be found that are there.
        """
        found: dict[str, dict[str, str]] = {letter: {} for letter in (*program.KINDS.values(), program.HASH)}
        for index in range(len(self._shards)):
            for line, said in self._shard(index).items():
                found[line[0]][line[1:]] = said if line[0] == program.HASH else self._cell_of.get(said, "")
        return found

    def _whole(self, name: str) -> str:
        text = self.files.get(name, "")
        if text != "end\n" and not text.endswith("\nend\n"):
            raise UnreadableError(name, "the map's file is missing or cut off")
        return text

    def _read_cells(self, name: str) -> None:
        for line in self._whole(name).splitlines()[:-1]:
            match line.split(" "):
                case ["cell", cell, id_, state]:
                    self.cells[cell], self._cell_of[id_] = state, cell
                case ["elsewhere", cell, locality]:
                    self.elsewhere[cell] = locality
                case ["key", _]:
                    self._keyed = True
                case _:
                    raise UnreadableError(name, f"there is a line {line!r}")

    def _shard(self, index: int) -> dict[str, str]:
        """What each line of a shard says, by what it begins with."""
        if index not in self._read:
            name = self._shards[index]
            text = self._whole(name)
            if not _SHARD.fullmatch(text):
                raise UnreadableError(name, "there is a line that is no name with its place")
            words = text.split()[:-1]
            begins = words[::2]
            found = dict(zip(begins, words[1::2], strict=True))
            if len(found) < len(begins) or begins != sorted(begins):
                raise UnreadableError(name, "its lines are not in order, so some are not found")
            if {index} != {*program.shards_of((line[1:] for line in begins), len(self._shards)), index}:
                raise UnreadableError(name, "a name is in it that is looked for in another")
            self._read[index] = found
        return self._read[index]

    def _said(self, letter: str, name: str) -> str:
        """What the line of a name says; empty where there is none."""
        if not self._shards:
            return ""
        (index,) = program.shards_of([name], len(self._shards))
        return self._shard(index).get(letter + name, "")

    def find(self, route: Mapping[str, Any], target: str, headers: Mapping[str, str]) -> Found:
        """What the program does with a request that takes the route with this metadata."""
        whole = _named(route, target, headers)
        if whole is None and route["where"] == "query" and _times(target, route["key"]) > 1:
            return Found(status=400, steps=(f"{route['key']} stands twice",))
        before, after = route["before"], route["after"]
        name = (whole or "")[len(before) : len(whole or "") - len(after)]
        kind = route["names"]
        told = f"names the {'cell' if kind == 'cell' else 'tenant'} {name}" + (" by id" if kind == "tenant_id" else "")
        cell, locality = self._place(kind, name)
        redirects = route.get("redirects")
        if not cell and not locality and kind != "cell" and not redirects and _PLAIN.fullmatch(name):
            if route["unknown"] == "new_tenants":
                told, cell = f"{told}, which is unknown here: new tenants' cell", route["new_tenants"]
            elif route["unknown"] == "locate":
                return Found(outcome="locate", steps=(f"{told}, which is unknown here: the directory is asked",))
        if redirects and (cell or locality):
            return self._redirect(redirects[locality or self.locality], name, target, locality, told)
        if cell:
            return self._serve(route, cell, told)
        if locality:
            return self._elsewhere(route, locality, name, target, headers, told)
        return Found(status=404, steps=(f"{told}, which there is not",))

    def _place(self, kind: str, name: str) -> tuple[str, str]:
        """The own cell, or the other locality."""
        if kind == "cell":
            return (name, "") if name in self.cells else ("", self.elsewhere.get(name, ""))
        if not _PLAIN.fullmatch(name):
            return "", ""
        if cell := self._cell_of.get(self._said(program.KINDS[Names(kind)], name)):
            return cell, ""
        if self.key is None or not self._keyed:
            return "", ""
        return "", self._said(program.HASH, self.key.pseudonym("slug" if kind == "tenant" else "id", name))

    def _serve(self, route: Mapping[str, Any], cell: str, told: str) -> Found:
        if self.cells.get(cell) == "fenced":
            return Found(None, "unavailable", 503, cell=cell, steps=(f"{told}, of cell {cell}, which is fenced",))
        return Found(f"{cell}/{route['service']}", steps=(f"{told}, of cell {cell}",))

    def _redirect(self, host: str, name: str, target: str, locality: str, told: str) -> Found:
        location = f"https://{host.replace(NAME, name, 1)}{target}"
        return Found(None, "redirect", 307, location, locality=locality, steps=(f"{told}: to {location}",))

    def _elsewhere(
        self, route: Mapping[str, Any], locality: str, name: str, target: str, headers: Mapping[str, str], told: str
    ) -> Found:
        told = f"{told}, of locality {locality}"
        other = route.get("elsewhere", {}).get(locality, {})
        match other.get("answer"):
            case "redirect":
                return self._redirect(other["host"], name, target, locality, told)
            case "proxy" if PROXIED in headers:
                return Found(status=421, locality=locality, steps=(f"{told}, whose routers passed it on already",))
            case "proxy":
                return Found(f"locality:{locality}", locality=locality, steps=(told,))
            case _:
                return Found(status=404, locality=locality, steps=(f"{told}: refused here",))


def _named(route: Mapping[str, Any], target: str, headers: Mapping[str, str]) -> str | None:
    """The label, segment or value that holds the name; None where there is none, or more than one."""
    match route["where"]:
        case "host":
            return headers[":authority"].lower().partition(".")[0]
        case "header":
            return headers.get(route["key"])
        case "path":
            segments = target.partition("?")[0].split("/")
            return segments[route["segment"]] if len(segments) > route["segment"] else None
        case _:
            values = [pair.partition("=")[2] for pair in _pairs(target) if pair.partition("=")[0] == route["key"]]
            return values[0] if len(values) == 1 else None


def _pairs(target: str) -> list[str]:
    return [pair for pair in target.partition("?")[2].split("&") if pair]


def _times(target: str, key: str) -> int:
    return sum(pair.partition("=")[0] == key for pair in _pairs(target))

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
from cellfleet.inventory.pseudonym import Key
from cellfleet.routing.envoy import program
from cellfleet.routing.envoy.routes import NAME
from cellfleet.routing.request import Decision, Outcome

_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST: Final = 63
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
    """The program of these files, with the map that it reads. Raises UnreadableError."""

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
    tenants: dict[str, dict[str, str]] = field(init=False)
    """The cell of each name, by kind."""
    hashes: dict[str, str] = field(init=False, default_factory=dict)
    """The locality of each hash."""

    def __post_init__(self) -> None:
        self.tenants = {"tenant": {}, "tenant_id": {}}
        text = self.files.get(self.name)
        if text is None:
            raise UnreadableError("rds.json", f"it names the program {self.name!r}, which there is not")
        head = _HEAD.match(text)
        if head is None or text[head.end() :] != program.constant():
            raise UnreadableError(
                self.name, "it is not the program that cellfleet writes, so nobody knows what it does"
            )
        self.locality = head[1]
        for name in re.findall(r'"([^"]+)"', head[2]):
            self._read(name)

    def _read(self, name: str) -> None:
        lines = self.files.get(name, "").splitlines()
        if not lines or lines[-1] != "end":
            raise UnreadableError(name, "the map's file is missing or cut off")
        for line in lines[:-1]:
            kind, about, *rest = line.split(" ")
            match kind:
                case "cell":
                    self.cells[about] = rest[0]
                case "elsewhere":
                    self.elsewhere[about] = rest[0]
                case "tenant" | "tenant_id":
                    self.tenants[kind] |= dict.fromkeys(rest, about)
                case "hash":
                    self.hashes |= dict.fromkeys(rest, about)
                case "key":
                    pass
                case _:
                    raise UnreadableError(name, f"a line starts with {kind!r}")

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
            elif route["unknown"] == "locate" and len(name) <= _LONGEST:
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
        if cell := self.tenants[kind].get(name):
            return cell, ""
        if self.key is None or not self.hashes or len(name) > _LONGEST or not _PLAIN.fullmatch(name):
            return "", ""
        return "", self.hashes.get(self.key.pseudonym("slug" if kind == "tenant" else "id", name), "")

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

"""The patterns of routes: how a host, a path, a query parameter or a header names a tenant, a cell or a locality.

| in a pattern | stands for |
|---|---|
| `{tenant}` | the slug of a tenant, or one of its aliases |
| `{tenant_id}` | the id of a tenant |
| `{cell}` | the name of a cell |
| `{locality}` | in a host only: the name of the locality whose routers answer |
| `*` | at the end of a path, after `/`: nothing, or any further segments |

In a host a tenant or a cell is named by the first label, or a part of it (`o{tenant_id}.ingest.acme.io`), for neither a
DNS record nor a certificate nor a router's wildcard covers another label than the first. In a path it is a segment or a
part of one; the value of a query parameter or header is one as a whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Names(StrEnum):
    """What a placeholder stands for."""

    TENANT = "tenant"
    TENANT_ID = "tenant_id"
    CELL = "cell"


LOCALITY: Final = "{locality}"
PLACEHOLDERS: Final = (*(f"{{{name}}}" for name in Names), LOCALITY)

_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SEGMENT: Final = re.compile(r"[A-Za-z0-9._~!$&'()+,;=:@-]*")
_STAND_IN: Final = "x"
"""A letter in a placeholder's place, to look at what stands around it."""


class PatternError(ValueError):
    """A pattern that cannot be read; its text says why, and `seen` which part of it."""

    def __init__(self, message: str, seen: str, allowed: str) -> None:
        super().__init__(message)
        self.seen = seen
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Part:
    """One label, segment or value: text, or text around one name."""

    before: str
    """All of it where nothing is named."""
    names: Names | None = None
    after: str = ""

    def __str__(self) -> str:
        return self.before if self.names is None else f"{self.before}{{{self.names}}}{self.after}"

    def holding(self, name: str) -> str:
        """The part with a name in its place."""
        return self.before + name + self.after if self.names else self.before


@dataclass(frozen=True, slots=True)
class Host:
    """A host of one locality."""

    label: Part
    """The first."""
    rest: str
    """The others: `us.acme.io`."""

    @property
    def names(self) -> Names | None:
        return self.label.names

    @property
    def domain(self) -> str:
        """What a DNS record and a certificate say for it: itself, or a wildcard."""
        return f"*.{self.rest}" if self.names else f"{self.label}.{self.rest}"

    def __str__(self) -> str:
        return f"{self.label}.{self.rest}"

    def holding(self, name: str) -> str:
        """The host with a name in its place."""
        return f"{self.label.holding(name)}.{self.rest}"


@dataclass(frozen=True, slots=True)
class Path:
    """A path; `/` has no segments."""

    segments: tuple[Part, ...]
    open: bool
    """Whether further segments may follow."""

    @property
    def names(self) -> Names | None:
        return next((segment.names for segment in self.segments if segment.names), None)

    def __str__(self) -> str:
        return "/" + "/".join([*map(str, self.segments), *("*" if self.open else "")])

    def holding(self, name: str) -> str:
        """The shortest path that matches, with a name in its place."""
        return "/" + "/".join(segment.holding(name) for segment in self.segments)


def host(text: str, locality: str) -> Host:
    """Read a host of one locality: one that requests come to, or one that they are redirected to.

    Raises PatternError.
    """
    label, _, rest = text.replace(LOCALITY, locality).partition(".")
    if _PLACEHOLDER.search(rest):
        allowed = "a tenant or a cell in the first label only, for a wildcard covers no other"
        raise PatternError("a later label names a tenant or a cell", rest, allowed)
    first = _part(label)
    for part in (first.holding(_STAND_IN), *rest.split(".")):
        if not _LABEL.fullmatch(part):
            allowed = "labels of lower-case letters, digits and inner hyphens, 63 at most, with a dot between them"
            raise PatternError("it is no host", part or text, allowed)
    return Host(first, rest)


def path(text: str) -> Path:
    """Read a path.

    Raises PatternError.
    """
    segments = text.removeprefix("/").split("/")
    is_open = segments[-1] == "*"
    segments = segments[:-1] if is_open else segments
    parts = tuple(map(_part, segments)) if segments != [""] else ()
    for position, part in enumerate(parts):
        shown = part.holding(_STAND_IN)
        last = position == len(parts) - 1
        if "*" in shown:
            raise PatternError("a `*` stands within it", shown, "`*` as the last segment, for any further ones")
        if shown in (".", "..") or (not shown and not (last and not is_open)) or not _SEGMENT.fullmatch(shown):
            allowed = "segments of letters, digits and -._~!$&'()+,;=:@, none empty, `.` or `..`"
            raise PatternError("a segment is none that a request can have", shown or text, allowed)
    if sum(part.names is not None for part in parts) > 1:
        raise PatternError("it names more than one", text, "one {tenant}, {tenant_id} or {cell}")
    return Path(parts, is_open)


def value(text: str) -> Part:
    """Read the value of a query parameter or a header: one name, or fixed text.

    Raises PatternError.
    """
    part = _part(text)
    if part.names and (part.before or part.after):
        raise PatternError("text stands around a name", text, f"{{{part.names}}} alone, or text with no name in it")
    return part


def _part(text: str) -> Part:
    found = list(_PLACEHOLDER.finditer(text))
    for placeholder in found:
        if placeholder[1] not in [*Names]:
            raise PatternError("it has a placeholder that means nothing here", placeholder[0], ", ".join(PLACEHOLDERS))
    if len(found) > 1:
        raise PatternError("it names more than one", text, "one {tenant}, {tenant_id} or {cell}")
    if "{" in _PLACEHOLDER.sub("", text) or "}" in _PLACEHOLDER.sub("", text):
        raise PatternError("a brace has no other half", text, ", ".join(PLACEHOLDERS))
    if not found:
        return Part(text)
    return Part(text[: found[0].start()], Names(found[0][1]), text[found[0].end() :])

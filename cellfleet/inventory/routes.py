"""Whether each route can be understood: one end, and patterns that can be read and name one thing once.

Reads the document as it was parsed, like `reference`, and passes over what is of a wrong type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from cellfleet.inventory import pattern, rules
from cellfleet.inventory.fault import Fault, Path, seen, similar
from cellfleet.inventory.pattern import LOCALITY, PLACEHOLDERS, Host, Names, Part, PatternError
from cellfleet.inventory.reference import items, section

_HEADER: Final = re.compile(r"[A-Za-z0-9-]+")
_HOST: Final = ("host", ":authority")
_OURS: Final = "x-cellfleet-"
_PARAMETER: Final = re.compile(r"[A-Za-z0-9._~-]+")


def route_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Everything that is wrong with routes by themselves."""
    localities = [name for name in section(document, "localities") if isinstance(name, str)]
    longest = max(localities, key=len, default="us")  # what is a host with it is one with any
    for index, route in enumerate(items(document, "routes")):
        if isinstance(route, Mapping):
            yield from _one_end(route, ("routes", index))
            yield from _patterns(route, ("routes", index), longest)
            yield from _keys(route, ("routes", index))


def _one_end(route: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    if ("service" in route) == ("redirect" in route):
        both = "both a service and a redirect" if "service" in route else "neither a service nor a redirect"
        yield Fault(rules.ROUTE, path, f"the route has {both}")


def _keys(route: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    """Names of headers and query parameters that a request can have, and that are a client's to send."""
    for key in section(route, "headers"):
        if isinstance(key, str) and (
            not _HEADER.fullmatch(key) or key.lower() in _HOST or key.lower().startswith(_OURS)
        ):
            limit = "letters, digits and hyphens; the host is said by `host`, and x-cellfleet- is what routers say"
            message = "the header's name is none that a route can ask for"
            yield Fault(rules.PATTERN, (*path, "headers", key), message, seen(key), limit, at_key=True)
    for key in section(route, "query"):
        if isinstance(key, str) and not _PARAMETER.fullmatch(key):
            message = "the query parameter's name is none that a route can ask for"
            limit = "letters, digits and -._~, with no escapes"
            yield Fault(rules.PATTERN, (*path, "query", key), message, seen(key), limit, at_key=True)


def _patterns(route: Mapping[str, Any], path: Path, locality: str) -> Iterator[Fault]:
    named: list[tuple[Names, str]] = []
    reads: dict[tuple[str, ...], Callable[[str], Host | pattern.Path | Part]] = {
        ("host",): lambda text: pattern.host(text, locality),
        ("path",): pattern.path,
        **{(kind, key): pattern.value for kind in ("query", "headers") for key in section(route, kind)},
    }
    for where, read in reads.items():
        text = section(route, *where[:-1]).get(where[-1])
        if not isinstance(text, str):
            continue
        try:
            found = read(text)
        except PatternError as error:
            yield _unreadable(error, (*path, *where))
            continue
        if found.names:
            named.append((found.names, text))
    if len(named) > 1:
        told = " and ".join(f"`{text}`" for _, text in named)
        limit = "one place that names a tenant or a cell, so that it is clear which counts"
        yield Fault(rules.PATTERN, path, "the route names a tenant or a cell more than once", told, limit)
    yield from _redirect(route, path, locality, named[0][0] if named else None)


def _redirect(route: Mapping[str, Any], path: Path, locality: str, named: Names | None) -> Iterator[Fault]:
    """A redirect may say again what the request has named, and that thing's locality."""
    text = route.get("redirect")
    if not isinstance(text, str):
        return
    try:
        to = pattern.host(text, locality)
    except PatternError as error:
        yield _unreadable(error, (*path, "redirect"))
        return
    if to.names and to.names is not named:
        message = f"`redirect` says {{{to.names}}}, which the request does not name"
        limit = f"{{{named}}}" if named else "a host with no name in it, for the request names nothing"
        yield Fault(rules.PATTERN, (*path, "redirect"), message, seen(text), limit)
    elif LOCALITY in text and named is None and LOCALITY not in str(route.get("host")):
        message = "`redirect` says {locality}, but the request names nothing that has one"
        limit = "a host of one locality, or a route whose host or path names a tenant or a cell"
        yield Fault(rules.PATTERN, (*path, "redirect"), message, seen(text), limit)


def _unreadable(error: PatternError, path: Path) -> Fault:
    remedy = similar(error.seen, PLACEHOLDERS) if error.seen.startswith("{") else ""
    return Fault(rules.PATTERN, path, f"`{path[-1]}` cannot be read: {error}", seen(error.seen), error.allowed, remedy)

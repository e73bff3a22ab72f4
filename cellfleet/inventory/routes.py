"""Whether each route can be understood: one end, and patterns that can be read and name one thing once.

Reads the document as it was parsed, like `reference`, and passes over what is of a wrong type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cellfleet.inventory import pattern, rules
from cellfleet.inventory.fault import Fault, Path, seen, similar
from cellfleet.inventory.pattern import LOCALITY, PLACEHOLDERS, Host, Names, Part, PatternError
from cellfleet.inventory.reference import items, section


def route_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Everything that is wrong with routes by themselves."""
    localities = [name for name in section(document, "localities") if isinstance(name, str)]
    any_locality = localities[0] if localities else "us"
    for index, route in enumerate(items(document, "routes")):
        if isinstance(route, Mapping):
            yield from _one_end(route, ("routes", index))
            yield from _patterns(route, ("routes", index), any_locality)


def _one_end(route: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    if ("service" in route) == ("redirect" in route):
        both = "both a service and a redirect" if "service" in route else "neither a service nor a redirect"
        yield Fault(rules.ROUTE, path, f"the route has {both}")


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

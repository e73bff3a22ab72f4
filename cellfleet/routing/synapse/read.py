"""The files of Synapse's proxy and locator as they read them, or why they do not start with them.

What is checked is what they check: an upstream that a route names and that there is not is no fault to Synapse, which
answers 404 when it comes to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import yaml_rs

from cellfleet.routing.envoy.finder import UnreadableError

_FIXED: Final = re.compile(r"[A-Za-z0-9._-]*")
_PARAMETER: Final = re.compile(r"\{([a-z_]*)\}")
_RESOLVERS: Final = {"cell_from_organization": "organization", "cell_from_id": "id"}
"""The parameter that each reads."""
_ROUTE_NAME: Final = re.compile(r"^ *# (routes\[\d+\])$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SynapseRoute:
    """A route of the proxy."""

    name: str
    """Its name in the inventory, which stands above it as a comment; else its place in the file."""
    host: str | None
    """None for any."""
    segments: tuple[tuple[bool, str], ...] | None
    """Whether each is a parameter, and its text or the parameter's name; None for any path."""
    open: bool
    resolver: str
    """Empty where `upstream` is fixed."""
    parameter: str
    """What the resolver reads."""
    leads: Mapping[str, str]
    """The upstream of each cell."""
    upstream: str | None
    """The fixed one, or else the default."""


@dataclass(frozen=True, slots=True)
class Locating:
    """How tenants are found by one of the two."""

    file: str
    localities: tuple[str, ...] | None
    """Whose mapping is asked for; None for all."""
    defaults: Mapping[str, str]
    """The cell that a locality's unknown names are given, by locality."""


def routes(text: str) -> tuple[SynapseRoute, ...]:
    """The routes of `proxy.yaml`, in order. Raises UnreadableError."""
    content = _section(text, "proxy.yaml", "proxy")
    names = _ROUTE_NAME.findall(text)
    found = content.get("routes")
    if not isinstance(found, list):
        raise UnreadableError("proxy.yaml", "it has no list of routes")
    if len(names) != len(found):
        names = [f"proxy.routes[{index}]" for index in range(len(found))]
    return tuple(_route(name, route) for name, route in zip(names, found, strict=True))


def upstreams(text: str) -> Mapping[str, str]:
    """The URL of each upstream of `proxy.yaml`, without its path. Raises UnreadableError."""
    found = {}
    for one in _section(text, "proxy.yaml", "proxy").get("upstreams") or ():
        parts = urlsplit(_plain(one.get("url"), "an upstream's url"))
        if not parts.scheme or not parts.netloc:
            raise UnreadableError("proxy.yaml", f"{one['url']!r} is no URL with a scheme and a host")
        found[_plain(one.get("name"), "an upstream's name")] = f"{parts.scheme}://{parts.netloc}"
    return found


def locating(files: Mapping[str, str]) -> tuple[Locating, ...]:
    """How the proxy and the locator by itself find tenants. Raises UnreadableError."""
    proxy = _section(files.get("proxy.yaml", ""), "proxy.yaml", "proxy").get("locator")
    alone = _section(files.get("locator.yaml", ""), "locator.yaml", "locator")
    return tuple(_locating(*one) for one in (("proxy.yaml", proxy), ("locator.yaml", alone)))


def _section(text: str, file: str, name: str) -> Mapping[str, Any]:
    try:
        content = yaml_rs.loads(text, parse_datetime=False)
    except yaml_rs.YAMLDecodeError as error:
        lines = str(error).splitlines()  # between where and why there is the text itself
        raise UnreadableError(file, f"it is no YAML: {', '.join(dict.fromkeys((lines[0], lines[-1])))}") from None
    found = content.get(name) if isinstance(content, dict) else None
    if not isinstance(found, dict):
        raise UnreadableError(file, f"it has no `{name}`")
    return found


def _locating(file: str, content: Any) -> Locating:
    if not isinstance(content, dict):
        raise UnreadableError(file, "it has no `locator`")
    localities = content.get("localities")
    return Locating(
        file, None if localities is None else tuple(localities), content.get("locality_to_default_cell") or {}
    )


def _route(name: str, content: Mapping[str, Any]) -> SynapseRoute:
    match, action = content.get("match"), content.get("action")
    if not isinstance(match, dict) or not isinstance(action, dict):
        raise UnreadableError("proxy.yaml", f"{name} has no match or no action")
    host = match.get("host")
    path = match.get("path")
    resolver, leads, default = action.get("resolver"), action.get("cell_to_upstream"), action.get("default")
    if resolver not in _RESOLVERS or not isinstance(leads, dict):  # then it has to be an action of the other kind
        resolver, leads, default = "", {}, _text(action.get("to"), f"`to` of {name}")
    segments, is_open = _path(name, path, fixed=not resolver) if path is not None else (None, False)
    return SynapseRoute(
        name,
        None if host is None else _plain(host, f"the host of {name}"),
        segments,
        is_open,
        resolver,
        _RESOLVERS.get(resolver, ""),
        {_text(cell, "a cell"): _text(upstream, f"the upstream of {cell}") for cell, upstream in leads.items()},
        None if default is None else _text(default, f"the default of {name}"),
    )


def _path(name: str, path: Any, *, fixed: bool) -> tuple[tuple[tuple[bool, str], ...], bool]:
    text = _plain(path, f"the path of {name}").strip().strip("/")
    is_open = text.endswith("/*")
    text = text.removesuffix("/*")
    found: list[tuple[bool, str]] = []
    for segment in text.split("/") if text else ():
        parameter = _PARAMETER.fullmatch(segment)
        if parameter and fixed:
            raise UnreadableError("proxy.yaml", f"{name} has a fixed upstream, and the parameter {segment}")
        if not parameter and not _FIXED.fullmatch(segment):
            raise UnreadableError("proxy.yaml", f"{name} has a segment that Synapse does not take: {segment}")
        found.append((True, parameter[1]) if parameter else (False, segment))
    return tuple(found), is_open


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise UnreadableError("proxy.yaml", f"{what} is {value!r}, which is no text")
    return value


def _plain(value: Any, what: str) -> str:
    """What Synapse takes any scalar for, outside of an action."""
    return _text(json.dumps(value) if isinstance(value, int | float) else value, what)

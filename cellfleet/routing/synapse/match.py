"""Which way a request goes through Synapse and the Envoy beside it, by the files alone and by their own rules.

This reads the emitted files, not the table that they were made from, so it finds what is wrong with them. Synapse's
rules are those of its source as of 2026-06: hosts are compared as the client sent them, in their case and with their
port; the path is compared as it was sent, without the slashes at its ends; nothing is decoded or resolved; the first
route that matches is the only one; where it has no cell, or no upstream, and no default, the answer is 404.

Requests are taken to be HTTP/1.1, for in HTTP/2 Synapse answers 502: what it passes on goes to upstreams in HTTP/1.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from cellfleet.routing.request import Decision, Request
from cellfleet.routing.synapse import read
from cellfleet.routing.synapse.beside import Beside
from cellfleet.routing.synapse.read import SynapseRoute

_ANY: Final = ""
"""Stands for hosts that no route names."""
_URL: Final = re.compile(r"https?://([^/?#]+)", re.IGNORECASE)
_NOT_IN_PATH: Final = re.compile("[\0- <>`\x7f]")  # as of the Rust crates http 1.3 and httparse 1.10
_NOT_IN_QUERY: Final = re.compile('[\0- "<>\x7f]')


def decide(files: Mapping[str, str], mapping: Mapping[str, str], request: Request) -> Decision:
    """What becomes of one request; who has many makes one `Synapse`."""
    return Synapse(files, mapping).decide(request)


@dataclass(eq=False)
class Synapse:
    """Synapse as these files make it. Raises UnreadableError where it does not start with them."""

    files: Mapping[str, str]
    mapping: Mapping[str, str]
    """The cell of each id and slug, as the locator has fetched them."""
    cell_to_locality: Mapping[str, str] | None = None
    """The cells that the mapping says a locality of; a tenant of another cell has none. None: all have one."""
    routes: tuple[SynapseRoute, ...] = field(init=False)
    upstreams: Mapping[str, str] = field(init=False)
    """The URL of each, without its path."""
    beside: Beside = field(init=False)
    _by_host: Mapping[str, tuple[SynapseRoute, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self.routes = read.routes(self.files.get("proxy.yaml", ""))
        self.upstreams = read.upstreams(self.files["proxy.yaml"])
        self.beside = Beside(self.files.get("egress.json", ""))
        hosts = {_ANY, *(route.host for route in self.routes if route.host is not None)}
        self._by_host = {host: tuple(one for one in self.routes if one.host in (None, host)) for host in hosts}

    def decide(self, request: Request) -> Decision:
        """What becomes of a request."""
        parts = _parts(request)
        if parts is None:
            return Decision("refuse", 400, steps=(f"{request.target} is no path that a request can have",))
        host, path, query = parts
        target = f"{path}?{query}" if query else path
        wanted = path.strip().strip("/")
        segments = wanted.split("/") if wanted else []
        first = f"host {host}, path {path}"
        for route in self._by_host.get(host, self._by_host[_ANY]):
            parameters = _parameters(route, segments)
            if parameters is not None:
                return self._taken(route, parameters, target, (first, f"route {route.name}"))
        return Decision("refuse", 404, steps=(first, "no route matches"))

    @property
    def unused(self) -> tuple[str, ...]:
        """Upstreams of the proxy, and addresses of the Envoy beside it, that nothing leads to."""
        used = {name for route in self.routes for name in _upstreams(route)}
        called = {urlsplit(self.upstreams[name]).netloc for name in used if name in self.upstreams}
        return (*(name for name in self.upstreams if name not in used), *(self.beside.ways.keys() - called))

    @property
    def dangling(self) -> tuple[tuple[str, str], ...]:
        """A route and an upstream that it leads to, where there is none or nothing listens at its address."""
        return tuple(dict.fromkeys(self._dangling()))

    @property
    def defaults(self) -> tuple[tuple[str, str], ...]:
        """Where a name without a cell is given one: the route or the file, and the upstream or the cell."""
        of_routes = [(one.name, one.upstream) for one in self.routes if one.resolver and one.upstream is not None]
        of_locators = [(one.file, cell) for one in read.locating(self.files) for cell in one.defaults.values()]
        return (*of_routes, *of_locators)

    def _dangling(self) -> Iterator[tuple[str, str]]:
        for route in self.routes:
            for name in _upstreams(route):
                if urlsplit(self.upstreams.get(name, "")).netloc not in self.beside.ways:
                    yield route.name, name

    def _taken(
        self, route: SynapseRoute, parameters: Mapping[str, str], target: str, steps: tuple[str, ...]
    ) -> Decision:
        """What a route that matches does with a request."""
        upstream = route.upstream
        if route.resolver:
            cell, told = self._resolved(route, parameters)
            steps = (*steps, told)
            found = route.leads.get(cell) if cell is not None else None
            if found is not None:
                upstream = found
            elif upstream is None:
                reason = "which the route has no upstream for" if cell is not None else "so there is no upstream"
                return Decision("refuse", 404, route=route.name, steps=(*steps, reason))
            else:
                steps = (*steps, f"the default is {upstream}")
        assert upstream is not None
        url = self.upstreams.get(upstream)
        if url is None:
            return Decision("refuse", 404, route=route.name, steps=(*steps, f"there is no upstream {upstream}"))
        return self._sent(route, url, target, (*steps, f"upstream {upstream} at {url}"))

    def _resolved(self, route: SynapseRoute, parameters: Mapping[str, str]) -> tuple[str | None, str]:
        """The cell, and how it was found."""
        name = parameters.get(route.parameter)
        if name is None:
            return None, f"{route.resolver} reads {{{route.parameter}}}, which the path does not have"
        if route.parameter == "id":
            return name, f"names the cell {name}"
        cell = self.mapping.get(name)
        if cell is None:
            return None, f"names the tenant {name}, which is not in the mapping"
        if self.cell_to_locality is not None and cell not in self.cell_to_locality:
            return None, f"names the tenant {name}, of cell {cell}, which the mapping says no locality of"
        return cell, f"names the tenant {name}, of cell {cell}"

    def _sent(self, route: SynapseRoute, url: str, target: str, steps: tuple[str, ...]) -> Decision:
        """What becomes of what Synapse sends to a URL."""
        scheme, _, authority = url.partition("://")
        if scheme != "http":
            told = f"Synapse cannot connect by {scheme}"
            return Decision("unavailable", 502, route=route.name, steps=(*steps, told))
        way = self.beside.ways.get(authority)
        if way is not None:
            return self.beside.decide(way, target, route.name, steps)
        host = urlsplit(url).hostname or ""
        if host == "localhost" or host.startswith("127."):
            return Decision("unavailable", 502, route=route.name, steps=(*steps, "nothing listens there"))
        told = "not by the Envoy beside it, so without mutual TLS and to no cell that is known"
        return Decision("serve", None, upstream=host, route=route.name, steps=(*steps, told))


def _upstreams(route: SynapseRoute) -> tuple[str, ...]:
    return (*route.leads.values(), *(() if route.upstream is None else (route.upstream,)))


def _parts(request: Request) -> tuple[str, str, str] | None:
    """Host, path and query as Synapse has them; None where it takes the target for none.

    The host is that of a target that is a whole URL, or else the Host header as it is.
    """
    host, rest = request.host, request.target.partition("#")[0]
    if whole := _URL.match(rest):
        authority, rest = whole[1].rpartition("@")[2], rest[whole.end() :]
        host = authority.partition("]")[0] + "]" if authority.startswith("[") else authority.partition(":")[0]
        rest = rest if rest.startswith("/") else f"/{rest}"
    path, _, query = rest.partition("?")
    if not path.startswith("/") or _NOT_IN_PATH.search(path) or _NOT_IN_QUERY.search(query):
        return None
    return host, path, query


def _parameters(route: SynapseRoute, segments: list[str]) -> dict[str, str] | None:
    """What the path's parameters are, or None where the path is another."""
    parameters: dict[str, str] = {}
    if route.segments is None:
        return parameters
    if len(segments) < len(route.segments) or (len(segments) > len(route.segments) and not route.open):
        return None
    for (is_parameter, text), segment in zip(route.segments, segments, strict=False):
        if is_parameter:
            parameters[text] = segment
        elif text != segment:
            return None
    return parameters

"""Which way a request goes through Envoy, by the files alone and Envoy's own rules.

This reads the emitted files, not the table that they were made from, so it finds what is wrong with them. What is in
them is held to Envoy's rules of 1.40: the form that a request is brought into, the virtual host of the most specific
domain, the first route that matches, and the program for what a route's metadata says to read. The tests hold it
to a running Envoy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cellfleet.inventory.pseudonym import Key
from cellfleet.routing.envoy import paths
from cellfleet.routing.envoy.finder import Finder, UnreadableError
from cellfleet.routing.envoy.listeners import LUA
from cellfleet.routing.request import Decision, Request

_PORT: Final = re.compile(r":\d*$")


@dataclass(frozen=True, slots=True)
class EnvoyRoute:
    """One route of the files."""

    name: str
    content: Mapping[str, Any]
    matches: Callable[[str, str, Mapping[str, str]], bool]
    """By the path, the query and the headers with `:authority`."""

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the program reads."""
        filters: Mapping[str, Mapping[str, Any]] = self.content.get("metadata", {}).get("filter_metadata", {})
        return filters.get(LUA, {})


@dataclass(eq=False)
class Envoy:
    """Envoy as these files make it. Raises UnreadableError where they make none."""

    files: Mapping[str, str]
    key: Key | None = None
    """What hashes were made with; without it no tenant of another locality is found."""
    routes: Mapping[str, Sequence[EnvoyRoute]] = field(init=False)
    """By domain, lower-case."""
    upstreams: Mapping[str, str] = field(init=False)
    """The host of each cluster."""
    finder: Finder = field(init=False)
    manager: Mapping[str, Any] = field(init=False)
    """The settings of the listener for requests."""
    _wildcards: Sequence[str] = field(init=False)

    def __post_init__(self) -> None:
        configuration = one_resource(self.files, "rds.json")
        routes: dict[str, list[EnvoyRoute]] = {}
        for host in configuration["virtual_hosts"]:
            for domain in host["domains"]:
                if domain.lower() in routes:
                    raise UnreadableError("rds.json", f"the domain {domain} stands twice; Envoy takes none of it")
                routes[domain.lower()] = [_route(route) for route in host["routes"]]
        self.routes = routes
        self._wildcards = sorted((d[1:] for d in routes if d.startswith("*.")), key=len, reverse=True)
        self.upstreams = {cluster["name"]: _address(cluster) for cluster in some_resources(self.files, "cds.json")}
        lua = configuration.get("typed_per_filter_config", {}).get(LUA, {})
        self.finder = Finder(self.files, lua.get("source_code", {}).get("filename", ""), self.key)
        self.manager = _manager(self.files)

    def decide(self, request: Request) -> Decision:
        """What becomes of a request."""
        steps: list[str] = []
        path, query, wrong = self._path(request.target)
        if wrong:
            return Decision("refuse", 400, steps=(wrong,))
        host = self._host(request.host)
        steps.append(f"host {host}, path {path}" + (f", query {query}" if query else ""))
        domain = self.domain_of(host)
        if domain is None:
            return Decision("refuse", 404, steps=(*steps, "no virtual host has that domain"))
        steps.append(f"virtual host {domain}")
        removed = {one["remove"] for one in _mutations(self.manager)}
        headers = {name.lower(): value for name, value in request.headers.items() if name.lower() not in removed}
        headers[":authority"] = host
        for route in self.routes[domain]:
            if route.matches(path, query, headers):
                told = f"route {route.name}" if route.name else "no route of it matches"
                return self._taken(route, path, query, headers, (*steps, told))
        return Decision("refuse", 404, steps=(*steps, "no route of it matches"))

    def domain_of(self, host: str) -> str | None:
        """The domain whose virtual host has the requests for a host."""
        host = host.lower()
        if host in self.routes:
            return host
        for suffix in self._wildcards:
            if host.endswith(suffix) and len(host) > len(suffix):
                return f"*{suffix}"
        return "*" if "*" in self.routes else None

    def _host(self, host: str) -> str:
        if self.manager.get("strip_any_host_port"):
            host = _PORT.sub("", host)
        return host.removesuffix(".") if self.manager.get("strip_trailing_host_dot") else host

    def _path(self, target: str) -> tuple[str, str, str]:
        """Path, query, and why the request is refused, if it is."""
        if "#" in target:
            return "", "", "the path has a fragment"
        path, _, query = target.partition("?")
        if self.manager.get("normalize_path"):
            normal = paths.normal(path)
            if normal is None:
                return "", "", "the path is none"
            path = normal
        return paths.merged(path) if self.manager.get("merge_slashes") else path, query, ""

    def _taken(
        self, route: EnvoyRoute, path: str, query: str, headers: Mapping[str, str], steps: tuple[str, ...]
    ) -> Decision:
        """What a route that matches does with a request."""
        target = f"{path}?{query}" if query else path
        if route.metadata.get("names"):
            found = self.finder.find(route.metadata, target, headers)
            steps = (*steps, *found.steps)
            if found.upstream is None:
                return found.decision(route.name, steps)
            name, service, locality = found.upstream, str(route.metadata.get("service", "")), found.locality
        elif answer := route.content.get("direct_response"):
            status = int(answer["status"])
            outcome = "unavailable" if status == 503 else "refuse"
            return Decision(outcome, status, route=route.name, steps=(*steps, f"answers {status}"))  # type: ignore[arg-type]
        elif to := route.content.get("redirect"):
            location = f"https://{to.get('host_redirect', headers[':authority'])}{target}"
            return Decision("redirect", 307, route=route.name, location=location, steps=(*steps, f"to {location}"))
        else:
            name, locality = route.content["route"].get("cluster", ""), ""
            service = name.partition("/")[2]
        address = self.upstreams.get(name)
        if address is None:
            told = f"there is no cluster {name}"
            return Decision("unavailable", 503, route=route.name, steps=(*steps, told))
        if name.startswith("locality:"):
            locality = name.partition(":")[2]
            told = f"passed on to {locality}'s routers at {address}"
            return Decision("proxy", None, route=route.name, upstream=address, locality=locality, steps=(*steps, told))
        cell = name.partition("/")[0]
        told = f"cluster {name}, {address}, by mutual TLS"
        return Decision(
            "serve", None, cell=cell, service=service, upstream=address, route=route.name, steps=(*steps, told)
        )


def some_resources(files: Mapping[str, str], name: str) -> list[Any]:
    """The resources of a file. Raises UnreadableError."""
    try:
        found: list[Any] = json.loads(files[name])["resources"]
    except (KeyError, ValueError, TypeError) as error:
        raise UnreadableError(name, f"it cannot be read: {error!r}") from None
    return found


def one_resource(files: Mapping[str, str], name: str) -> Any:
    """The only resource of a file. Raises UnreadableError."""
    found = some_resources(files, name)
    if len(found) != 1:
        raise UnreadableError(name, f"it has {len(found)} resources, not one")
    return found[0]


def _manager(files: Mapping[str, str]) -> Mapping[str, Any]:
    for listener in some_resources(files, "lds.json"):
        for chain in listener["filter_chains"]:
            for one in chain["filters"]:
                if "rds" in one["typed_config"]:
                    found: Mapping[str, Any] = one["typed_config"]
                    return found
    raise UnreadableError("lds.json", "no listener uses the routes")


def _mutations(manager: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    for one in manager.get("early_header_mutation_extensions", ()):
        yield from one["typed_config"].get("mutations", ())


def _address(cluster: Mapping[str, Any]) -> str:
    (endpoint,) = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
    return str(endpoint["endpoint"]["address"]["socket_address"]["address"])


def _route(content: Mapping[str, Any]) -> EnvoyRoute:
    match = content["match"]
    of_path = _path_matcher(match)
    of_headers = [(one["name"].lower(), _value_matcher(one)) for one in match.get("headers", ())]
    of_query = [(one["name"], _value_matcher(one)) for one in match.get("query_parameters", ())]

    def matches(path: str, query: str, headers: Mapping[str, str]) -> bool:
        if not of_path(path):
            return False
        if not all(test(headers.get(name)) for name, test in of_headers):
            return False
        return not of_query or all(test(paths.parameters(query).get(name)) for name, test in of_query)

    return EnvoyRoute(content.get("name", ""), content, matches)


def _path_matcher(match: Mapping[str, Any]) -> Callable[[str], bool]:
    match match:
        case {"prefix": str(prefix)}:
            return lambda path: path.startswith(prefix)
        case {"path": str(exact)}:
            return lambda path: path == exact
        case {"path_separated_prefix": str(prefix)}:
            return lambda path: path == prefix or path.startswith(f"{prefix}/")
        case {"safe_regex": {"regex": str(regex)}}:
            compiled = re.compile(regex)
            return lambda path: compiled.fullmatch(path) is not None
        case _:
            raise UnreadableError("rds.json", f"a route matches paths in a way that is not known here: {[*match]}")


def _value_matcher(condition: Mapping[str, Any]) -> Callable[[str | None], bool]:
    match condition:
        case {"present_match": True}:
            return lambda value: value is not None
        case {"string_match": {"exact": str(exact)}}:
            return lambda value: value == exact
        case {"string_match": {"safe_regex": {"regex": str(regex)}}}:
            compiled = re.compile(regex)
            return lambda value: value is not None and compiled.fullmatch(value) is not None
        case _:
            raise UnreadableError("rds.json", f"a route has a condition that is not known here: {[*condition]}")

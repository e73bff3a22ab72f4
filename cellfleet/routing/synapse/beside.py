"""What the Envoy beside Synapse does with what comes to one of its addresses, by `egress.json` alone.

The file is held to Envoy's rules of 1.40, as far as `egress` uses them: the first route that matches is taken, and a
route to a cluster that there is not, or an address that is listened at twice, keeps Envoy from starting.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cellfleet.inventory import headers
from cellfleet.routing.envoy.finder import UnreadableError
from cellfleet.routing.request import Decision
from cellfleet.routing.synapse.exits import REDIRECT

_NO_ROUTE: Final = 404


@dataclass(frozen=True, slots=True)
class Way:
    """What is done with what comes to one address."""

    name: str
    cluster: str
    service: str
    """What it says in the header."""
    redirect: str
    status: int | None
    """What it answers; None where a cluster or a redirect does."""


@dataclass(eq=False)
class Beside:
    """The Envoy as this file makes it. Raises UnreadableError where it makes none."""

    text: str
    ways: Mapping[str, Way] = field(init=False)
    """By address and port."""
    clusters: Mapping[str, str] = field(init=False)
    """The host of each."""

    def __post_init__(self) -> None:
        try:
            static = json.loads(self.text)["static_resources"]
            self.clusters = {one["name"]: _host(one) for one in static.get("clusters", ())}
            self.ways = dict(_ways(static))
        except (KeyError, TypeError, IndexError, json.JSONDecodeError) as error:
            raise UnreadableError("egress.json", f"it cannot be read: {error!r}") from None
        wanted = {way.cluster for way in self.ways.values() if way.cluster}
        if missing := sorted(wanted - self.clusters.keys()):
            raise UnreadableError("egress.json", f"a route leads to the cluster {missing[0]}, which there is not")

    def decide(self, way: Way, target: str, route: str, steps: tuple[str, ...]) -> Decision:
        """What becomes of a request, for this path and query, that Synapse has sent this way by a route of its own."""
        if not target.isascii():
            return Decision("refuse", 400, route=route, steps=(*steps, "Envoy takes no such path in HTTP/1.1"))
        name, _, rest = way.name.partition("/")
        if way.redirect:
            location = f"https://{way.redirect}{target}"
            locality = name.removeprefix(REDIRECT) if name.startswith(REDIRECT) else ""
            steps = (*steps, f"to {location}")
            return Decision("redirect", 307, location=location, locality=locality, route=route, steps=steps)
        if way.status == 503:
            steps = (*steps, "answers 503, for it is fenced" if rest else "answers 503")
            return Decision("unavailable", 503, cell=name if rest else "", route=route, steps=steps)
        if way.status is not None:
            return Decision("refuse", way.status, route=route, steps=(*steps, f"answers {way.status}"))
        address = self.clusters[way.cluster]
        cell = way.cluster.partition("/")[0]
        steps = (*steps, f"cluster {way.cluster}, {address}, by mutual TLS")
        return Decision("serve", None, cell=cell, service=way.service, upstream=address, route=route, steps=steps)


def _ways(static: Mapping[str, Any]) -> Iterator[tuple[str, Way]]:
    taken: set[str] = set()
    for listener in static.get("listeners", ()):
        manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
        _know_the_address(manager)
        made = _routes(manager["route_config"]["virtual_hosts"][0]["routes"])
        for place in (listener["address"], *(one["address"] for one in listener.get("additional_addresses", ()))):
            address = "{address}:{port_value}".format(**place["socket_address"])
            if address in taken:
                raise UnreadableError("egress.json", f"it listens at {address} twice")
            taken.add(address)
            yield address, made.get(address, made[""])


def _know_the_address(manager: Mapping[str, Any]) -> None:
    for extension in manager.get("early_header_mutation_extensions", ()):
        for one in extension["typed_config"]["mutations"]:
            said = one.get("append", {}).get("header", {})
            if said == {"key": headers.UPSTREAM, "value": "%DOWNSTREAM_LOCAL_ADDRESS%"}:
                return
    raise UnreadableError("egress.json", f"{headers.UPSTREAM} does not say which address a request came to")


def _routes(content: Sequence[Mapping[str, Any]]) -> Mapping[str, Way]:
    """What is done, by the address that a request came to; under `` for any other."""
    found: dict[str, Way] = {}
    for route in content:
        match route["match"]:
            case {"prefix": "/", "headers": [{"name": headers.UPSTREAM, "string_match": {"exact": str(address)}}]}:
                found.setdefault(address, _way(route))
            case {"prefix": "/", **more} if not more:
                return {**found, "": _way(route)}  # Envoy looks no further
            case _:
                raise UnreadableError("egress.json", f"{route.get('name')} has a condition that is not known here")
    return {**found, "": Way("no route", "", "", "", _NO_ROUTE)}


def _way(route: Mapping[str, Any]) -> Way:
    said = [one["header"] for one in route.get("request_headers_to_add", ())]
    return Way(
        route.get("name", ""),
        route.get("route", {}).get("cluster", ""),
        next((str(one["value"]) for one in said if one["key"] == headers.SERVICE), ""),
        route.get("redirect", {}).get("host_redirect", ""),
        route.get("direct_response", {}).get("status"),
    )


def _host(cluster: Mapping[str, Any]) -> str:
    (endpoint,) = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
    return str(endpoint["endpoint"]["address"]["socket_address"]["address"])

"""What Synapse cannot be told: the routes that it would serve otherwise than the table says, and why.

Synapse (getsentry/synapse, as of 2026-06) looks at a request's host and path. Hosts are compared as they are; a path's
segments are fixed or whole names, slashes at its ends do not count, and `*` takes any further ones. The first route
that matches is the one, and a name for which there is no cell is answered 404: so a tenant of another locality, whose
name no router here may have, is always refused.

A route that cannot be said is left out of Synapse's files. The requests that it would have taken may not come to a
later route that says something else of them, so that one is left out too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from cellfleet.inventory.pattern import Names, Part, Path
from cellfleet.routing.overlap import paths_meet
from cellfleet.routing.synapse.exits import MOST_CELL_IDS
from cellfleet.routing.table import RoutingTable, TableRoute

_SEGMENT: Final = re.compile(r"[A-Za-z0-9._-]*")
_NOTHING: Final = Part("")
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason why Synapse cannot serve a route."""

    key: str
    """Of the route in the inventory: `elsewhere`."""
    reason: str
    """A sentence."""
    choices: tuple[str, ...]
    """What can be done, one of them."""


def said(table: RoutingTable) -> tuple[TableRoute, ...]:
    """The routes that Synapse is told, in order."""
    found = obstacles(table)
    return tuple(route for route in table.served_by("synapse") if not found[route.position])


def cannot(route: TableRoute, table: RoutingTable) -> tuple[Obstacle, ...]:
    """Why Synapse cannot serve a route that it is to serve; nothing where it can."""
    return obstacles(table).get(route.position, ())


def obstacles(table: RoutingTable) -> Mapping[int, tuple[Obstacle, ...]]:
    """Why Synapse cannot serve them, for each route that it is to serve, by position."""
    ambiguous = _ambiguous(table)
    found: dict[int, tuple[Obstacle, ...]] = {}
    unsaid: list[TableRoute] = []
    for route in table.routes:
        if "synapse" in route.targets:
            found[route.position] = (
                *_of_host(route, table),
                *_of_path(route, table),
                *_of_conditions(route, table),
                *_of_answers(route, table),
                *_of_names(route, table, ambiguous),
                *_of_neighbours(route, table, unsaid),
            )
        if found.get(route.position, True):
            unsaid.append(route)
    return found


def _of_host(route: TableRoute, table: RoutingTable) -> Iterator[Obstacle]:
    if route.host.names:
        reason = f"Synapse compares hosts as they are, so it cannot read a {_kind(route.host.names)} in one."
        path = f"name it in the path under a fixed host, as in `{table.host}/{{{route.host.names}}}/*`"
        yield Obstacle("host", reason, (path, _envoy_alone(table)))


def _of_path(route: TableRoute, table: RoutingTable) -> Iterator[Obstacle]:
    for segment in route.path.segments:
        if segment.names and (segment.before or segment.after):
            reason = f"Synapse reads a segment as a whole, so it cannot read a part of `{segment}`."
            yield Obstacle("path", reason, (f"make `{{{segment.names}}}` the whole segment", _envoy_alone(table)))
        elif not segment.names and not _SEGMENT.fullmatch(segment.before):
            reason = f"Synapse takes letters, digits and -._ in a segment, and does not start with `{segment}`."
            yield Obstacle("path", reason, ("choose another path", _envoy_alone(table)))


def _of_conditions(route: TableRoute, table: RoutingTable) -> Iterator[Obstacle]:
    for key, conditions in (("query", route.query), ("headers", route.headers)):
        if conditions:
            told = ", ".join(f"`{name}`" for name in conditions)
            reason = f"Synapse looks at host and path alone, and so not at {told}."
            yield Obstacle(key, reason, ("tell it by host or path", _envoy_alone(table)))


def _of_answers(route: TableRoute, table: RoutingTable) -> Iterator[Obstacle]:
    if route.redirects:
        reason = "Synapse passes a request on or answers 404, and has no redirects of its own."
        yield Obstacle("redirect", reason, (_envoy_alone(table),))
    if route.named is None or route.redirects:
        return
    names = route.named.names
    answers = {other.answer for other in route.elsewhere.values()}
    if "proxy" in answers:
        reason = f"Synapse passes no request on to another locality's routers: a {_kind(names)} of one gets 404."
        yield Obstacle("elsewhere", reason, ("`elsewhere: refuse`", _envoy_alone(table)))
    if "redirect" in answers and names is not Names.CELL:
        reason = "Synapse has no names of another locality's tenants, so it refuses one with 404 and cannot redirect."
        yield Obstacle("elsewhere", reason, ("`elsewhere: refuse`", _envoy_alone(table)))
    if names is Names.CELL:
        return
    if route.unknown == "new_tenants":
        reason = (
            "Synapse's default takes every name for which it has no cell, those of other localities' tenants among "
            "them, and all names until it has read its mapping."
        )
        yield Obstacle("unknown", reason, ("`unknown: refuse`", _envoy_alone(table)))
    elif route.unknown == "locate":
        reason = (
            "Synapse asks for what has changed in its mapping and not where one tenant is, so it refuses a tenant "
            "until the registry has it."
        )
        yield Obstacle("unknown", reason, ("`unknown: refuse`", _envoy_alone(table)))


def _of_names(route: TableRoute, table: RoutingTable, ambiguous: Collection[str]) -> Iterator[Obstacle]:
    if ambiguous and route.named and route.named.names is not Names.CELL:
        told = ", ".join(f"`{name}`" for name in sorted(ambiguous)[:_SHOWN])
        more = f" and {len(ambiguous) - _SHOWN:,} more" if len(ambiguous) > _SHOWN else ""
        reason = f"Synapse has ids and slugs in one map, and {told}{more} is one tenant's id and another's slug."
        yield Obstacle("path", reason, ("give one of the two tenants another slug", _envoy_alone(table)))
    far = [cell.cell for cell in table.cells.values() if cell.id > MOST_CELL_IDS]
    if far and route.service:
        told = ", ".join(f"`{cell}`" for cell in sorted(far)[:_SHOWN])
        reason = f"There is no loopback address for a cell's id beyond {MOST_CELL_IDS:,}, as that of {told}."
        yield Obstacle("service", reason, (_envoy_alone(table),))


def _of_neighbours(route: TableRoute, table: RoutingTable, unsaid: Collection[TableRoute]) -> Iterator[Obstacle]:
    """What Synapse would give to this route, and the table to another."""
    paths = (route.path, *_twin(route.path))
    for before in unsaid:
        if _differ(before, route) and any(paths_meet(path, before.path) for path in paths):
            reason = (
                f"{before.name} takes some of the same requests first; Synapse does not serve it, and would give them "
                "to this one."
            )
            yield Obstacle("path", reason, (f"have Synapse serve {before.name} too", _envoy_alone(table)))
    for after in table.routes:
        if after.position > route.position and _differ(after, route):
            for twin in _twin(route.path):
                if paths_meet(twin, after.path):
                    reason = f"Slashes at an end do not count for Synapse: it takes `{twin}` too, {after.name}'s."
                    choices = ("end it in `/*`", "choose another path for one of them", _envoy_alone(table))
                    yield Obstacle("path", reason, choices)


def _twin(path: Path) -> tuple[Path, ...]:
    """The path with the slash at its end that it does not have, or without the one that it has."""
    if path.open or not path.segments:
        return ()
    if path.segments[-1] == _NOTHING:
        return (Path(path.segments[:-1], open=False),)
    return (Path((*path.segments, _NOTHING), open=False),)


def _differ(one: TableRoute, other: TableRoute) -> bool:
    """Whether two routes of one host lead the same request to different places.

    What they say of a tenant that has no cell here may differ: it goes nowhere.
    """
    ends = [(some.service, some.named, some.redirects) for some in (one, other)]
    return str(one.host) == str(other.host) and ends[0] != ends[1]


def _ambiguous(table: RoutingTable) -> Collection[str]:
    """Names that are one tenant's id and the slug of another, in another cell."""
    slugs, ids = (table.placements.here.get(kind, {}) for kind in (Names.TENANT, Names.TENANT_ID))
    return [name for name in slugs.keys() & ids.keys() if slugs[name] != ids[name]]


def _kind(names: Names) -> str:
    return "cell" if names is Names.CELL else "tenant"


def _envoy_alone(table: RoutingTable) -> str:
    added = "" if "envoy" in table.router.targets else f", with envoy among `routers.{table.locality}.targets`"
    return f"limit it to Envoy: `targets: [envoy]`{added}"

"""Routes that match the same requests: which of them are never taken, and where only their order decides.

Looked at are pairs of one domain, for the most specific domain counts before the order does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain, combinations

from cellfleet.inventory.finding import Finding
from cellfleet.inventory.model import Fleet
from cellfleet.routing.overlap import (
    conditions_cover,
    conditions_meet,
    part_covers,
    parts_meet,
    path_covers,
    paths_meet,
)
from cellfleet.routing.table import RoutingTable, TableRoute
from policies.routing import rules
from policies.routing.cases import request_of
from policies.routing.report import found

_NAME = "x"


def overlaps(fleet: Fleet, table: RoutingTable) -> Iterator[Finding]:
    """Routes that are hidden by earlier ones (RTE-06), or disagree with them about some requests (RTE-07)."""
    by_domain: dict[str, list[TableRoute]] = defaultdict(list)
    for route in table.routes:
        by_domain[route.host.domain].append(route)
    for first, later in chain.from_iterable(combinations(routes, 2) for routes in by_domain.values()):
        if not {*first.targets} & {*later.targets}:
            continue
        if covers(first, later):
            request = str(request_of(later, _NAME))
            message = f"{first.name} takes every request of {later.name} in {table.locality}, which stands after it"
            seen = f"{request} goes to {first.name}"
            yield found(fleet, rules.SHADOWED, later.name, message, seen, "a request that no earlier route takes")
        elif meet(first, later) and not covers(later, first) and _end(first) != _end(later):
            both = f"{first.name} and {later.name} both match some requests in {table.locality}"
            seen = f"{_of(first)} and {_of(later)}; the first counts"
            yield found(fleet, rules.AMBIGUOUS, later.name, both, seen, "one of them, or two that do the same")


def covers(one: TableRoute, other: TableRoute) -> bool:
    """Whether every request of the other route matches the one."""
    return (
        part_covers(one.host.label, other.host.label)
        and path_covers(one.path, other.path)
        and conditions_cover(one.query, other.query)
        and conditions_cover(one.headers, other.headers)
    )


def meet(one: TableRoute, other: TableRoute) -> bool:
    """Whether a request can match both."""
    return (
        parts_meet(one.host.label, other.host.label)
        and paths_meet(one.path, other.path)
        and conditions_meet(one.query, other.query)
        and conditions_meet(one.headers, other.headers)
    )


def _end(route: TableRoute) -> tuple[object, ...]:
    """What the route does with a request that it matches."""
    return route.service, route.named, route.redirects, route.unknown, route.elsewhere


def _of(route: TableRoute) -> str:
    conditions = [f"{name}={part}" for name, part in (*route.query.items(), *route.headers.items())]
    return f"{route.host}{route.path}" + (f" with {', '.join(conditions)}" if conditions else "")

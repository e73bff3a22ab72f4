"""Ask a target's files where requests go, and say where that is not where they should."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from cellfleet.inventory.finding import Finding, Rule
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pattern import Names
from cellfleet.routing.request import Decision
from cellfleet.routing.table import RoutingTable, TableRoute
from policies.routing import rules
from policies.routing.cases import Case, cases
from policies.routing.report import found
from policies.routing.samples import Samples
from policies.routing.target import Emitted


@dataclass(slots=True)
class _Wrong:
    """Requests of one route that break one rule in the same way."""

    case: Case
    decided: Decision
    places: set[str] = field(default_factory=set)


def wrong_ways(
    fleet: Fleet,
    table: RoutingTable,
    emitted: Emitted,
    routes: Iterable[TableRoute],
    samples: Callable[[Names], Samples],
) -> Iterator[Finding]:
    """A finding for each route and rule that some request breaks, with the first such request."""
    nothing = Samples((), (), ())
    for route in routes:
        broken: dict[str, _Wrong] = {}
        for case in cases(table, route, samples(route.named.names) if route.named else nothing):
            decided = emitted.router.decide(case.request)
            if rule := _broken(case, decided, emitted):
                broken.setdefault(rule.id, _Wrong(case, decided)).places.add(case.place)
        for identity, one in broken.items():
            yield _finding(fleet, table, emitted, rules.RULES[identity], one)


def of_upstreams(fleet: Fleet, table: RoutingTable, emitted: Emitted) -> Iterator[Finding]:
    """Upstreams that are missing, unused, another locality's, or a default's."""
    subject, target = f"routers.{table.locality}", emitted.target
    for name, address in emitted.upstreams.addresses.items():
        cell = name.partition("/")[0]
        if address not in emitted.allowed and (cell in table.cells_elsewhere or cell in table.hosts_elsewhere):
            message = f"{target} of {table.locality} has the upstream {name}, in another locality"
            yield found(fleet, rules.LOCALITY, subject, message, address, f"addresses in {table.locality}")
    for name in emitted.upstreams.unused:
        message = f"nothing leads to the upstream {name} of {target} in {table.locality}"
        seen = emitted.upstreams.addresses.get(name, name)
        yield found(fleet, rules.UNUSED, subject, message, seen, "upstreams that a route leads to")
    for route, name in emitted.upstreams.dangling:
        message = f"{route or target} leads to the upstream {name}, which {target} of {table.locality} does not have"
        path = route if route.startswith("routes[") else subject
        yield found(fleet, rules.DANGLING, path, message, name, "upstreams that there are")
    for where, name in emitted.upstreams.defaults:
        message = f"{target} of {table.locality} sends what it does not know to {name or 'a cell'} ({where})"
        path = where if where.startswith("routes[") else subject
        yield found(fleet, rules.DEFAULT, path, message, name or "a cell", "404, or what the route says")


def same(expected: Decision, decided: Decision) -> bool:
    """Whether a request goes where it should."""
    if (expected.outcome, expected.status) != (decided.outcome, decided.status):
        return False
    match expected.outcome:
        case "serve":
            told = (expected.cell, expected.service, expected.upstream)
            return told == (decided.cell, decided.service, decided.upstream)
        case "redirect":
            return expected.location == decided.location
        case "proxy":
            return expected.upstream == decided.upstream
        case _:
            return True


def _broken(case: Case, decided: Decision, emitted: Emitted) -> Rule | None:
    """The rule that a request breaks by going where it goes."""
    if same(case.expected, decided):
        return None
    if decided.upstream and decided.upstream not in emitted.allowed:
        return rules.LOCALITY
    if decided.outcome == "serve" and case.whose == "elsewhere":
        return rules.LOCALITY
    if case.expected.outcome == "unavailable" and decided.outcome == "serve":
        return rules.STATE
    if case.whose == "nobody" and decided.outcome == "serve":
        return rules.DEFAULT if case.name.startswith("nobody") else rules.STATE
    if decided.outcome == "unavailable" and case.expected.outcome != "unavailable":
        return rules.DANGLING
    if case.whose == "here" and decided.route not in ("", case.route.name) and case.name:
        return rules.TAKEN
    return rules.OWN_CELL


def _finding(fleet: Fleet, table: RoutingTable, emitted: Emitted, rule: Rule, wrong: _Wrong) -> Finding:
    case, decided = wrong.case, wrong.decided
    secret = fleet.tenants is not None and fleet.tenants.authority == "directory"
    # who a directory's tenants are is not for a build's log
    request = str(case.request).replace(case.name, "<a tenant>") if secret and case.name else str(case.request)
    cells = len(wrong.places) - 1
    more = f", and requests for {cells:,} more cells or localities" if cells else ""
    goes, should = _goes(decided), _goes(case.expected)
    if (decided.cell, decided.service) == (case.expected.cell, case.expected.service) and decided.outcome == "serve":
        # the cell's name is right, and what is called so is elsewhere
        goes, should = f"{goes} at {decided.upstream}", f"{should} at {case.expected.upstream}"
    message = f"{emitted.target} of {table.locality}: {request} {goes}{more}"
    return found(fleet, rule, case.route.name, message, f"it {goes}", f"it {should}")


def _goes(decision: Decision) -> str:
    by = f" by {decision.route}" if decision.route else ""
    match decision.outcome:
        case "serve":
            return f"goes to {decision.service} of {decision.cell}{by}"
        case "proxy":
            return f"is passed on to {decision.upstream}{by}"
        case "redirect":
            return f"is redirected{by}" + (f" to {decision.locality}" if decision.locality else "")
        case "locate":
            return f"is asked about{by}"
        case _:
            return f"is answered {decision.status}{by}"

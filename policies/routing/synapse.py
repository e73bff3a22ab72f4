"""What Synapse is given, read as Synapse reads it, and what is wrong with it beside the ways that requests go."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from cellfleet.inventory.finding import Finding
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pattern import Names
from cellfleet.registry.formats.synapse import ORGANIZATIONS
from cellfleet.routing.envoy.finder import UnreadableError
from cellfleet.routing.synapse.express import obstacles
from cellfleet.routing.synapse.match import Synapse
from cellfleet.routing.table import RoutingTable
from policies.routing import rules
from policies.routing.report import found
from policies.routing.target import Emitted, Upstreams


def emitted(table: RoutingTable, files: Mapping[str, str], pages: Mapping[str, bytes]) -> tuple[Synapse, Emitted]:
    """Synapse by these files, with the pages of its mapping. Raises UnreadableError."""
    mapping, localities = _mapping(pages)
    synapse = Synapse(files, mapping, localities)
    others = {route.elsewhere[name].host or "" for route in table.routes for name in route.elsewhere}
    allowed = {cell.address for cell in table.cells.values()} | {str(host) for host in others}
    upstreams = Upstreams(synapse.beside.clusters, synapse.unused, synapse.dangling, synapse.defaults)
    return synapse, Emitted("synapse", synapse, upstreams, allowed)


def unsaid(fleet: Fleet, table: RoutingTable) -> Iterator[Finding]:
    """Routes that Synapse is to serve and cannot be told, with what can be done (RTE-08)."""
    for position, reasons in obstacles(table).items():
        for obstacle in reasons:
            path = f"routes[{position}].{obstacle.key}"
            message = f"synapse of {table.locality} cannot be told routes[{position}]: {obstacle.reason}"
            choices = "; or ".join(obstacle.choices)
            measured = _written(getattr(fleet.routes[position], obstacle.key))
            yield found(fleet, rules.CANNOT, path, message, measured, "what Synapse can be told", choices)


def faults(fleet: Fleet, table: RoutingTable, synapse: Synapse) -> Iterator[Finding]:
    """What the routes and the mapping have wrong, whatever requests come."""
    subject = f"routers.{table.locality}"
    for route in synapse.routes:
        if route.resolver and (True, route.parameter) not in (route.segments or ()):
            message = f"synapse of {table.locality}: {route.resolver} reads {{{route.parameter}}} in {route.name}"
            path = route.name if route.name.startswith("routes[") else subject
            named = [text for is_parameter, text in route.segments or () if is_parameter]
            yield found(
                fleet, rules.PARAMETER, path, message, f"{{{', '.join(named)}}}" if named else "none", route.parameter
            )
    here = table.placements.here
    declared = {**here.get(Names.TENANT, {}), **here.get(Names.TENANT_ID, {})}
    missing = [name for name, cell in declared.items() if synapse.mapping.get(name) != cell]
    if missing:
        message = f"the mapping of synapse in {table.locality} has other tenants than the inventory"
        yield found(fleet, rules.MAP, subject, message, f"{len(missing):,} missing or elsewhere", f"{len(declared):,}")


def _written(value: Mapping[str, str] | str | None) -> str:
    """What a route has at one of its keys."""
    return ", ".join(f"{name}: {text}" for name, text in value.items()) if isinstance(value, Mapping) else f"{value}"


def _mapping(pages: Mapping[str, bytes]) -> tuple[dict[str, str], dict[str, str]]:
    """The cell of each id and slug, and the locality of each cell, as the locator has them after it has read all."""
    mapping: dict[str, str] = {}
    localities: dict[str, str] = {}
    name = f"{ORGANIZATIONS}/index.json"
    while True:
        try:
            page = json.loads(pages[name])
        except (KeyError, ValueError):
            raise UnreadableError(name, "the page is missing or no JSON") from None
        localities |= page["metadata"]["cell_to_locality"]
        for row in page["data"]:
            mapping[row["id"]] = mapping[row["slug"]] = row["cell"]
        if not page["metadata"]["has_more"]:
            return mapping, localities
        name = f"{ORGANIZATIONS}/{page['metadata']['cursor']}.json"

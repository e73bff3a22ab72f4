"""Names in the fleet's zone: tenants' that something else has already, hosts that no certificate or record covers."""

from __future__ import annotations

from collections.abc import Iterator

from cellfleet.inventory.finding import Finding
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pattern import Names
from cellfleet.routing.table import MOST_HOSTS, RoutingTable, TableRoute
from policies.routing import rules
from policies.routing.report import found


def taken(fleet: Fleet, table: RoutingTable) -> Iterator[Finding]:
    """Tenants called like a host of the fleet that is not theirs."""
    hosts = {locality.host: f"localities.{name}.host" for name, locality in fleet.localities.items()}
    shared = fleet.settings.shared_services.items()
    hosts |= {service.host: f"fleet.shared_services.{name}.host" for name, service in shared}
    hosts |= {f"cells.{fleet.settings.domain}": "fleet.domain"}
    for route in table.routes:
        if route.host.names in (Names.TENANT, Names.TENANT_ID):
            names = table.placements.here.get(route.host.names, {})
            for host, path in hosts.items():
                if (name := _name_in(route, host)) in names:
                    message = f"a tenant of {table.locality} is called {name}, and {route.name} would have it at {host}"
                    yield found(fleet, rules.TAKEN, path, message, host, "a host that no tenant's name makes")


def uncertified(fleet: Fleet, table: RoutingTable, names: tuple[str, ...]) -> Iterator[Finding]:
    """Hosts that no name of the routers' certificate covers, and too many names."""
    exact = {name.lower() for name in names}
    for route in table.routes:
        host = route.host.holding("x")
        if host not in exact and f"*.{host.partition('.')[2]}" not in exact:
            message = f"no certificate of the routers of {table.locality} covers {route.host}"
            yield found(
                fleet, rules.CERTIFICATE, f"{route.name}.host", message, ", ".join(sorted(exact)), str(route.host)
            )
    if len(names) > MOST_HOSTS:
        message = f"the routers of {table.locality} answer for more hosts than a certificate has names"
        yield found(fleet, rules.CERTIFICATE, f"routers.{table.locality}", message, f"{len(names)}", f"{MOST_HOSTS}")


def _name_in(route: TableRoute, host: str) -> str:
    """The name that would stand in the route's host where it were this one; empty where none."""
    label, _, rest = host.partition(".")
    part = route.host.label
    if rest != route.host.rest or not (label.startswith(part.before) and label.endswith(part.after)):
        return ""
    return label[len(part.before) : len(label) - len(part.after)]

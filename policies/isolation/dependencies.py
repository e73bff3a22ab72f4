"""ISO-03: what a cell depends on is listed under `fleet.shared_services`, and little of it is needed at run time.

A cell may also depend on what is its own (its address, its database, its cluster), on its own cloud, and on the
authorities that sign its certificate, which it needs once in 60 days, 30 days ahead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, ip_network
from typing import Final

from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.stack import Kind
from cellfleet.inventory.types import Provider
from policies.isolation import rules
from policies.isolation.argument import mapping, violation
from policies.isolation.hosts import hosts, registry
from policies.resource import Resource, Resources
from policies.rule import Facts, Violation

OF_ITS_CLOUD: Final = {
    Provider.AWS: ("amazonaws.com", "aws", "amazontrust.com"),
    Provider.GCP: ("googleapis.com", "google.internal", "pkg.dev", "goog"),
    Provider.AZURE: ("azure.com", "windows.net", "azure.net", "azurecr.io", "mcr.microsoft.com"),
    Provider.KUBERNETES: (),
}
"""The domains of each cloud's own services; a cell is on its cloud, and goes down with it."""
AUTHORITIES: Final = ("acme-v02.api.letsencrypt.org", "dv.acme-v02.api.pki.goog")
"""Who signs cells' certificates."""
OF_ITS_CLUSTER: Final = ("svc", "cluster.local", "localhost")
_LINK_LOCAL: Final = IPv4Network("169.254.0.0/16")
_ON_THE_INTERNET: Final = (53, 443, 6443)
"""DNS, HTTPS and an API server: what has no address that a policy could name."""
_OPERATORS: Final = ("cert-manager", "envoy-gateway-system")
"""Namespaces that talk to their cluster's API server, which may have any address."""
_LIST: Final = "list it under fleet.shared_services"


def shared_services(facts: Facts) -> Iterator[Violation]:
    """More services that are needed at run time than a fleet may have, and images from a host that is not listed."""
    services = facts.fleet.settings.shared_services
    needed = [name for name, service in services.items() if service.needed_at_run_time]
    most = facts.number(rules.DEPENDENCIES, "at_run_time")
    if len(needed) > most:
        message = f"cells need {len(needed)} shared services at run time, each of which can take down all of them"
        path = ("fleet", "shared_services")
        yield Violation(rules.DEPENDENCIES, path, message, ", ".join(needed), f"at most {most:g}", at_key=True)
    listed = {service.host for service in services.values()}
    for name, service in facts.fleet.services.items():
        if (host := registry(service.image)) not in listed:
            message = f"the image of {name} comes from {host}, which is no shared service"
            limit = ", ".join(sorted(listed)) or "no host is listed"
            yield Violation(
                rules.DEPENDENCIES, ("services", name, "image"), message, host, limit, f"{_LIST}, or move it"
            )


def depends_on_listed(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """Hosts and ranges that a cell's Kubernetes objects depend on and nobody listed."""
    cell = facts.fleet.cells.get(resources.stack.subject)
    if not isinstance(cell, ManagedCell) or resources.stack.kind not in (Kind.CELL, Kind.WORKLOAD):
        return
    addresses = {facts.fleet.address_of(other): other.name for other in facts.fleet.cells.values()}
    listed = _allowed(facts.fleet, cell)
    named = ", ".join(service.host for service in facts.fleet.settings.shared_services.values()) or "no host"
    limit = f"{named}; what is the cell's own and its cloud's"
    for resource in resources.every:
        if not resource.type.startswith("kubernetes:"):
            continue
        for path, host in dict.fromkeys(hosts(resource)):
            if _is_below(host, (facts.fleet.address_of(cell),)) or _is_own_address(host, cell):
                continue
            other = next((name for address, name in addresses.items() if _is_below(host, (address,))), "")
            if other or not _is_below(host, listed):
                seen = "a host" if path.split(".")[0].split("[")[0] in resource.secrets else host
                fault = f"depends on the cell {other}" if other else f"depends on {seen}, which is no shared service"
                concerns = (f"cells.{other}",) if other else ()
                yield violation(
                    *(rules.DEPENDENCIES, resources, resource, fault, f"{path}: {seen}", limit),
                    remedy="remove it; no cell depends on another" if other else "",
                    concerns=concerns,
                )
    for policy in resources.of("kubernetes:networking.k8s.io/v1:NetworkPolicy"):
        for measured in _egress(facts.fleet, cell, policy):
            fault = "lets pods out to what is neither the cell's nor a shared service"
            limit = f"{cell.cidr}, its pods, or HTTPS to addresses outside the supernets"
            remedy = "let pods out to the cell's own ranges, and by HTTPS to what is in no supernet"
            yield violation(rules.DEPENDENCIES, resources, policy, fault, measured, limit, remedy)


def _allowed(fleet: Fleet, cell: ManagedCell) -> tuple[str, ...]:
    listed = [service.host for service in fleet.settings.shared_services.values()]
    # The object store of a cluster that one already has, as docs/kubernetes-cells.md has it named.
    regions = {cell.region, cell.backup.region} if cell.provider is Provider.KUBERNETES else set[str]()
    stores = [f"objects.{region}.{fleet.settings.domain}" for region in sorted(regions)]
    return (*listed, *stores, *OF_ITS_CLOUD[cell.provider], *AUTHORITIES, *OF_ITS_CLUSTER)


def _is_below(host: str, domains: Sequence[str]) -> bool:
    host = host.split(":")[0]
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _is_own_address(host: str, cell: ManagedCell) -> bool:
    network = _network(host)
    own = (cell.cidr, cell.pod_cidr, _LINK_LOCAL, IPv4Network("127.0.0.0/8"), IPv4Network("0.0.0.0/32"))
    return network is not None and any(network.subnet_of(one) for one in own)


def _egress(fleet: Fleet, cell: ManagedCell, policy: Resource) -> Iterator[str]:
    """The ranges and ports of a policy that lead out of the cell to somewhere that nobody declared."""
    spec, metadata = mapping(policy.inputs.get("spec")), mapping(policy.inputs.get("metadata"))
    for allowed in spec.get("egress") or []:
        ports = [mapping(port).get("port") for port in mapping(allowed).get("ports") or []]
        peers = mapping(allowed).get("to") or []
        if not isinstance(peers, list):
            continue
        on_the_internet = bool(ports) and all(port in _ON_THE_INTERNET for port in ports)
        shown = ", ".join(f"{port:g}" if isinstance(port, float | int) else str(port) for port in ports) or "any port"
        if not peers and not (on_the_internet and metadata.get("namespace") in _OPERATORS):
            yield f"anywhere, on {shown}"
        for peer in peers:
            block = mapping(mapping(peer).get("ipBlock"))
            network = _network(str(block.get("cidr", "")))
            if network is None or any(network.subnet_of(one) for one in (cell.cidr, cell.pod_cidr, _LINK_LOCAL)):
                continue
            but = [one for one in map(_network, map(str, block.get("except") or [])) if one is not None]
            others = [one for one in fleet.settings.supernets if one.overlaps(network)]
            left = [one for one in others if not any(one.subnet_of(out) or network.subnet_of(out) for out in but)]
            if left or not on_the_internet:
                yield f"{network} on {shown}"


def _network(text: str) -> IPv4Network | None:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    return network if isinstance(network, IPv4Network) else None

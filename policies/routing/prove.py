"""The proof of a fleet's routing: what every locality's targets are given is asked where requests go.

The files are made as `render` makes them, and read as the target reads them. What is asked about are some names for
each route and cell, so a proof takes as long as routes times cells, and beside that one pass over the tenants, in which
the maps are held against the inventory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cellfleet.failure import Failure
from cellfleet.inventory.finding import Finding
from cellfleet.inventory.model import Fleet, Target
from cellfleet.inventory.pattern import Names
from cellfleet.inventory.pseudonym import Key
from cellfleet.routing import envoy as envoy_target
from cellfleet.routing import synapse as synapse_target
from cellfleet.routing.envoy.finder import UnreadableError
from cellfleet.routing.placements import TenantNames
from cellfleet.routing.synapse.express import said
from cellfleet.routing.table import RoutingTable, table_of
from policies.routing import declared, envoy, names, overlap, records, rules, sizes, synapse, ways
from policies.routing.report import found
from policies.routing.samples import Samples, of_cells, of_tenants
from policies.routing.sizes import Room

if TYPE_CHECKING:
    from cellfleet.inventory.tenants.columns import Tenants


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found, sorted by place, and how much room there is."""

    findings: tuple[Finding, ...]
    room: tuple[Room, ...]


def prove(fleet: Fleet, tenants: Tenants | None, key: Key) -> Proof:
    """Prove what would be emitted for every locality and target."""
    findings = [*declared.declared(fleet), *declared.tenants_by_locality(fleet, tenants), *records.faults(fleet)]
    room: list[Room] = [*sizes.of_zone(fleet)]
    names_of_tenants = TenantNames(fleet, tenants, key)
    for locality in fleet.routers:
        table = table_of(fleet, locality, names_of_tenants)
        findings += of_table(fleet, table)
        for target in table.router.targets:
            files = emit(target, table)
            pages = synapse_pages(fleet, table, tenants) if target == "synapse" else {}
            findings += of_target(fleet, table, tenants, target, files, pages)
            room += sizes.of_files(fleet, table, target, files)
    findings += [sizes.finding(fleet, one) for one in room if one.used > one.limit]
    return Proof(tuple(sorted({*findings}, key=lambda one: (one.location, one.rule, one.message))), tuple(room))


def of_table(fleet: Fleet, table: RoutingTable) -> Iterator[Finding]:
    """What is wrong with one locality's routes and names, whatever the target."""
    yield from declared.of_table(fleet, table)
    yield from overlap.overlaps(fleet, table)
    yield from names.taken(fleet, table)
    yield from names.uncertified(fleet, table, table.hosts)


def emit(target: Target, table: RoutingTable) -> Mapping[str, str]:
    """The files of one target."""
    return envoy_target.files(table) if target == "envoy" else synapse_target.files(table)


def synapse_pages(fleet: Fleet, table: RoutingTable, tenants: Tenants | None) -> Mapping[str, bytes]:
    """The mapping that Synapse's locator fetches; none where it cannot be said, which `express` tells."""
    from cellfleet.registry.formats.synapse import emit as pages

    try:
        return pages(fleet, table.locality, tenants)
    except Failure:
        return {}


def of_target(
    fleet: Fleet,
    table: RoutingTable,
    tenants: Tenants | None,
    target: Target,
    files: Mapping[str, str],
    pages: Mapping[str, bytes] | None = None,
) -> Iterator[Finding]:
    """What is wrong with one target's files."""

    @cache
    def samples(kind: Names) -> Samples:
        return of_cells(fleet, table) if kind is Names.CELL else of_tenants(fleet, table, tenants, kind)

    try:
        if target == "envoy":
            read, emitted = envoy.emitted(table, files)
            yield from envoy.faults(fleet, table, read)
            routes = table.served_by("envoy")
        else:
            yield from synapse.unsaid(fleet, table)
            reader, emitted = synapse.emitted(table, files, pages or {})
            yield from synapse.faults(fleet, table, reader)
            routes = said(table)
    except UnreadableError as error:
        message = f"{target} of {table.locality} does not start with its files: {error}"
        path, limit = f"routers.{table.locality}", f"files that {target} can be started with"
        yield found(fleet, rules.STARTS, path, message, error.reason, limit)
        return
    yield from ways.of_upstreams(fleet, table, emitted)
    yield from ways.wrong_ways(fleet, table, emitted, routes, samples)

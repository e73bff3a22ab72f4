"""Whether a cell survives the loss of a zone (CAP-07): as it is declared, and as its machines and databases are made.

What is declared is a floor: a program that puts all machines or the only copy of the database into one zone is a cell
of one zone, whatever the inventory says. Cells that take tenants are asked, and those that are going to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cellfleet.inventory.model import ManagedCell
from cellfleet.inventory.stack import Kind
from cellfleet.inventory.types import State
from policies.capacity.inputs import items, mapping, whole
from policies.capacity.rules import ZONES
from policies.resource import Resource, Resources, known
from policies.rule import Facts, Violation

_ASKED: Final = (State.PLANNED, State.PROVISIONING, State.ACTIVE)


def cells_are_in_two_zones(facts: Facts) -> Iterator[Violation]:
    """CAP-07, as declared."""
    least = facts.number(ZONES, "zones")
    for cell in facts.fleet.managed():
        if cell.state in _ASKED and len(set(cell.zones)) < least:
            yield Violation(
                ZONES,
                ("cells", cell.name, "zones"),
                f"{cell.name} is in {_counted(len(set(cell.zones)))}, and down with it",
                measured=f"{len(set(cell.zones))}: {', '.join(cell.zones)}",
                limit=f"{least:g} or more",
                remedy=f"give the cell another zone of {cell.region}",
            )


def programs_use_two_zones(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """CAP-07, of what a cell's stack makes: its machines, and the copies of its database."""
    cell = facts.fleet.cells.get(resources.stack.subject)
    least = facts.number(ZONES, "zones")
    if resources.stack.kind is not Kind.CELL or not isinstance(cell, ManagedCell):
        return
    if cell.state not in _ASKED or len(set(cell.zones)) < least:
        return
    places = [*_machines(resources)]
    if facts.fleet.class_of(cell).database.replicas or cell.provider in ("gcp", "azure"):
        places += _databases(resources, cell)
    for what, resource, zones in places:
        if len(zones) < least:
            yield Violation(
                ZONES,
                ("cells", cell.name, "zones"),
                f"{what} of {cell.name} are in {_counted(len(zones))}; the cell is declared in {len(cell.zones)}",
                measured=", ".join(sorted(zones)) or "one zone",
                limit=f"{least:g} zones or more, of {', '.join(cell.zones)}",
                remedy="spread them over all zones of the cell",
                resource=resource.urn,
            )


_Placed = tuple[str, Resource, set[str]]


def _machines(resources: Resources) -> Iterator[_Placed]:
    """Each group of machines with its zones; those of whom not all are known are left out."""
    for group in resources.of("aws:eks/nodeGroup:NodeGroup"):
        zones = [subnet.inputs.get("availabilityZone") for subnet in resources.sources(group, "subnetIds")]
        if zones and all(map(known, zones)):
            yield "the machines", group, {*map(str, zones)}
    for pool in resources.of("gcp:container/nodePool:NodePool"):
        locations = items(pool.inputs.get("nodeLocations"))
        if locations and all(map(known, locations)):
            yield "the machines", pool, {*map(str, locations)}
    pools = [*resources.of("azure-native:containerservice:AgentPool")]
    zones = [zone for pool in pools for zone in items(pool.inputs.get("availabilityZones"))]
    if pools and all(map(known, zones)):
        yield "the machines", pools[0], {*map(str, zones)}


def _databases(resources: Resources, cell: ManagedCell) -> Iterator[_Placed]:
    """Each writer with the zones of its copies; standbys in another region are left out."""
    instances: dict[tuple[str, ...], list[Resource]] = {}
    for instance in resources.of("aws:rds/clusterInstance:ClusterInstance"):
        provider = resources.provider_of(instance)
        if provider is not None and provider.inputs.get("region") == cell.region:
            owner = instance.property_dependencies.get("clusterIdentifier", ())
            instances.setdefault(tuple(owner), []).append(instance)
    for some in instances.values():
        zones = [instance.inputs.get("availabilityZone") for instance in some]
        if all(map(known, zones)):
            yield "the database's instances", some[0], {*map(str, zones)}
    for writer in resources.of("gcp:sql/databaseInstance:DatabaseInstance"):
        of = writer.inputs.get("masterInstanceName")
        if not resources.sources(writer, "masterInstanceName") and not (known(of) and of):
            settings = mapping(writer.inputs.get("settings"))
            if known(kind := settings.get("availabilityType", "ZONAL")):
                yield "the database's copies", writer, {*cell.zones[:2]} if kind == "REGIONAL" else {cell.zones[0]}
    for server in resources.of("azure-native:dbforpostgresql:Server"):
        if server.inputs.get("createMode", "Create") == "Create":
            ha = server.inputs.get("highAvailability")
            here, mode = str(server.inputs.get("availabilityZone", "1")), mapping(ha).get("mode")
            if ha is None or known(mode):
                there = str(mapping(ha).get("standbyAvailabilityZone", "another"))
                yield "the database's copies", server, {here, there} if mode == "ZoneRedundant" else {here}
    for cluster in resources.of("kubernetes:postgresql.cnpg.io/v1:Cluster"):
        spec = mapping(cluster.inputs.get("spec"))
        affinity = mapping(spec.get("affinity"))
        spread = (
            affinity.get("podAntiAffinityType") == "required"
            and affinity.get("topologyKey") == "topology.kubernetes.io/zone"
            and affinity.get("enablePodAntiAffinity", True)
        )
        if "bootstrap" in spec and "initdb" in mapping(spec["bootstrap"]) and known(spec.get("instances", 1)):
            copies = whole(spec.get("instances", 1)) if spread else 1
            yield "the database's instances", cluster, {*cell.zones[:copies]}


def _counted(zones: int) -> str:
    return "one zone" if zones <= 1 else f"{zones} zones"

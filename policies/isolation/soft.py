"""ISO-12: a cell that is isolated softly shares a cluster, and so keeps to namespaces of its own, bounded, and never in
production; a cell on a cloud has a cluster of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cellfleet.inventory.model import Fleet, ManagedCell
from cellfleet.inventory.stack import Kind
from cellfleet.inventory.types import OWN_PARTS, Isolation, Provider
from policies.isolation import rules
from policies.isolation.argument import mapping, violation
from policies.isolation.endpoints import AKS, EKS, GKE
from policies.isolation.values import at
from policies.resource import UNKNOWN, Resource, Resources
from policies.rule import Facts, Violation

_REMEDY: Final = "keep to bounded namespaces that start with the cell's name, or set `isolation: hard`"
PRODUCTION: Final = "production"
CLUSTERS: Final = {Provider.AWS: EKS, Provider.GCP: GKE, Provider.AZURE: AKS}
BEARING_ITS_NAME: Final = {
    "Namespace": "what a cell is made of",
    "PriorityClass": "only orders pods, as far as it is nobody's default",
    "GatewayClass": "is a name for a controller",
    "ClusterRole": "grants nothing before it is bound",
}
"""Kinds that are in no namespace and that a soft cell may make, under its own name, and why."""
BOUNDS: Final = ("ResourceQuota", "LimitRange")
_POLICY: Final = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
_NAME: Final = "kubernetes.io/metadata.name"
"""The label of each namespace that is its name."""


def namespaces(fleet: Fleet, cell: ManagedCell) -> frozenset[str]:
    """Every namespace that a cell on a cluster of somebody's has there (components.kubernetes.names)."""
    return frozenset(f"{cell.name}-{part}" for part in (*OWN_PARTS, *fleet.services))


def soft_cells(facts: Facts) -> Iterator[Violation]:
    """Soft cells where all have to be hard, and cells whose namespaces are not theirs alone."""
    taken: dict[tuple[str, str], str] = {}
    for cell in facts.fleet.managed():
        if cell.isolation is Isolation.SOFT and facts.fleet.settings.environment == PRODUCTION:
            yield Violation(
                rules.SOFT,
                ("cells", cell.name, "isolation"),
                f"{cell.name} is isolated softly in {PRODUCTION}",
                "isolation: soft",
                "isolation: hard",
            )
        others = {
            other
            for context in cell.contexts
            for namespace in namespaces(facts.fleet, cell)
            if (other := taken.setdefault((context, namespace), cell.name)) != cell.name
        }
        for other in sorted(others):
            shared = sorted(namespaces(facts.fleet, cell) & namespaces(facts.fleet, _managed(facts.fleet, other)))
            yield Violation(
                rules.SOFT,
                ("cells", cell.name),
                f"{cell.name} and {other} would have the same namespace on the cluster that they share",
                ", ".join(shared),
                "namespaces of one cell",
                "give one of them another name, or a cluster of its own",
                at_key=True,
                concerns=(f"cells.{other}",),
            )


def _managed(fleet: Fleet, name: str) -> ManagedCell:
    cell = fleet.cells[name]
    assert isinstance(cell, ManagedCell)
    return cell


def keeps_to_itself(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """What a soft cell makes outside its namespaces, or unbounded; and cells on clouds without a cluster."""
    cell = facts.fleet.cells.get(resources.stack.subject)
    if not isinstance(cell, ManagedCell) or resources.stack.kind not in (Kind.CELL, Kind.WORKLOAD):
        return
    if cell.isolation is Isolation.HARD:
        # What is deployed may be half of a cell, whose cluster is still to come or has gone already.
        if resources.stack.kind is Kind.CELL and cell.provider in CLUSTERS and not resources.deployed:
            yield from _own_cluster(resources, cell)
        return
    own = namespaces(facts.fleet, cell)
    bounded = {kind: {_namespace(each) for each in _of_kind(resources, kind)} for kind in BOUNDS}
    for resource in resources.every:
        if resource.custom and resource.type.startswith("kubernetes:"):
            for fault, measured, limit in _wrong(resource, cell, own, bounded):
                yield violation(rules.SOFT, resources, resource, fault, measured, limit, _REMEDY)
    for policy in resources.of(_POLICY):
        for measured in _to_neighbours(facts.fleet, cell, policy):
            fault = "opens the cell to pods of whoever else is on the shared cluster"
            remedy = f"select namespaces by `cell: {cell.name}`, or by {_NAME}"
            yield violation(rules.SOFT, resources, policy, fault, measured, "namespaces that it names", remedy)


def _to_neighbours(fleet: Fleet, cell: ManagedCell, policy: Resource) -> Iterator[str]:
    """Selectors of a policy that another cell's namespaces fit, those of cells to come among them."""
    neighbours = (one for one in fleet.managed() if one is not cell and {*one.contexts} & {*cell.contexts})
    others = {name for one in neighbours for name in namespaces(fleet, one)}
    for path in ("ingress.from", "egress.to"):
        for selector in at(policy.inputs, f"spec.{path}.namespaceSelector"):
            labels = mapping(selector).get("matchLabels") or {}
            if UNKNOWN in (selector, labels) or labels.get("cell") in (cell.name, UNKNOWN):
                continue
            named = {labels.get(_NAME), *_listed(mapping(selector).get("matchExpressions"))} - {None}
            if not named or named & others:
                yield f"spec.{path}.namespaceSelector: {', '.join(sorted(map(str, named & others))) or 'any of them'}"


def _listed(expressions: Any) -> Iterator[Any]:
    """The names that expressions hold a namespace to."""
    for one in expressions if isinstance(expressions, list) else ():
        if mapping(one).get("key") == _NAME and one.get("operator") == "In":
            yield from one.get("values") or []


def _own_cluster(resources: Resources, cell: ManagedCell) -> Iterator[Violation]:
    kind = CLUSTERS[cell.provider]
    if not any(resources.of(kind)):
        message = f"{cell.name} has no cluster in its stack {resources.stack.name}, so it would run on another's"
        yield Violation(rules.SOFT, ("cells", cell.name), message, "none", f"one {kind}", "make it in the cell's stack")


def _wrong(
    resource: Resource, cell: ManagedCell, own: frozenset[str], bounded: Mapping[str, set[Any]]
) -> Iterator[tuple[str, str, str]]:
    kind, namespace, name = resource.type.rpartition(":")[2], _namespace(resource), _named(resource)
    if kind == "Release":
        yield "may make whatever its chart says, anywhere on the shared cluster", "a chart", "objects of the cell's own"
    elif namespace is not None:
        if namespace not in own and namespace is not UNKNOWN:
            yield "is outside the cell's namespaces", f"namespace: {namespace}", ", ".join(sorted(own))
    elif kind not in BEARING_ITS_NAME:
        yield "is the whole cluster's, which the cell shares", kind, "objects in the cell's own namespaces"
    elif name is not UNKNOWN and not str(name).startswith(f"{cell.name}-"):
        yield "has a name that is not the cell's own", f"name: {name}", f"{cell.name}-…"
    elif kind == "PriorityClass" and resource.inputs.get("globalDefault") is True:
        yield "is the default of all pods of the shared cluster", "globalDefault: true", "false"
    elif kind == "Namespace" and name is not UNKNOWN:
        for bound in BOUNDS:
            if name not in bounded[bound]:
                yield "has no bound on what it takes of the shared cluster", f"no {bound}", f"a {bound}"


def _of_kind(resources: Resources, kind: str) -> Iterator[Resource]:
    return resources.of(f"kubernetes:core/v1:{kind}")


def _namespace(resource: Resource) -> Any:
    """Where an object is; None where it is in no namespace."""
    if "metadata" not in resource.inputs:
        return resource.inputs.get("namespace")
    metadata = resource.inputs["metadata"]
    return metadata.get("namespace") if isinstance(metadata, Mapping) else UNKNOWN


def _named(resource: Resource) -> Any:
    metadata = resource.inputs.get("metadata")
    return (metadata.get("name") or UNKNOWN) if isinstance(metadata, Mapping) else UNKNOWN

"""RTE: the rules of routing, which `check --routes` proves on what was emitted for each locality and target.

An id is never used again for another rule.
"""

from __future__ import annotations

from typing import Final

from cellfleet.inventory.finding import Number, Rule, Scope, Severity


def _rule(
    number: int,
    title: str,
    why: str,
    remedy: str,
    severity: Severity = Severity.ERROR,
    *,
    numbers: tuple[Number, ...] = (),
    waivable: bool = True,
) -> Rule:
    return Rule(f"RTE-{number:02}", title, severity, why, remedy, (Scope.ROUTING,), numbers, waivable)


OWN_CELL: Final = _rule(
    1,
    "Each tenant and each cell is reached in its own cell",
    "A request in another tenant's cell finds nothing there, or writes where nobody looks for it.",
    "see how the request goes with `cellfleet route`, and correct the route that takes it",
)
LOCALITY: Final = _rule(
    2,
    "No request is served in another locality than its tenant's",
    "A tenant's data never leaves its locality's residency.",
    "take the other locality's cell out of the files, or redirect the request there",
)
DANGLING: Final = _rule(
    3,
    "Every upstream that a route leads to is there",
    "A request that is sent to no upstream is lost, though its cell is well.",
    "render the files anew; an upstream is there for each routed cell and service",
)
UNUSED: Final = _rule(
    4,
    "Every upstream is led to by a route",
    "What nothing leads to is a cell that was forgotten in a route, or a way around it.",
    "add the route that is missing, or render the files anew",
)
DEFAULT: Final = _rule(
    5,
    "No default catches a name that is not known",
    "A tenant that a map lacks would silently be served by another's cell, or in another country.",
    "answer unknown names with `unknown: refuse`, or take the default out of the files",
)
SHADOWED: Final = _rule(
    6,
    "No route is hidden behind an earlier one",
    "The first route that matches counts, so a later one for fewer requests is never taken.",
    "put the route for fewer requests first, or remove it",
)
AMBIGUOUS: Final = _rule(
    7,
    "No two routes disagree on some requests",
    "Which of the two is meant for a request that both match only their order tells.",
    "make one of them match less, or check that the order is meant",
    Severity.WARNING,
)
CANNOT: Final = _rule(
    8,
    "A target can say all of its routes",
    "A route that a target cannot express would be missing there.",
    "limit the route to targets that can, with `targets:`, or write it in another way",
)
PARAMETER: Final = _rule(
    9,
    "A target can read what its routes name",
    "A parameter with another name than the target reads names nobody.",
    "render the files anew, or call the parameter what the target reads",
)
STATE: Final = _rule(
    10,
    "Only cells that serve are routed, and a fenced one answers 503",
    "A cell that is not ready, or is gone, has no answer; one that is fenced must not get requests.",
    "see its state and `fenced` in the inventory, and render the files anew",
)
CERTIFICATE: Final = _rule(
    11,
    "Every host is under a certificate of the routers'",
    "A client does not go on where the certificate is another's; a wildcard covers one label.",
    "serve hosts of one label below the wildcard's, or render the files anew",
)
SIZE: Final = _rule(
    12,
    "What routers are given fits",
    "What is larger than its place is not taken, and routers stay as they were, or run out of memory.",
    "let routers ask a directory (`unknown: locate`), or split the locality",
    numbers=(
        Number("config_map_bytes", 1024 * 1024, "bytes that one ConfigMap holds", 1),
        Number("map_files", 24, "parts of a map, each up to 384 KiB", 1),
        Number("memory_mib", 4096, "MiB of memory that a router may need", 1),
        Number("zone_records", 10_000, "record sets that the fleet's zone holds", 1),
    ),
)
RESIDENCY: Final = _rule(
    13,
    "Requests are passed on only inside their tenant's residency",
    "Routers that pass on a request see it, so they have to be where its tenant's data may be. Nothing waives this.",
    "redirect (`elsewhere: redirect`), so that the client goes there itself",
    waivable=False,
)
REDIRECT: Final = _rule(
    14,
    "A redirect leads elsewhere",
    "A host that is the same in every locality would be redirected to itself.",
    "put {locality} into the host, or refuse (`elsewhere: refuse`)",
)
LOCATOR: Final = _rule(
    15,
    "A route that asks a directory has one to ask",
    "With nobody to ask, every unknown tenant would get 503.",
    "say where it is in the locality's routers: `locator: https://…`",
)
STARTS: Final = _rule(
    16,
    "A target starts with its files",
    "A router that refuses its files stays as it was, or does not come up.",
    "render the files anew",
)
TAKEN: Final = _rule(
    17,
    "A tenant's name is not taken by a host or a path",
    "What is fixed comes before what is a name, so a tenant called so is never reached.",
    "give the tenant another slug, or the fixed part another name",
)
WRITTEN: Final = _rule(
    18,
    "A tenant's name can be written where its route has it",
    "Hosts have no upper case and no underscore, so such an id cannot stand in one.",
    "name the tenant in the path, or by its slug",
)
STRANDED: Final = _rule(
    19,
    "Every tenant is in a cell that is routed",
    "A tenant in a cell that is not routed gets 404.",
    "move the tenants first, or let the cell serve (active, cordoned or draining)",
)
MAP: Final = _rule(
    20,
    "The map that routers have is the inventory's",
    "A tenant that a map lacks is unknown; one with another cell is in it.",
    "render the files anew",
)
SERVED: Final = _rule(
    21,
    "Every locality that has tenants has routers with a name",
    "Nothing answers at a host without routers.",
    "declare the locality under `routers:`, with its addresses",
    Severity.WARNING,
)
PLACE: Final = _rule(
    22,
    "Routers and their registry are inside the locality's residency",
    "They hold the names of its tenants, and see their requests.",
    "choose a region in one of the locality's countries",
)
CLUSTERS: Final = _rule(
    23,
    "Routers run in two clusters or more, none of them a cell's",
    "Routers that fail with a cluster or a cell take all of a locality with them.",
    "give the locality's routers clusters of their own",
)
RECORD: Final = _rule(
    24,
    "Every host leads to its own locality's routers",
    "A host without a record is not found; one that leads to another locality is answered there.",
    "see the locality's `host` and `addresses`, and the hosts of the routes",
)

RULES: Final = {
    rule.id: rule
    for rule in (
        *(OWN_CELL, LOCALITY, DANGLING, UNUSED, DEFAULT, SHADOWED, AMBIGUOUS, CANNOT, PARAMETER, STATE, CERTIFICATE),
        *(SIZE, RESIDENCY, REDIRECT, LOCATOR, STARTS, TAKEN, WRITTEN, STRANDED, MAP, SERVED, PLACE, CLUSTERS, RECORD),
    )
}
"""Every rule of routing, by id."""

"""CAP: the rules of capacity. An id is never used again for another rule.

Each number is a default that a fleet sets otherwise in its inventory: `policies: {CAP-01: {warn: 0.75}}`. What they ask
for together of small localities, and why they do not contradict each other, is in docs/capacity.md.
"""

from __future__ import annotations

from typing import Final

from cellfleet.inventory.finding import Number, Rule, Scope, Severity

_FLEET: Final = (Scope.FLEET,)
_BOTH: Final = (Scope.FLEET, Scope.RESOURCES)


def _rule(
    number: int,
    title: str,
    why: str,
    remedy: str,
    *numbers: Number,
    scope: tuple[Scope, ...] = _FLEET,
) -> Rule:
    return Rule(f"CAP-{number:02}", title, Severity.ERROR, why, remedy, scope, numbers)


def _share(name: str, default: float, meaning: str) -> Number:
    return Number(name, default, meaning, 0, 1)


FILL: Final = _rule(
    1,
    "A cell holds no more tenants and storage than its class is for",
    "A full cell is slow for all its tenants, and one that still takes new ones is full sooner than anyone acts.",
    "cordon the cell, and move tenants or give it a larger class",
    _share("warn", 0.80, "share of the class's tenants or storage at which a cell is warned of"),
    _share("cordon", 0.85, "share at which a cell is to take no new tenants"),
    Number("fail", 1.00, "share at which a cell is full, whether or not it takes new tenants", 0, 10),
)
PEAK: Final = _rule(
    2,
    "A cell's planned peak of requests leaves room in its class",
    "Peaks are estimates, and a zone that is lost, a retry storm or a release under way needs what is left.",
    "move tenants to another cell, or give this one a larger class",
    _share("peak", 0.70, "share of the class's requests that the tenants' peaks may add up to"),
)
LOSS: Final = _rule(
    3,
    "The tenants of any shared cell have somewhere to go, and a dedicated cell a standby",
    "A cell that is lost for good is restored into the others, or its tenants wait until somebody builds another.",
    "add a cell to the locality, or give cells a larger class",
    Number("headroom", 1.1, "times its load that the other cells have room for, when a cell is lost", 1),
    Number("full", 1.0, "share of their class up to which the other cells are filled then", 0, 10),
)
SHARE: Final = _rule(
    4,
    "No cell is too great a part of its locality",
    "What one cell is of a locality, its loss takes from it; more small cells are hit less hard than few large ones.",
    "give the cell a smaller class, or the locality more cells",
    _share("share", 0.15, "share of the locality's capacity that a cell may be, however many cells there are"),
    Number("fair", 1.5, "times its fair share, 1 of n cells, that a cell may be, where that is more", 1),
)
TENANT: Final = _rule(
    5,
    "No tenant is a great part of a shared cell",
    "One tenant's peak becomes everybody's, and what is large fits into few other cells.",
    "give the tenant a dedicated cell, or move it to a cell of a larger class",
    _share("share", 0.20, "share of a shared cell's requests or storage that one tenant may take"),
    Number("shown", 10, "tenants of a cell that are told one by one; the others are counted", 1),
)
QUOTAS: Final = _rule(
    6,
    "What a stack asks for is well inside its account's quotas",
    "A quota is met in the middle of a deployment, and raising one takes the cloud hours or days.",
    "ask the cloud for a higher quota, and say under fleet.quotas what was granted",
    _share("used", 0.80, "share of a quota that a stack's resources may use"),
    scope=_BOTH,
)
ZONES: Final = _rule(
    7,
    "A cell that takes tenants is in two zones or more",
    "A zone is what a cloud loses most often.",
    "give the cell another zone of its region",
    Number("zones", 2, "zones that a cell is in, at least", 1),
    scope=_BOTH,
)
GROWTH: Final = _rule(
    8,
    "A locality's room lasts until another cell can be there",
    "A cell that is asked for once the others are full comes a lead time too late.",
    "add a cell to the locality now, or cordon no cell that could take tenants",
    Number("lead_times", 1.0, "times its lead time that a locality's room is to last for"),
)
ADDRESSES: Final = _rule(
    9,
    "Nodes, pods, services and databases fit into the cell's ranges with room",
    "A range cannot be made larger under a cell that runs, and nodes that get no address do not start.",
    "give the cell a larger range before it is deployed",
    _share("used", 0.80, "share of a range's addresses that the cell may use at its largest"),
    scope=_BOTH,
)
SECOND: Final = _rule(
    10,
    "Each shared locality has two cells or more that take tenants",
    "With one, nobody new has a home while it is down, and its tenants have nowhere to go at all.",
    "add a second cell to the locality; until it is there, waive this with an end and an owner",
    Number("cells", 2, "cells of a locality that take tenants, at least", 1),
)
WAVES: Final = _rule(
    11,
    "One wave of a rollout touches a small part of each locality and of the fleet",
    "A release that breaks cells breaks all of the wave that finds out; a wave of one cell is always allowed.",
    "lower the ring's max_parallel, or spread cells over more rings",
    _share("cells", 0.25, "share of a locality's or the fleet's cells in one wave"),
    _share("tenants", 0.25, "share of their tenants"),
    _share("load", 0.25, "share of their requests"),
)

RULES: Final = {
    rule.id: rule for rule in (FILL, PEAK, LOSS, SHARE, TENANT, QUOTAS, ZONES, GROWTH, ADDRESSES, SECOND, WAVES)
}
"""Every rule of capacity, by id."""

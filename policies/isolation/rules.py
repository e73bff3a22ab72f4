"""ISO: the rules of isolation. An id is never used again for another rule."""

from __future__ import annotations

from typing import Final

from cellfleet.inventory.finding import Number, Rule, Scope, Severity

_BOTH: Final = (Scope.FLEET, Scope.RESOURCES)
_FLEET: Final = (Scope.FLEET,)
_RESOURCES: Final = (Scope.RESOURCES,)


def _rule(
    number: int,
    title: str,
    why: str,
    remedy: str,
    scope: tuple[Scope, ...] = _BOTH,
    numbers: tuple[Number, ...] = (),
    *,
    waivable: bool = True,
) -> Rule:
    return Rule(f"ISO-{number:02}", title, Severity.ERROR, why, remedy, scope, numbers, waivable)


ACCOUNT: Final = _rule(
    1,
    "A cell has an account, project or subscription of its own",
    "Quotas, bills, administrators and mistakes are an account's: two cells in one go down together.",
    "give the cell an account that no other cell has, and that is not a control account",
)
NETWORK: Final = _rule(
    2,
    "A cell has one network of its own, with no way into another cell's",
    "A peering, a transit attachment, a shared VPC or an endpoint lets a fault or an intruder cross over.",
    "remove what joins the networks; cells talk to nothing but shared services",
    _RESOURCES,
)
DEPENDENCIES: Final = _rule(
    3,
    "A cell depends on listed shared services only, and on few at run time",
    "What all cells need at run time takes all of them down.",
    "list the service under fleet.shared_services, or make cells serve without it (needed_at_run_time: false)",
    _BOTH,
    (Number("at_run_time", 3, "shared services that cells may need at run time"),),
)
ADDRESSES: Final = _rule(
    4,
    "No two cells' ranges overlap, each is inside a supernet, and supernets have room",
    "Ranges that overlap can never be told apart, not even to move a tenant between them.",
    "give the cell the next free range: `cellfleet cell add` chooses it",
    _BOTH,
    (Number("unallocated", 0.25, "share of the supernets' addresses that no cell has", 0, 1),),
)
TRUST: Final = _rule(
    5,
    "Nothing in a cell trusts another cell's principal, or everybody",
    "A role, key or bucket that another cell may use is a door between them, whatever the network says.",
    "name principals of the cell's own account, or of a declared deploy identity",
    _RESOURCES,
)
TAGS: Final = _rule(
    6,
    "Each resource that takes tags has exactly one cell tag, its own cell's",
    "Whose a resource is, is read off its tag by people, bills, alerts and rules.",
    "tag it with components.tags",
    _RESOURCES,
)
REFERENCES: Final = _rule(
    7,
    "No cell's stack reads another cell's stack",
    "A value from another cell makes one cell's deployment wait for, and break with, the other's.",
    "declare the value in the inventory, or put what both need into a shared service",
    _RESOURCES,
)
FIREWALL: Final = _rule(
    8,
    "No firewall lets in another cell's range; the world reaches the edge's port 443 only",
    "A network of one's own isolates nothing if its doors stand open.",
    "name the cell's own ranges, or those of fleet.deploy_from for cluster endpoints",
    _RESOURCES,
)
RESIDENCY: Final = _rule(
    9,
    "A cell, its replicas and its backups are where they are declared, inside the residency; backups are elsewhere",
    "Where tenants' data is, is promised to them by contract and law; a copy beside the original is lost with it.",
    "choose regions in the locality's residency, and for backups another region, or another account where there is one"
    " (on GCP a database's backups need a key of its own region, so that only `replication` survives its loss)",
    _BOTH,
    waivable=False,
)
KEYS: Final = _rule(
    10,
    "Each cell has a key of its own for each class of data, and shares none",
    "Who may use a shared key reads the data of all that share it, and its loss loses them all.",
    "make keys in the cell's stack: one for tenants' data, one for secrets and one for logs, which rotate",
    _RESOURCES,
)
CERTIFICATES: Final = _rule(
    11,
    "Each cell has a certificate of its own, which renews itself",
    "A shared certificate's key lets one cell pose as another; one that ends takes its cell down on a known day.",
    "let the cell's issuer renew it; for one about to end see why it was not renewed",
    _RESOURCES,
    (Number("days_left", 21, "days that a deployed certificate is valid for, at least"),),
)
SOFT: Final = _rule(
    12,
    "Only cells on clusters that one already has are isolated softly, and none in production",
    "Namespaces on one cluster share its nodes, its network and its API server.",
    "set `isolation: hard` and give the cell a cluster of its own",
)
STACK: Final = _rule(
    13,
    "A cell's stack, its state and its deploy role are its own, one each",
    "A role that deploys two cells, or a stack that holds two, breaks two with one mistake.",
    "give each cell its own stack, and its deploy role a subject that names it",
)
ENCRYPTION: Final = _rule(
    14,
    "Data is encrypted at rest and in transit, no store is public, and each door admits only who is declared",
    "A store or an API that the world reaches is one stolen password away from being read.",
    "encrypt with the cell's key, require TLS, and open endpoints to fleet.deploy_from and ingress to routers only",
    _BOTH,
)
PODS: Final = _rule(
    15,
    "Every namespace denies by default and holds pods to the restricted standard; nobody is cluster admin",
    "A pod that reaches its node or the API server reaches every tenant of the cell, and on a shared cluster others.",
    "give the namespace a default-deny NetworkPolicy and pod-security.kubernetes.io/enforce: restricted",
    _RESOURCES,
)
WITNESS: Final = _rule(
    16,
    "No way leads from one cell to another",
    "Harmless parts add up: a peering with a control network, a route and an open firewall are a way.",
    "cut one edge of the way that is shown",
    _RESOURCES,
)

RULES: Final = {
    rule.id: rule
    for rule in (
        *(ACCOUNT, NETWORK, DEPENDENCIES, ADDRESSES, TRUST, TAGS, REFERENCES, FIREWALL),
        *(RESIDENCY, KEYS, CERTIFICATES, SOFT, STACK, ENCRYPTION, PODS, WITNESS),
    )
}
"""Every rule of isolation, by id."""

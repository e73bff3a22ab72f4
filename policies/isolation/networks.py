"""ISO-02: a cell's stack makes one network in each region that the cell is in, and nothing that joins it to another.

A standby's network is the same cell's: the two may be peered, since both ends are made by the stack. Ways to services
that a cloud itself runs (private endpoints of AWS's services, Google's leased ranges, private links to the cell's own
vault) lead to no other cell.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain, islice
from typing import Final

from cellfleet.inventory.stack import Kind
from policies.isolation.joins import ALWAYS, LETS_IN, LINKS, NETWORKS, REMOTE, ROUTES
from policies.isolation.owner import CELLS, accounts_of
from policies.isolation.places import cell_of, path_of
from policies.isolation.rules import NETWORK
from policies.isolation.values import at, known_at, setting, text_at, texts, written_out
from policies.resource import UNKNOWN, Resource, Resources
from policies.rule import Facts, Violation

_OWN: Final = "both ends in the cell's own stack"

# What a text says of whose network it is: the account, project or subscription is the first group.
_OWNED: Final = {
    "aws": re.compile(r"^arn:aws[a-z-]*:(?:ec2|vpc-lattice|networkmanager):[a-z0-9-]*:([0-9]{12}):"),
    "gcp": re.compile(r"projects/([a-z0-9.:-]+)/(?:global/networks|regions/[a-z0-9-]+/subnetworks)/"),
    "azure-native": re.compile(r"/subscriptions/([0-9a-fA-F-]{36})/.*/virtualNetworks/", re.IGNORECASE),
}
_ACCOUNT: Final = re.compile(r"(?:/subscriptions/|projects/)([0-9a-zA-Z.:-]+)/")
_PRINCIPAL: Final = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):")
_AWS_ID: Final = re.compile(r"(vpc|subnet|tgw|pcx|vgw)-[0-9a-f]{8,17}")
_CUSTOMERS: Final = "com.amazonaws.vpce."
"""What the name of an endpoint service begins with that a customer made, and not AWS."""
_ALIAS: Final = ".azure.privatelinkservice"
"""How the alias of a private link service ends, which a customer made and which does not tell whose it is."""


def one_network(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """Networks beyond the one that a cell has in a region; in a workload's stack, any."""
    if cell_of(facts.fleet, resources.stack) is None:
        return
    first: dict[str, Resource] = {}
    for network in resources.of(*NETWORKS):
        where = _region(network, resources)
        other = first.setdefault(where, network)
        if other is not network or resources.stack.kind is Kind.WORKLOAD:
            yield _violation(
                network,
                resources,
                f"{network.name} is a {NETWORKS[network.type]} beside the cell's own",
                measured=f"another {NETWORKS[network.type]} {'in ' + where if where else ''}".rstrip(),
                limit="1 in each region, made by the cell's stack",
                remedy="put what is in it into the cell's network",
            )


def joined(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """Whatever joins a network to one that is not the stack's own."""
    own = {account for accounts in accounts_of(facts.fleet, resources.stack).values() for account in accounts}
    if not own:
        return
    for resource in resources.every:
        if kind := _always(resource.type):
            yield _violation(resource, resources, f"{resource.name} is {kind}", measured=resource.type, limit="none")
            continue
        found = chain(
            _lets_in(resource, own, resources),
            _remote(resource, resources),
            _ways_out(resource, resources),
            _not_own(resource, own, resources),
        )
        yield from islice(found, 1)


def _region(network: Resource, resources: Resources) -> str:
    if network.type.startswith("gcp:"):
        return ""
    provider = resources.provider_of(network)
    default = setting(provider, "region" if network.type.startswith("aws:") else "location") if provider else ""
    return text_at(network.inputs, "region") or text_at(network.inputs, "location") or str(default or "")


@cache
def _always(token: str) -> str | None:
    return next((kind for glob, kind in ALWAYS.items() if fnmatch.fnmatchcase(token, glob)), None)


def _lets_in(resource: Resource, own: set[str], resources: Resources) -> Iterator[Violation]:
    for lets in LETS_IN:
        if lets.type != resource.type:
            continue
        for value in map(str, known_at(resource.inputs, lets.path)):
            named = _PRINCIPAL.match(value) or _OWNED["gcp"].search(value)
            account = (named[1] if named else value).lower()
            if value in lets.anybody or (account not in own and value != "ACCEPT_MANUAL"):
                yield _violation(
                    resource,
                    resources,
                    f"{resource.name} lets {'everybody' if value in lets.anybody else 'another account'} connect",
                    measured=f"{lets.path} {value}",
                    limit="the cell's own account",
                )


def _remote(resource: Resource, resources: Resources) -> Iterator[Violation]:
    path = REMOTE.get(resource.type)
    if path is None:
        return
    name = path.partition(".")[0]
    ends = [*at(resource.inputs, path)]
    made = any(source.type in NETWORKS for source in resources.sources(resource, name))
    ids = {str(network.outputs.get("id")).lower() for network in resources.of(*NETWORKS)}
    if ends and not made and not all(str(end).lower() in ids for end in ends):
        given = next(map(str, known_at(resource.inputs, path)), "a network that the stack does not make")
        yield _violation(
            resource, resources, f"{resource.name} leads to a network that is not the cell's", given, limit=_OWN
        )


def _ways_out(resource: Resource, resources: Resources) -> Iterator[Violation]:
    match resource.type:
        case "aws:ec2/vpcEndpoint:VpcEndpoint":
            service = text_at(resource.inputs, "serviceName")
            foreign = service and (not service.startswith(("com.amazonaws.", "aws.")) or service.startswith(_CUSTOMERS))
            if foreign and not resources.sources(resource, "serviceName"):
                yield _violation(
                    resource,
                    resources,
                    f"{resource.name} is an endpoint of a service that AWS does not run",
                    measured=service,
                    limit="com.amazonaws.<region>.<service>",
                )
        case "aws:ec2/route:Route" | "aws:ec2/routeTable:RouteTable" | "aws:ec2/defaultRouteTable:DefaultRouteTable":
            for name in ROUTES:
                for value in (*known_at(resource.inputs, name), *known_at(resource.inputs, f"routes.{name}")):
                    if value:
                        yield _violation(
                            resource, resources, f"{resource.name} routes out of the network", f"{name} {value}", "none"
                        )
        case "azure-native:network:PrivateEndpoint":
            for name in ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections"):
                for alias in map(str, known_at(resource.inputs, f"{name}.privateLinkServiceId")):
                    if alias.lower().endswith(_ALIAS):
                        yield _violation(
                            resource,
                            resources,
                            f"{resource.name} is an endpoint of a service that only its alias tells",
                            measured=alias,
                            limit="the id of what is in the cell's own subscription",
                        )
        case "gcp:servicenetworking/connection:Connection":
            service = text_at(resource.inputs, "service")
            if service and not service.endswith(".googleapis.com"):
                yield _violation(
                    resource,
                    resources,
                    f"{resource.name} peers the network with one that is not Google's",
                    measured=service,
                    limit="servicenetworking.googleapis.com",
                )
        case _:
            return


def _not_own(resource: Resource, own: set[str], resources: Resources) -> Iterator[Violation]:
    """Networks that some argument names and that another account has, or that were written out as an id of AWS's."""
    sdk = resource.type.partition(":")[0]
    links = next((names for begins, names in LINKS.items() if resource.type.startswith(begins)), None)
    owned = _OWNED.get(sdk) if links is None else _ACCOUNT
    if owned is None or resources.stack.kind not in CELLS:
        return
    for name, value in resource.inputs.items():
        if name in resource.secrets or name in _SAY_NOTHING or (links is not None and name not in links):
            continue
        for text in texts(value):
            found = owned.search(text)
            foreign = found is not None and found[1].lower() not in own
            if foreign or (sdk == "aws" and _AWS_ID.fullmatch(text) and _unknown_id(text, resource, name, resources)):
                yield _violation(
                    resource,
                    resources,
                    f"{resource.name} is in, or leads to, a network that is not the cell's",
                    measured=f"{name} {text}",
                    limit="a network that the cell's stack makes",
                )
                return


_SAY_NOTHING: Final = ("assumeRolePolicy", "description", "labels", "policy", "tags", "tagsAll")


def _unknown_id(text: str, resource: Resource, name: str, resources: Resources) -> bool:
    """Whether an id is that of nothing that the stack makes. Of what is deployed, the cloud tells more than was asked
    for, so there it has to be compared: with the ids or, as a pack is told none, with what comes from the stack's
    own resources."""
    if not written_out(resource, name):
        return False
    ids = {each.outputs.get("id") for each in resources.every} - {None, UNKNOWN} or {
        one
        for each in resources.every
        for argument, value in each.inputs.items()
        if each.property_dependencies.get(argument)
        for one in texts(value)
    }
    return text not in ids and (bool(ids) or not resources.deployed)


def _violation(
    resource: Resource, resources: Resources, message: str, measured: str, limit: str, remedy: str = ""
) -> Violation:
    return Violation(NETWORK, path_of(resources.stack), message, measured, limit, remedy, resource=resource.urn)

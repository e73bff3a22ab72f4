"""ISO-14, API servers: a cell's cluster is reached from `fleet.deploy_from` and the cell itself, and from nowhere else.

Where a cloud's default opens the API server to the world, leaving the argument out is the mistake.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, ip_network
from typing import Any, Final

from cellfleet.inventory.model import ManagedCell
from policies.isolation import rules
from policies.isolation.argument import plain, values, violation
from policies.resource import UNKNOWN, Resource, Resources
from policies.rule import Facts, Violation

EKS: Final = "aws:eks/cluster:Cluster"
GKE: Final = "gcp:container/cluster:Cluster"
AKS: Final = "azure-native:containerservice:ManagedCluster"
_FAULT: Final = "has an API server that is reached from elsewhere than fleet.deploy_from"
_REMEDY: Final = "open it to fleet.deploy_from, or make it private"


def cluster_endpoints(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """API servers that others than the declared ranges can reach; of cells."""
    cell = facts.fleet.cells.get(resources.stack.subject)
    if not isinstance(cell, ManagedCell):
        return
    declared = facts.fleet.settings.deploy_from
    allowed = (*declared, cell.cidr, cell.pod_cidr)
    limit = ", ".join(map(str, declared)) or "no address: fleet.deploy_from is empty"
    for resource in resources.of(EKS, GKE, AKS):
        for measured in _open(resource, allowed):
            yield violation(rules.ENCRYPTION, resources, resource, _FAULT, measured, limit, _REMEDY)


def _open(cluster: Resource, allowed: Sequence[IPv4Network]) -> Iterator[str]:
    """What opens an API server to more than the ranges allowed."""
    match cluster.type:
        case "aws:eks/cluster:Cluster":
            if _is(cluster, "vpcConfig.endpointPublicAccess", absent=True):
                yield from _beyond(values(cluster, "vpcConfig.publicAccessCidrs[]"), allowed)
        case "gcp:container/cluster:Cluster":
            if _is(cluster, "controlPlaneEndpointsConfig.dnsEndpointConfig.allowExternalTraffic", absent=False):
                yield "its DNS endpoint takes external traffic"
            if not _is(cluster, "controlPlaneEndpointsConfig.ipEndpointsConfig.enabled", absent=True):
                return
            if _is(cluster, "masterAuthorizedNetworksConfig.gcpPublicCidrsAccessEnabled", absent=False):
                yield "every machine of Google Cloud, whosever it is"
            if not _is(cluster, "privateClusterConfig.enablePrivateEndpoint", absent=False):
                ranges = "masterAuthorizedNetworksConfig.cidrBlocks[{}].cidrBlock"
                # Authorized networks without a range authorize nobody; without authorized networks everybody is.
                given = values(cluster, "masterAuthorizedNetworksConfig") != [None]
                yield from _beyond(values(cluster, ranges.format("?" if given else "")), allowed)
        case _:
            if not _is(cluster, "apiServerAccessProfile.enablePrivateCluster", absent=False):
                yield from _beyond(values(cluster, "apiServerAccessProfile.authorizedIPRanges[]"), allowed)


def _is(cluster: Resource, path: str, *, absent: bool) -> bool:
    """Whether a switch is on; one that only a deploy can tell is not known to open anything."""
    [value] = values(cluster, path)
    return plain(absent if value is None else value) is True


def _beyond(ranges: Sequence[Any], allowed: Sequence[IPv4Network]) -> Iterator[str]:
    for given in ranges:
        if given is None:
            yield "0.0.0.0/0, where no range is given"
        elif given is not UNKNOWN and not _inside(str(given), allowed):
            yield str(given)


def _inside(given: str, allowed: Sequence[IPv4Network]) -> bool:
    try:
        network = ip_network(given, strict=False)
    except ValueError:
        return False
    return isinstance(network, IPv4Network) and any(network.subnet_of(one) for one in allowed)

"""Whether the subnets that a program makes hold the machines that it makes, and their pods, with room (CAP-09).

What is declared says how large a cell's ranges are; a program may still cut too small a piece of them. Each group of
machines is followed to its subnets, at the most machines that the group may have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from math import ceil

from cellfleet.inventory.model import ManagedCell
from cellfleet.inventory.stack import Kind
from policies.capacity.addresses import BESIDE_NODES, KEPT, PODS_OF_A_MACHINE, pods_of_a_node
from policies.capacity.inputs import items, mapping, network, whole
from policies.capacity.measures import above, percent
from policies.capacity.rules import ADDRESSES
from policies.capacity.vcpus import of_machine
from policies.resource import Resource, Resources
from policies.rule import Facts, Violation


@dataclass(frozen=True, slots=True)
class _Fit:
    """One range of a resource and what is to be in it."""

    what: str
    resource: Resource
    range: IPv4Network
    has: int
    needs: int


def programs_cut_ranges_large_enough(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """CAP-09, of what a cell's stack makes."""
    cell = facts.fleet.cells.get(resources.stack.subject)
    if resources.stack.kind is not Kind.CELL or not isinstance(cell, ManagedCell):
        return
    share = facts.number(ADDRESSES, "used")
    for fit in (*_on_aws(resources, cell), *_on_gcp(resources), *_on_azure(resources)):
        if above(fit.needs, share * fit.has):
            yield Violation(
                ADDRESSES,
                ("cells", cell.name),
                f"{fit.what} of {cell.name} need {fit.needs:,} addresses of {fit.range}, which has {max(0, fit.has):,}",
                measured=f"{fit.needs:,} of {max(0, fit.has):,}",
                limit=f"{percent(share)} of them",
                remedy="cut a larger subnet for them",
                resource=fit.resource.urn,
            )


def _on_aws(resources: Resources, cell: ManagedCell) -> Iterator[_Fit]:
    for group in resources.of("aws:eks/nodeGroup:NodeGroup"):
        subnets = resources.sources(group, "subnetIds")
        most = whole(mapping(group.inputs.get("scalingConfig")).get("maxSize"))
        if not subnets or not most:
            continue
        a_zone = ceil(most / len(subnets))
        for subnet in subnets:
            if block := network(subnet.inputs.get("cidrBlock")):
                yield _Fit("the nodes in a zone", subnet, block, block.num_addresses - KEPT, a_zone + BESIDE_NODES)
        vcpus = max(map(of_machine, items(group.inputs.get("instanceTypes"))), default=0)
        for subnet in resources.of("aws:ec2/subnet:Subnet"):
            block = network(subnet.inputs.get("cidrBlock"))
            if block and block.subnet_of(cell.pod_cidr):
                needs = a_zone * pods_of_a_node(vcpus)
                yield _Fit("the pods in a zone", subnet, block, block.num_addresses - KEPT, needs)


def _on_gcp(resources: Resources) -> Iterator[_Fit]:
    machines = sum(map(_machines_of_pool, resources.of("gcp:container/nodePool:NodePool")))
    if not machines:
        return
    for cluster in resources.of("gcp:container/cluster:Cluster"):
        pods = mapping(cluster.inputs.get("ipAllocationPolicy")).get("clusterSecondaryRangeName")
        for subnet in resources.sources(cluster, "subnetwork"):
            if nodes := network(subnet.inputs.get("ipCidrRange")):
                yield _Fit("the nodes", subnet, nodes, nodes.num_addresses - KEPT, machines)
            for second in map(mapping, items(subnet.inputs.get("secondaryIpRanges"))):
                block = network(second.get("ipCidrRange"))
                if block and second.get("rangeName") == pods:
                    yield _Fit("the pods", subnet, block, block.num_addresses, machines * PODS_OF_A_MACHINE)


def _on_azure(resources: Resources) -> Iterator[_Fit]:
    machines: dict[str, int] = {}
    for pool in resources.of("azure-native:containerservice:AgentPool"):
        most = max(whole(pool.inputs.get("count")), whole(pool.inputs.get("maxCount")))
        for subnet in resources.sources(pool, "vnetSubnetID"):
            machines[subnet.urn] = machines.get(subnet.urn, 0) + most
    for cluster in resources.of("azure-native:containerservice:ManagedCluster"):
        system = sum(whole(mapping(one).get("count")) for one in items(cluster.inputs.get("agentPoolProfiles")))
        for subnet in resources.sources(cluster, "agentPoolProfiles"):
            machines[subnet.urn] = machines.get(subnet.urn, 0) + system
        # An upgrade brings up new machines before it takes down the old.
        in_all = 2 * sum(machines.values())
        if pods := network(mapping(cluster.inputs.get("networkProfile")).get("podCidr")):
            yield _Fit("the pods", cluster, pods, pods.num_addresses, in_all * PODS_OF_A_MACHINE)
    for urn, count in machines.items():
        subnet = resources.by_urn[urn]
        if subnet.type == "azure-native:network:Subnet" and (block := network(subnet.inputs.get("addressPrefix"))):
            yield _Fit("the nodes in a zone", subnet, block, block.num_addresses - KEPT, 2 * count)


def _machines_of_pool(pool: Resource) -> int:
    """With those that an upgrade adds in each zone."""
    zones = len(items(pool.inputs.get("nodeLocations"))) or 1
    most = max(whole(pool.inputs.get("nodeCount")), whole(mapping(pool.inputs.get("autoscaling")).get("maxNodeCount")))
    return zones * (most + whole(mapping(pool.inputs.get("upgradeSettings")).get("maxSurge")))

"""ISO-04 in a stack: networks have the ranges that the inventory declares, and nothing lets a cloud choose one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network
from typing import Any, Final

from cellfleet.inventory.model import ManagedCell
from policies.isolation.places import cell_of, path_of
from policies.isolation.rules import ADDRESSES
from policies.isolation.values import known_at
from policies.resource import Resource, Resources
from policies.rule import Facts, Violation


class Of(StrEnum):
    """Where a range has to be."""

    WHOLE = "the cell's cidr"
    CELL = "inside the cell's cidr"
    PODS = "inside the cell's pod_cidr"
    EITHER = "inside the cell's cidr or pod_cidr"


@dataclass(frozen=True, slots=True)
class Range:
    """An argument that is a range, or several."""

    path: str
    of: Of


RANGES: Final[Mapping[str, tuple[Range, ...]]] = {
    "aws:ec2/vpc:Vpc": (Range("cidrBlock", Of.WHOLE),),
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": (Range("cidrBlock", Of.PODS),),
    "aws:ec2/subnet:Subnet": (Range("cidrBlock", Of.EITHER),),
    "aws:ec2/subnetCidrReservation:SubnetCidrReservation": (Range("cidrBlock", Of.EITHER),),
    "azure-native:network:VirtualNetwork": (
        Range("addressSpace.addressPrefixes", Of.CELL),
        Range("subnets.addressPrefix", Of.CELL),
        Range("subnets.addressPrefixes", Of.CELL),
    ),
    "azure-native:network:Subnet": (Range("addressPrefix", Of.CELL), Range("addressPrefixes", Of.CELL)),
    "azure-native:containerservice:ManagedCluster": (
        Range("networkProfile.podCidr", Of.PODS),
        Range("networkProfile.podCidrs", Of.PODS),
        Range("networkProfile.serviceCidr", Of.PODS),
        Range("networkProfile.serviceCidrs", Of.PODS),
    ),
    "gcp:compute/globalAddress:GlobalAddress": (Range("address/prefixLength", Of.CELL),),
    "gcp:compute/subnetwork:Subnetwork": (
        Range("ipCidrRange", Of.CELL),
        Range("secondaryIpRanges.ipCidrRange", Of.PODS),
    ),
    "gcp:container/cluster:Cluster": (
        Range("ipAllocationPolicy.clusterIpv4CidrBlock", Of.PODS),
        Range("ipAllocationPolicy.servicesIpv4CidrBlock", Of.PODS),
        Range("clusterIpv4Cidr", Of.PODS),
    ),
    "gcp:networkconnectivity/internalRange:InternalRange": (Range("ipCidrRange", Of.EITHER),),
    "kubernetes:crd.projectcalico.org/v1:IPPool": (Range("spec.cidr", Of.PODS),),
    "kubernetes:cilium.io/v2alpha1:CiliumPodIPPool": (Range("spec.ipv4.cidrs", Of.PODS),),
}

_CHOSEN: Final[Mapping[str, tuple[str, str]]] = {
    "aws:ec2/vpc:Vpc": ("cidrBlock", "ipv4IpamPoolId"),
    "aws:ec2/subnet:Subnet": ("cidrBlock", "ipv4IpamPoolId"),
    "azure-native:network:VirtualNetwork": ("addressSpace.addressPrefixes", "addressSpace.ipamPoolPrefixAllocations"),
}
"""The argument that declares a range, and the one by which the cloud is asked to choose it."""


def declared_ranges(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """Networks, subnets and pods' ranges that are not what, or not within what, the inventory declares."""
    cell = cell_of(facts.fleet, resources.stack)
    if cell is None:
        return
    for resource in resources.every:
        for range_ in RANGES.get(resource.type, ()):
            for value in _values(resource.inputs, range_.path):
                if not _fits(value, range_.of, cell):
                    limit = f"{range_.of}, {_declared(range_.of, cell)}"
                    yield _violation(resource, resources, f"{range_.path} {value}", limit)
        if (chosen := _left_to_the_cloud(resource)) is not None:
            yield _violation(resource, resources, chosen, str(cell.cidr))


def _values(inputs: Mapping[str, Any], path: str) -> Iterator[Any]:
    """What stands at a path; of one of two parts (`address/prefixLength`) once both are known."""
    first, _, length = path.partition("/")
    for value in known_at(inputs, first):
        if not length:
            yield value
        else:
            yield from (f"{value}/{bits:.0f}" for bits in known_at(inputs, length))


def _fits(value: Any, of: Of, cell: ManagedCell) -> bool:
    try:
        range_ = IPv4Network(value, strict=False)
    except ValueError:
        return True  # IPv6, or what AKS has for a default: nothing that the inventory declares
    match of:
        case Of.WHOLE:
            return range_ == cell.cidr
        case Of.CELL:
            return range_.subnet_of(cell.cidr)
        case Of.PODS:
            return range_.subnet_of(cell.pod_cidr)
        case Of.EITHER:
            return range_.subnet_of(cell.cidr) or range_.subnet_of(cell.pod_cidr)


def _declared(of: Of, cell: ManagedCell) -> str:
    return str(cell.pod_cidr) if of is Of.PODS else str(cell.cidr)


def _left_to_the_cloud(resource: Resource) -> str | None:
    """What is said where a cloud would choose a range, from addresses that another cell may have."""
    inputs = resource.inputs
    match resource.type:
        case "gcp:compute/network:Network" if inputs.get("autoCreateSubnetworks") in (None, True):
            return "autoCreateSubnetworks takes 10.128.0.0/9"
        case "gcp:compute/globalAddress:GlobalAddress" if inputs.get("purpose") == "VPC_PEERING":
            return "Google chooses the address" if inputs.get("address") is None else None
        case kind if kind in _CHOSEN:
            declared, pool = _CHOSEN[kind]
            path, _, last = pool.rpartition(".")
            holder, name = (
                (next(known_at(inputs, path), {}), declared.rpartition(".")[2]) if path else (inputs, declared)
            )
            asked = holder.get(last) not in (None, [], "") and holder.get(name) in (None, [], "")
            return f"{last} lets the cloud choose" if asked else None
        case _:
            return None


def _violation(resource: Resource, resources: Resources, measured: str, limit: str) -> Violation:
    message = f"{resource.name} has addresses that the inventory does not give {resources.stack.subject}"
    remedy = "take the range from the cell's cidr or pod_cidr in the inventory"
    return Violation(ADDRESSES, path_of(resources.stack), message, measured, limit, remedy, resource=resource.urn)

"""Security groups and network ACLs on AWS. The edge is the security group of the load balancer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from policies.isolation.argument import mapping
from policies.isolation.openings.opening import Opening, Ports
from policies.isolation.values import known_at, text_at, written_out
from policies.resource import Resource, Resources

_GROUPS: Final = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
_IN: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_OUT: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_EITHER: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
_CLUSTER: Final = "aws:eks/cluster:Cluster"
_OF_CLUSTER: Final = "vpcConfig.clusterSecurityGroupId"
_ACLS: Final = ("aws:ec2/networkAcl:NetworkAcl", "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl")


def openings(resources: Resources) -> Iterator[Opening]:
    edge = _edge(resources)
    for group in resources.of(*_GROUPS):
        for name in ("ingress", "egress"):
            for inner in map(mapping, known_at(group.inputs, name)):
                yield Opening(group, _ranges(inner), _ports(inner), group.urn in edge, inward=name == "ingress")
    for rule in resources.of(_IN, _OUT, _EITHER):
        inward = rule.type == _IN or rule.inputs.get("type") == "ingress"
        at_edge = any(group.urn in edge for group in resources.sources(rule, "securityGroupId"))
        yield Opening(rule, _ranges(rule.inputs), _ports(rule.inputs), at_edge, inward)
    yield from _acls(resources)
    for lists in resources.of("aws:ec2/managedPrefixList:ManagedPrefixList"):
        yield Opening(lists, tuple(known_at(lists.inputs, "entries.cidr")))
    for entry in resources.of("aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"):
        yield Opening(entry, tuple(known_at(entry.inputs, "cidr")))


def unseen(resources: Resources) -> Iterator[tuple[Resource, str]]:
    """Security groups and prefix lists that a rule lets in by an id that the stack neither makes nor reads.

    What such a list holds, and in whose account such a group is, nobody can see here.
    """
    own = {resource.outputs.get("id") for resource in resources.every}
    own |= {group for cluster in resources.of(_CLUSTER) for group in known_at(cluster.outputs, _OF_CLUSTER)}
    for rule in resources.of(_IN, _EITHER):
        for name in ("referencedSecurityGroupId", "sourceSecurityGroupId", "prefixListId", "prefixListIds"):
            if rule.inputs.get("type") != "egress" and written_out(rule, name):
                yield from ((rule, str(one)) for one in known_at(rule.inputs, name) if one and one not in own)
    for group in resources.of(*_GROUPS):
        if written_out(group, "ingress"):
            for name in ("securityGroups", "prefixListIds"):
                yield from ((group, str(one)) for one in known_at(group.inputs, f"ingress.{name}") if one not in own)


def _edge(resources: Resources) -> set[str]:
    return {
        group.urn
        for balancer in resources.of("aws:lb/loadBalancer:LoadBalancer")
        for group in resources.sources(balancer, "securityGroups")
    }


def _acls(resources: Resources) -> Iterator[Opening]:
    for acl in resources.of(*_ACLS):
        for inner in map(mapping, known_at(acl.inputs, "ingress")):
            if text_at(inner, "action").lower() == "allow":
                yield Opening(acl, _ranges(inner), inward=False)
    for rule in resources.of("aws:ec2/networkAclRule:NetworkAclRule"):
        if rule.inputs.get("egress") is not True and text_at(rule.inputs, "ruleAction").lower() == "allow":
            yield Opening(rule, _ranges(rule.inputs), inward=False)


def _ranges(rule: Mapping[str, Any]) -> tuple[str, ...]:
    singles = ("cidrIpv4", "cidrIpv6", "cidrBlock", "ipv6CidrBlock", "cidrBlocks", "ipv6CidrBlocks")
    return tuple(str(value) for name in singles for value in known_at(rule, name) if value)


def _ports(rule: Mapping[str, Any]) -> Ports:
    protocol = text_at(rule, "ipProtocol") or text_at(rule, "protocol")
    first, last = rule.get("fromPort"), rule.get("toPort")
    if protocol.lower() not in ("tcp", "6") or not isinstance(first, int | float) or not isinstance(last, int | float):
        return None
    return ((int(first), int(last)),)

"""VPC firewall rules on GCP. The edge is a rule for reserved addresses of the stack's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from policies.isolation.openings.opening import WORLD, Opening, Ports, port_range
from policies.isolation.values import at, known_at, text_at
from policies.resource import UNKNOWN, Resources

_POLICY_RULES: Final = (
    "gcp:compute/networkFirewallPolicyRule:NetworkFirewallPolicyRule",
    "gcp:compute/regionNetworkFirewallPolicyRule:RegionNetworkFirewallPolicyRule",
    "gcp:compute/firewallPolicyRule:FirewallPolicyRule",
)
_POLICIES: Final = (
    "gcp:compute/networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules",
    "gcp:compute/regionNetworkFirewallPolicyWithRules:RegionNetworkFirewallPolicyWithRules",
    "gcp:compute/firewallPolicyWithRules:FirewallPolicyWithRules",
)
_LET_PASS: Final = ("allow", "apply_security_profile_group")
"""Actions of a policy's rule that let traffic in, the second one once it was inspected."""
_NARROW: Final = ("srcIpRanges", "srcSecureTags", "srcAddressGroups", "srcFqdns", "srcThreatIntelligences")
"""What says who may come; countries (`srcRegionCodes`) and the internet as such do not."""
_ADDRESS: Final = "gcp:compute/address:Address"


def openings(resources: Resources) -> Iterator[Opening]:
    for rule in resources.of("gcp:compute/firewall:Firewall"):
        inputs = rule.inputs
        allows = inputs.get("allows")
        if inputs.get("disabled") is True or not isinstance(allows, list) or not allows:
            continue
        if inputs.get("direction") == "EGRESS":
            yield Opening(rule, tuple(known_at(inputs, "destinationRanges")), inward=False)
        elif (sources := inputs.get("sourceRanges")) is not UNKNOWN:
            by_other = inputs.get("sourceTags") or inputs.get("sourceServiceAccounts")
            ranges = tuple(known_at(inputs, "sourceRanges")) if sources or by_other else (WORLD,)
            to = resources.sources(rule, "destinationRanges")
            edge = bool(to) and all(each.type == _ADDRESS for each in to)
            yield Opening(rule, ranges, _ports(allows, "protocol"), edge)
    for rule in resources.of(*_POLICY_RULES):
        yield from _policy_rule(rule, rule.inputs)
    for policy in resources.of(*_POLICIES):
        for each in known_at(policy.inputs, "rules"):
            yield from _policy_rule(policy, each)


def _policy_rule(resource: Any, rule: Any) -> Iterator[Opening]:
    if text_at(rule, "action").lower() not in _LET_PASS or rule.get("disabled") is True:
        return
    if text_at(rule, "direction") == "INGRESS":
        ports = _ports(list(known_at(rule, "match.layer4Configs")), "ipProtocol")
        ranges = tuple(known_at(rule, "match.srcIpRanges"))
        narrow = any(True for name in _NARROW for _ in at(rule, f"match.{name}"))
        within = text_at(rule, "match.srcNetworkScope") not in ("", "INTERNET")
        yield Opening(resource, ranges if ranges or narrow or within else (WORLD,), ports)
    else:
        yield Opening(resource, tuple(known_at(rule, "match.destIpRanges")), inward=False)


def _ports(allows: Sequence[Any], protocol: str) -> Ports:
    found: list[tuple[int, int]] = []
    for allow in allows:
        ports = list(known_at(allow, "ports"))
        if text_at(allow, protocol).lower() not in ("tcp", "6") or not ports:
            return None
        found += (port_range(str(port)) for port in ports)
    return tuple(found)

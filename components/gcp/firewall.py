"""What may pass in a cell's network on GCP: nothing, unless a rule here lets it.

GKE adds rules of its own for what it makes in the cluster; they let in no more than these.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
from pulumi_gcp import compute

from components.gcp.addresses import Addresses
from components.gcp.place import Place

_ANYWHERE: Final = "0.0.0.0/0"
_ALLOW: Final = 1000
_DENY: Final = 65534
"""Before the rules that every VPC has: to let everything out, at 65535."""
_HEALTH_CHECKS: Final = ("35.191.0.0/16", "209.85.152.0/22", "209.85.204.0/22")
"""Of passthrough load balancers. https://cloud.google.com/load-balancing/docs/firewall-rules; of that page only others'
rules that follow it were seen (2026-11)."""
_HEALTH_PORT: Final = "10256"
"""Where each node answers them, whichever Service asks.
https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer; not rechecked."""
_GOOGLES_NAME_SERVERS: Final = "216.239.32.0/19"
"""Google's own, whose name servers answer for the cell's zone: cert-manager looks there for its proofs. Other names are
asked of the metadata server, which no firewall is before."""


class Firewall(pulumi.ComponentResource):
    """The rules of one network."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        network_id: pulumi.Input[str],
        addresses: Addresses,
        ingress_address: pulumi.Output[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:gcp:Firewall", name, {}, opts)
        self._name, self._place, self._network_id = name, place, network_id
        cluster = [str(addresses.nodes), str(addresses.pods)]
        everything = compute.FirewallAllowArgs(protocol="all")
        https = compute.FirewallAllowArgs(protocol="tcp", ports=["443"])
        self.rules: Sequence[pulumi.Resource] = (
            self._deny("INGRESS"),
            self._deny("EGRESS"),
            self._allow_in("cluster", cluster, everything),
            self._allow_in("health-checks", _HEALTH_CHECKS, _tcp(_HEALTH_PORT)),
            # A passthrough load balancer leaves sender and receiver of a packet as they are.
            self._allow_in("routers", [_ANYWHERE], https, to=[ingress_address.apply(lambda known: f"{known}/32")]),
            self._allow_out("cluster", cluster, everything),
            self._allow_out("database", [str(addresses.managed_services)], _tcp("5432", "3307")),
            # Google's APIs, the image host, telemetry; which pods reach it is for the cluster's network policies.
            self._allow_out("https", [_ANYWHERE], https),
            self._allow_out(
                "proofs",
                [_GOOGLES_NAME_SERVERS],
                compute.FirewallAllowArgs(protocol="udp", ports=["53"]),
                _tcp("53"),
            ),
        )
        self.register_outputs({})

    def _deny(self, direction: str) -> pulumi.Resource:
        inward = direction == "INGRESS"
        return compute.Firewall(
            f"{self._name}-deny-{direction.lower()}",
            project=self._place.project,
            network=self._network_id,
            direction=direction,
            priority=_DENY,
            denies=[compute.FirewallDenyArgs(protocol="all")],
            source_ranges=[_ANYWHERE] if inward else None,
            destination_ranges=None if inward else [_ANYWHERE],
            log_config=compute.FirewallLogConfigArgs(metadata="INCLUDE_ALL_METADATA"),
            opts=self._place.under(self),
        )

    def _allow_in(
        self,
        what: str,
        sources: Sequence[str],
        *allowed: compute.FirewallAllowArgs,
        to: Sequence[pulumi.Input[str]] | None = None,
    ) -> pulumi.Resource:
        return compute.Firewall(
            f"{self._name}-from-{what}",
            project=self._place.project,
            network=self._network_id,
            direction="INGRESS",
            priority=_ALLOW,
            source_ranges=list(sources),
            destination_ranges=list(to) if to else None,
            allows=list(allowed),
            opts=self._place.under(self),
        )

    def _allow_out(
        self, what: str, destinations: Sequence[str], *allowed: compute.FirewallAllowArgs
    ) -> pulumi.Resource:
        return compute.Firewall(
            f"{self._name}-to-{what}",
            project=self._place.project,
            network=self._network_id,
            direction="EGRESS",
            priority=_ALLOW,
            destination_ranges=list(destinations),
            allows=list(allowed),
            opts=self._place.under(self),
        )


def _tcp(*ports: str) -> compute.FirewallAllowArgs:
    return compute.FirewallAllowArgs(protocol="tcp", ports=list(ports))

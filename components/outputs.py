"""What a cell's stack tells of itself: the same names on every provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import pulumi


@dataclass(frozen=True, slots=True)
class CellOutputs:
    """The outputs of a `cell-<name>` stack; what its workload and the dns stack read, and what a person looks up."""

    ingress_address: pulumi.Input[str]
    """Where the cell's own address points: an IPv4 address, or a host name."""
    cluster_endpoint: pulumi.Input[str]
    """The Kubernetes API's URL."""
    kubeconfig: pulumi.Input[str]
    """A kubeconfig in JSON, secret; it holds no credential but says how to get one (an exec plugin)."""
    database_endpoint: pulumi.Input[str]
    """`host:port` of the writer."""
    bucket: pulumi.Input[str]
    key_ids: Mapping[str, pulumi.Input[str]]
    """By data class: `data`, `secrets`, `logs`."""
    network_id: pulumi.Input[str]
    cidr: pulumi.Input[str]
    zone_name_servers: pulumi.Input[list[str]]
    """Of the cell's DNS zone, which the dns stack delegates to; empty where the cell has no zone of its own."""
    version: pulumi.Input[str]
    """The cluster's Kubernetes version."""
    standby: Mapping[str, pulumi.Input[str]]
    """What a promotion of the warm standby needs: region, database, bucket, keys; empty where there is no standby."""
    workload: Mapping[str, pulumi.Input[str]]
    """What only this provider's workload needs: names and ids of identities, addresses, zones."""

    def export(self) -> None:
        """Make each field an output of the running stack."""
        for field in fields(self):
            value = getattr(self, field.name)
            pulumi.export(field.name, pulumi.Output.secret(value) if field.name == "kubeconfig" else value)

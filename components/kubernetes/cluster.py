"""The cell's part of a cluster that one already has: how much of it, how important, and how it is reached."""

from __future__ import annotations

import json

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.inventory.model import Fleet, ManagedCell
from components.kubernetes import requirements
from components.tags import tags


class Cluster(pulumi.ComponentResource):
    """The priority of the cell's database; quotas and limits come with each namespace, from the class."""

    endpoint: pulumi.Input[str]
    """As the cell's pods know it. From outside, the address is the operator's own kubeconfig's to say."""
    version: pulumi.Input[str]
    """What the cell asks of the cluster, whose upgrades are its owner's."""
    kubeconfig: pulumi.Input[str]
    """Names the context, and nothing else: the rest is in the kubeconfig of whoever deploys."""
    priority_class: pulumi.Output[str]

    def __init__(self, fleet: Fleet, cell: ManagedCell, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cellfleet:kubernetes:Cluster", f"{cell.name}-cluster", {"context": cell.account}, opts)
        database = k8s.scheduling.v1.PriorityClass(
            f"{cell.name}-data-priority",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=f"{cell.name}-data", labels=tags(fleet, cell)),
            value=300_000,  # before the Gateway and the services, which are nothing without it
            global_default=False,
            description="The cell's database",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.endpoint = "https://kubernetes.default.svc"
        self.version = requirements.KUBERNETES
        self.kubeconfig = json.dumps({"apiVersion": "v1", "kind": "Config", "current-context": cell.account})
        self.priority_class = database.metadata.name
        self.register_outputs({"priority_class": self.priority_class})

"""A kubeconfig that says how to get a credential and holds none."""

from __future__ import annotations

import base64
import json
from typing import Any, Final

import pulumi
import yaml
from pulumi_azure_native import containerservice

_AKS_SERVER_APPLICATION: Final = "6dae42f8-4368-4678-94ff-3960e28e3630"
"""The Entra application that all AKS clusters are, in every tenant.
https://learn.microsoft.com/azure/aks/kubelogin-authentication; compared in 2026-11 with what kubelogin's users and
Azure PowerShell ask for."""


def kubeconfig(
    cluster: containerservice.ManagedCluster, group: pulumi.Input[str], parent: pulumi.Resource
) -> pulumi.Output[str]:
    """The cluster's address and certificate authority, with kubelogin to get a token as whoever az is logged in as.

    This is the one call that a cell makes of a provider: nothing else tells an AKS cluster's certificate authority.
    What it answers holds no credential either, for the cluster has no local accounts; and it depends on the cluster,
    so that a recording or the preview of a new cell makes no call.
    """
    answer = containerservice.list_managed_cluster_user_credentials_output(
        resource_group_name=group, resource_name=cluster.name, opts=pulumi.InvokeOutputOptions(parent=parent)
    )
    return pulumi.Output.secret(answer.kubeconfigs.apply(lambda files: of(files[0].value)))


def of(encoded: str) -> str:
    """The kubeconfig, in JSON, for the cluster that Azure's own kubeconfig (base64 of YAML) is for."""
    theirs: dict[str, Any] = yaml.safe_load(base64.b64decode(encoded))
    cluster = theirs["clusters"][0]
    name = cluster["name"]
    login = ["get-token", "--login", "azurecli", "--server-id", _AKS_SERVER_APPLICATION]
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": name,
                    "cluster": {
                        "server": cluster["cluster"]["server"],
                        "certificate-authority-data": cluster["cluster"]["certificate-authority-data"],
                    },
                }
            ],
            "users": [
                {
                    "name": name,
                    "user": {
                        "exec": {
                            "apiVersion": "client.authentication.k8s.io/v1beta1",
                            "command": "kubelogin",
                            "args": login,
                            "interactiveMode": "Never",
                            "provideClusterInfo": False,
                        }
                    },
                }
            ],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        },
        sort_keys=True,
    )

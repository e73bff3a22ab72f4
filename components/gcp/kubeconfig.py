"""A kubeconfig that says how to get a credential and holds none."""

from __future__ import annotations

import json

import pulumi
from pulumi_gcp import container


def kubeconfig(cluster: container.Cluster) -> pulumi.Output[str]:
    """The cluster's address and certificate authority, with Google's plugin to get a token as whoever is logged in."""
    return pulumi.Output.secret(
        pulumi.Output.all(
            cluster.name,
            cluster.endpoint,
            cluster.master_auth.apply(lambda known: known.cluster_ca_certificate),
        ).apply(lambda known: of(*known))
    )


def of(name: str, endpoint: str, authority: str) -> str:
    """The kubeconfig, in JSON; `authority` is PEM in base64, as GKE gives it."""
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": name,
                    "cluster": {"server": f"https://{endpoint}", "certificate-authority-data": authority},
                }
            ],
            "users": [
                {
                    "name": name,
                    "user": {
                        "exec": {
                            "apiVersion": "client.authentication.k8s.io/v1beta1",
                            "command": "gke-gcloud-auth-plugin",
                            "installHint": "gcloud components install gke-gcloud-auth-plugin",
                            "interactiveMode": "Never",
                            "provideClusterInfo": True,
                        }
                    },
                }
            ],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        },
        sort_keys=True,
    )

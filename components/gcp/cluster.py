"""A cell's cluster: private GKE over the cell's zones, with one node pool of the class's machines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_gcp as gcp

from cellfleet.inventory.model import Nodes
from components.gcp.network import PODS, SERVICES, Network
from components.gcp.sizes import machine_type

_NODE_DISK_GIB = 100


class Cluster(pulumi.ComponentResource):
    """The cluster and its nodes."""

    cluster: gcp.container.Cluster
    endpoint: pulumi.Output[str]
    version: pulumi.Output[str]
    kubeconfig: pulumi.Output[str]
    nodes: gcp.container.NodePool

    def __init__(
        self,
        cell: str,
        *,
        project: str,
        region: str,
        zones: Sequence[str],
        network: Network,
        nodes: Nodes,
        node_account: pulumi.Input[str],
        deploy_from: Sequence[str],
        data_key: pulumi.Input[str],
        secrets_key: pulumi.Input[str],
        guarded: bool,
        labels: Mapping[str, str],
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:gcp:Cluster", f"{cell}-cluster", {"zones": list(zones)}, opts)
        node = gcp.container.NodePoolNodeConfigArgs(
            machine_type=machine_type(nodes),
            image_type="COS_CONTAINERD",
            disk_type="pd-balanced",
            disk_size_gb=_NODE_DISK_GIB,
            boot_disk_kms_key=data_key,
            service_account=node_account,
            oauth_scopes=["https://www.googleapis.com/auth/cloud-platform"],
            shielded_instance_config={"enable_secure_boot": True, "enable_integrity_monitoring": True},
            workload_metadata_config={"mode": "GKE_METADATA"},
            metadata={"disable-legacy-endpoints": "true"},
            resource_labels=labels,
        )
        self.cluster = gcp.container.Cluster(
            f"{cell}-cluster",
            location=region,
            node_locations=list(zones),
            network=network.network.id,
            subnetwork=network.subnetwork.id,
            networking_mode="VPC_NATIVE",
            ip_allocation_policy={"cluster_secondary_range_name": PODS, "services_secondary_range_name": SERVICES},
            datapath_provider="ADVANCED_DATAPATH",
            enable_intranode_visibility=True,
            in_transit_encryption_config="IN_TRANSIT_ENCRYPTION_INTER_NODE_TRANSPARENT",
            private_cluster_config={
                "enable_private_nodes": True,
                "enable_private_endpoint": not deploy_from,
                "master_global_access_config": {"enabled": False},
            },
            master_authorized_networks_config={
                "gcp_public_cidrs_access_enabled": False,
                "cidr_blocks": [{"cidr_block": source, "display_name": "deploys"} for source in deploy_from],
            },
            master_auth={"client_certificate_config": {"issue_client_certificate": False}},
            enable_legacy_abac=False,
            workload_identity_config={"workload_pool": f"{project}.svc.id.goog"},
            database_encryption={"state": "ENCRYPTED", "key_name": secrets_key},
            enable_shielded_nodes=True,
            # Envoy Gateway brings the definitions of the Gateway API that it was made for; GKE's own would be others.
            gateway_api_config={"channel": "CHANNEL_DISABLED"},
            addons_config={"gce_persistent_disk_csi_driver_config": {"enabled": True}},
            release_channel={"channel": "REGULAR"},
            maintenance_policy={"daily_maintenance_window": {"start_time": "03:00"}},
            logging_config={
                "enable_components": [
                    "SYSTEM_COMPONENTS",
                    "WORKLOADS",
                    "APISERVER",
                    "CONTROLLER_MANAGER",
                    "SCHEDULER",
                ]
            },
            monitoring_config={"enable_components": ["SYSTEM_COMPONENTS"], "managed_prometheus": {"enabled": True}},
            security_posture_config={"mode": "BASIC", "vulnerability_mode": "VULNERABILITY_DISABLED"},
            # The pool that the API makes with a cluster goes at once; until then it needs an account and a key too.
            remove_default_node_pool=True,
            initial_node_count=1,
            node_config={
                "service_account": node_account,
                "oauth_scopes": ["https://www.googleapis.com/auth/cloud-platform"],
                "boot_disk_kms_key": data_key,
                "shielded_instance_config": {"enable_secure_boot": True, "enable_integrity_monitoring": True},
                "workload_metadata_config": {"mode": "GKE_METADATA"},
            },
            deletion_protection=guarded,
            resource_labels=labels,
            opts=pulumi.ResourceOptions(
                parent=self, protect=guarded, depends_on=list(after), ignore_changes=["nodeConfig"]
            ),
        )
        self.nodes = gcp.container.NodePool(
            f"{cell}-nodes",
            cluster=self.cluster.id,
            location=region,
            node_locations=list(zones),
            node_count=-(-nodes.count // len(zones)),  # in each zone
            node_config=node,
            network_config={"enable_private_nodes": True, "pod_range": PODS},
            management={"auto_repair": True, "auto_upgrade": True},
            upgrade_settings={"strategy": "SURGE", "max_surge": 1, "max_unavailable": 0},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.endpoint = pulumi.Output.concat("https://", self.cluster.endpoint)
        self.version = self.cluster.master_version
        self.kubeconfig = pulumi.Output.secret(
            pulumi.Output.all(cell, self.endpoint, self.cluster.master_auth.cluster_ca_certificate).apply(
                lambda known: _kubeconfig(*known)
            )
        )
        self.register_outputs({})


def _kubeconfig(cell: str, endpoint: str, authority: str) -> str:
    """How to reach the cluster as whoever runs kubectl: GKE's plugin fetches that person's own token."""
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": cell,
            "clusters": [{"name": cell, "cluster": {"server": endpoint, "certificate-authority-data": authority}}],
            "contexts": [{"name": cell, "context": {"cluster": cell, "user": cell}}],
            "users": [
                {
                    "name": cell,
                    "user": {
                        "exec": {
                            "apiVersion": "client.authentication.k8s.io/v1beta1",
                            "command": "gke-gcloud-auth-plugin",
                            "installHint": "install it with: gcloud components install gke-gcloud-auth-plugin",
                            "provideClusterInfo": True,
                            "interactiveMode": "IfAvailable",
                        }
                    },
                }
            ],
        }
    )

"""A cell's cluster on GCP: a regional GKE cluster with private nodes, and one node pool over the cell's zones.

GKE's own Gateway API stays off (Envoy Gateway brings the CRDs, and two owners of them would fight), and so does its
endpoint by DNS name, which anybody could reach: the control plane is reached by address, from the cell's network, and
from `deploy_from` where the fleet declares any.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network
from typing import Final

import pulumi
from pulumi_gcp import container

from cellfleet.inventory.model import Nodes
from components.gcp import sizes
from components.gcp.identity import Identities
from components.gcp.keys import Keys
from components.gcp.kubeconfig import kubeconfig
from components.gcp.network import PODS, SERVICES, Network
from components.gcp.place import Place

_SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"
"""What a node may do is said by its account's roles, as Google recommends, not by scopes."""
_CONTROL_PLANE: Final = ("APISERVER", "CONTROLLER_MANAGER", "SCHEDULER")
_DISK_GIB: Final = 100
_SURGE: Final = 1
"""Machines that an upgrade adds in each zone."""


def machines(nodes: Nodes, zones: Sequence[str]) -> int:
    """How many machines the cell has at the most, while it is upgraded."""
    return (_per_zone(nodes, zones) + _SURGE) * len(zones)


class Cluster(pulumi.ComponentResource):
    """The control plane and the cell's machines."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        keys: Keys,
        identities: Identities,
        network: Network,
        nodes: Nodes,
        zones: Sequence[str],
        deploy_from: Sequence[IPv4Network],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Raises Failure where GCP has no machine of the size."""
        super().__init__("cellfleet:gcp:Cluster", name, {}, opts)
        before = (*keys.grants, *identities.node_roles, *network.ready)
        self.cluster = container.Cluster(
            f"{name}-cluster",
            project=place.project,
            location=place.region,
            node_locations=list(zones),
            network=network.network.id,
            subnetwork=network.subnet.id,
            networking_mode="VPC_NATIVE",
            ip_allocation_policy=container.ClusterIpAllocationPolicyArgs(
                cluster_secondary_range_name=PODS, services_secondary_range_name=SERVICES
            ),
            datapath_provider="ADVANCED_DATAPATH",
            in_transit_encryption_config="IN_TRANSIT_ENCRYPTION_INTER_NODE_TRANSPARENT",
            private_cluster_config=container.ClusterPrivateClusterConfigArgs(
                enable_private_nodes=True, enable_private_endpoint=not deploy_from
            ),
            control_plane_endpoints_config=container.ClusterControlPlaneEndpointsConfigArgs(
                dns_endpoint_config=container.ClusterControlPlaneEndpointsConfigDnsEndpointConfigArgs(
                    allow_external_traffic=False
                ),
                ip_endpoints_config=container.ClusterControlPlaneEndpointsConfigIpEndpointsConfigArgs(enabled=True),
            ),
            master_authorized_networks_config=container.ClusterMasterAuthorizedNetworksConfigArgs(
                cidr_blocks=[
                    container.ClusterMasterAuthorizedNetworksConfigCidrBlockArgs(
                        cidr_block=str(source), display_name=f"deploy-from-{number}"
                    )
                    for number, source in enumerate(deploy_from, 1)
                ],
                gcp_public_cidrs_access_enabled=False,
                private_endpoint_enforcement_enabled=True,
            ),
            workload_identity_config=container.ClusterWorkloadIdentityConfigArgs(
                workload_pool=f"{place.project}.svc.id.goog"
            ),
            database_encryption=container.ClusterDatabaseEncryptionArgs(
                state="ENCRYPTED", key_name=keys.keys["secrets"].id
            ),
            release_channel=container.ClusterReleaseChannelArgs(channel="REGULAR"),
            maintenance_policy=container.ClusterMaintenancePolicyArgs(
                # GKE asks for 48 hours in any 32 days.
                recurring_window=container.ClusterMaintenancePolicyRecurringWindowArgs(
                    start_time="2026-01-03T02:00:00Z",
                    end_time="2026-01-03T10:00:00Z",
                    recurrence="FREQ=WEEKLY;BYDAY=SA,SU",
                )
            ),
            logging_config=container.ClusterLoggingConfigArgs(
                enable_components=["SYSTEM_COMPONENTS", "WORKLOADS", *_CONTROL_PLANE]
            ),
            monitoring_config=container.ClusterMonitoringConfigArgs(
                enable_components=["SYSTEM_COMPONENTS", *_CONTROL_PLANE],
                managed_prometheus=container.ClusterMonitoringConfigManagedPrometheusArgs(enabled=True),
            ),
            gateway_api_config=container.ClusterGatewayApiConfigArgs(channel="CHANNEL_DISABLED"),
            rbac_binding_config=container.ClusterRbacBindingConfigArgs(
                enable_insecure_binding_system_authenticated=False,
                enable_insecure_binding_system_unauthenticated=False,
            ),
            security_posture_config=container.ClusterSecurityPostureConfigArgs(mode="BASIC"),
            enable_shielded_nodes=True,
            enable_legacy_abac=False,
            enable_intranode_visibility=True,
            # A cluster is made with a pool, which is taken away once the cell's own can be; until then its machines
            # are the cell's too: of its account, and encrypted by its key.
            initial_node_count=1,
            remove_default_node_pool=True,
            node_config=container.ClusterNodeConfigArgs(
                service_account=identities.nodes.email,
                oauth_scopes=[_SCOPE],
                boot_disk_kms_key=keys.keys["data"].id,
                disk_type="pd-balanced",
                shielded_instance_config=container.ClusterNodeConfigShieldedInstanceConfigArgs(
                    enable_secure_boot=True, enable_integrity_monitoring=True
                ),
                resource_labels=dict(place.labels),
            ),
            deletion_protection=place.guarded,
            resource_labels=dict(place.labels),
            opts=pulumi.ResourceOptions.merge(
                place.under(self, *before, holds_state=True),
                pulumi.ResourceOptions(ignore_changes=["nodeConfig", "initialNodeCount"]),
            ),
        )
        self.nodes = container.NodePool(
            f"{name}-nodes",
            project=place.project,
            location=place.region,
            cluster=self.cluster.name,
            node_locations=list(zones),
            node_count=_per_zone(nodes, zones),
            management=container.NodePoolManagementArgs(auto_repair=True, auto_upgrade=True),
            upgrade_settings=container.NodePoolUpgradeSettingsArgs(
                strategy="SURGE", max_surge=_SURGE, max_unavailable=0
            ),
            network_config=container.NodePoolNetworkConfigArgs(enable_private_nodes=True),
            node_config=container.NodePoolNodeConfigArgs(
                machine_type=sizes.node(nodes.vcpus, nodes.memory_gib),
                image_type="COS_CONTAINERD",
                disk_type="pd-balanced",
                disk_size_gb=_DISK_GIB,
                boot_disk_kms_key=keys.keys["data"].id,
                service_account=identities.nodes.email,
                oauth_scopes=[_SCOPE],
                shielded_instance_config=container.NodePoolNodeConfigShieldedInstanceConfigArgs(
                    enable_secure_boot=True, enable_integrity_monitoring=True
                ),
                workload_metadata_config=container.NodePoolNodeConfigWorkloadMetadataConfigArgs(mode="GKE_METADATA"),
                metadata={"disable-legacy-endpoints": "true"},
                resource_labels=dict(place.labels),
            ),
            opts=place.under(self),
        )
        self.endpoint = self.cluster.endpoint.apply(lambda known: f"https://{known}")
        self.kubeconfig = kubeconfig(self.cluster)
        self.version = self.cluster.master_version
        self.register_outputs({})


def _per_zone(nodes: Nodes, zones: Sequence[str]) -> int:
    """A pool has as many machines in each of its zones; so the cell has at least those that its class says."""
    return -(-nodes.count // len(zones))

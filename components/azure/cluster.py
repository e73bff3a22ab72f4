"""A cell's Kubernetes on Azure: AKS whose API server stands in the cell's own network.

With API server VNet integration nodes and API server meet inside the network, and the API server reaches a vault that
no public network does, which etcd's encryption by the cell's own key asks for. Whether there is a public endpoint too
is the fleet's to say: with `deploy_from` one for those ranges, without a private cluster (AKS allows no ranges on a
private one: https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges, 2024-05).

VNet integration is for public clusters as for private ones (https://learn.microsoft.com/azure/aks/
api-server-vnet-integration); that a public one takes ranges too is known only by a change to AKS's release notes that
extends them there to service tags (2026-03). At times a region has no room for such clusters, which only making one
tells.

The class's machines are a pool a zone, in that zone's subnet. AKS's own add-ons run on a small pool beside them, as the
control plane does: it is the one pool that AKS lets nobody replace, so it cannot be of a size that a class decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network
from typing import Final

import pulumi
from pulumi_azure_native import compute, containerservice, features, network

from cellfleet.inventory.model import Nodes
from components.azure import sizes
from components.azure.addresses import Addresses
from components.azure.identity import Identities, ids
from components.azure.keys import Keys
from components.azure.kubeconfig import kubeconfig
from components.azure.place import Place, once_made
from components.azure.roles import Role, grant

KUBERNETES_VERSION: Final = "1.35"
"""A minor version; AKS keeps it at its newest patch."""
_DISK_GIB: Final = 128
_MOST_PODS: Final = 110
_MAINTENANCE: Final = {
    "aksManagedAutoUpgradeSchedule": containerservice.WeekDay.SUNDAY,
    "aksManagedNodeOSUpgradeSchedule": containerservice.WeekDay.SATURDAY,
}
"""The names are AKS's own; patches of Kubernetes and of the nodes' images each have a night."""


class Cluster(pulumi.ComponentResource):
    """The cluster, its machines and the nights on which Azure updates them."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        keys: Keys,
        identities: Identities,
        addresses: Addresses,
        nodes: Nodes,
        node_subnets: Mapping[str, network.Subnet],
        api_server_subnet: network.Subnet,
        ingress: network.PublicIPAddress,
        deploy_from: Sequence[IPv4Network],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`node_subnets` has a subnet for each zone."""
        super().__init__("cellfleet:azure:Cluster", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        disks = compute.DiskEncryptionSet(
            f"{name}-disks",
            resource_group_name=place.group,
            location=place.region,
            identity=compute.EncryptionSetIdentityArgs(
                type=compute.DiskEncryptionSetIdentityType.USER_ASSIGNED, user_assigned_identities=ids(keys.identity)
            ),
            encryption_type=compute.DiskEncryptionSetType.ENCRYPTION_AT_REST_WITH_CUSTOMER_KEY,
            active_key=compute.KeyForDiskEncryptionSetArgs(key_url=keys.keys["data"].key_uri_with_version),
            rotation_to_latest_key_version_enabled=True,
            tags=place.tags,
            # Azure itself moves the set to the key's next version.
            opts=pulumi.ResourceOptions.merge(
                keys.user(self), pulumi.ResourceOptions(ignore_changes=["activeKey.keyUrl"])
            ),
        )
        encryption_at_host = features.SubscriptionFeatureRegistration(
            f"{name}-encryption-at-host",
            provider_namespace="Microsoft.Compute",
            feature_name="EncryptionAtHost",
            opts=child,
        )
        principal = identities.cluster.principal_id
        scopes: dict[str, tuple[Role, pulumi.Input[str]]] = {
            **{f"nodes-{zone}": (Role.NETWORK_CONTRIBUTOR, subnet.id) for zone, subnet in node_subnets.items()},
            "api-server": (Role.NETWORK_CONTRIBUTOR, api_server_subnet.id),
            "ingress": (Role.NETWORK_CONTRIBUTOR, ingress.id),
            # To find the ingress address by its name and to read the disk encryption set.
            "group": (Role.READER, place.group_id),
            "secrets": (Role.KEY_VAULT_CRYPTO_USER, keys.keys["secrets"].id),
            # To give the API server its own private endpoint of the vault.
            "vault": (Role.KEY_VAULT_CONTRIBUTOR, keys.vault.id),
        }
        grants = [
            grant(f"{name}-cluster-{scope}", role, principal, id_, subscription=place.subscription, opts=child)
            for scope, (role, id_) in scopes.items()
        ]
        zones = list(node_subnets)
        self.cluster = containerservice.ManagedCluster(
            f"{name}-cluster",
            resource_group_name=place.group,
            location=place.region,
            node_resource_group=f"{name}-machines",
            dns_prefix=name,
            kubernetes_version=KUBERNETES_VERSION,
            sku=containerservice.ManagedClusterSKUArgs(
                name=containerservice.ManagedClusterSKUName.BASE, tier=containerservice.ManagedClusterSKUTier.STANDARD
            ),
            identity=containerservice.ManagedClusterIdentityArgs(
                type=containerservice.ResourceIdentityType.USER_ASSIGNED,
                user_assigned_identities=ids(identities.cluster),
            ),
            identity_profile={
                "kubeletidentity": containerservice.UserAssignedIdentityArgs(
                    resource_id=identities.machines.id,
                    client_id=identities.machines.client_id,
                    object_id=identities.machines.principal_id,
                )
            },
            enable_rbac=True,
            disable_local_accounts=True,
            aad_profile=containerservice.ManagedClusterAADProfileArgs(
                managed=True, enable_azure_rbac=True, tenant_id=keys.tenant_id
            ),
            api_server_access_profile=containerservice.ManagedClusterAPIServerAccessProfileArgs(
                enable_vnet_integration=True,
                subnet_id=api_server_subnet.id,
                disable_run_command=True,
                enable_private_cluster=not deploy_from,
                private_dns_zone=None if deploy_from else "system",
                enable_private_cluster_public_fqdn=None if deploy_from else False,
                authorized_ip_ranges=list(map(str, deploy_from)) or None,
            ),
            network_profile=containerservice.ContainerServiceNetworkProfileArgs(
                network_plugin=containerservice.NetworkPlugin.AZURE,
                network_plugin_mode=containerservice.NetworkPluginMode.OVERLAY,
                network_dataplane=containerservice.NetworkDataplane.CILIUM,
                network_policy=containerservice.NetworkPolicy.CILIUM,
                pod_cidr=str(addresses.pods),
                service_cidr=str(addresses.services),
                dns_service_ip=str(addresses.services[10]),
                load_balancer_sku=containerservice.LoadBalancerSku.STANDARD,
                outbound_type=containerservice.OutboundType.USER_ASSIGNED_NAT_GATEWAY,
            ),
            security_profile=containerservice.ManagedClusterSecurityProfileArgs(
                workload_identity=containerservice.ManagedClusterSecurityProfileWorkloadIdentityArgs(enabled=True),
                image_cleaner=containerservice.ManagedClusterSecurityProfileImageCleanerArgs(
                    enabled=True, interval_hours=168
                ),
                azure_key_vault_kms=containerservice.AzureKeyVaultKmsArgs(
                    enabled=True,
                    key_id=keys.keys["secrets"].key_uri_with_version,
                    key_vault_network_access=containerservice.KeyVaultNetworkAccessTypes.PRIVATE,
                    key_vault_resource_id=keys.vault.id,
                ),
            ),
            oidc_issuer_profile=containerservice.ManagedClusterOIDCIssuerProfileArgs(enabled=True),
            disk_encryption_set_id=disks.id,
            addon_profiles={
                "azurepolicy": containerservice.ManagedClusterAddonProfileArgs(enabled=True, config={"version": "v2"})
            },
            auto_upgrade_profile=containerservice.ManagedClusterAutoUpgradeProfileArgs(
                upgrade_channel=containerservice.UpgradeChannel.PATCH,
                node_os_upgrade_channel=containerservice.NodeOSUpgradeChannel.NODE_IMAGE,
            ),
            agent_pool_profiles=[
                containerservice.ManagedClusterAgentPoolProfileArgs(
                    name="system",
                    mode=containerservice.AgentPoolMode.SYSTEM,
                    type=containerservice.AgentPoolType.VIRTUAL_MACHINE_SCALE_SETS,
                    count=max(2, len(zones)),
                    vm_size=sizes.SYSTEM_NODE,
                    os_type=containerservice.OSType.LINUX,
                    os_sku=containerservice.OSSKU.AZURE_LINUX,
                    os_disk_size_gb=_DISK_GIB,
                    os_disk_type=containerservice.OSDiskType.MANAGED,
                    availability_zones=zones,
                    vnet_subnet_id=node_subnets[zones[0]].id,
                    node_taints=["CriticalAddonsOnly=true:NoSchedule"],
                    enable_encryption_at_host=True,
                    enable_node_public_ip=False,
                    max_pods=_MOST_PODS,
                    upgrade_settings=containerservice.AgentPoolUpgradeSettingsArgs(max_surge="33%"),
                    tags=place.tags,
                )
            ],
            tags=place.tags,
            opts=pulumi.ResourceOptions.merge(
                keys.user(self),
                pulumi.ResourceOptions(depends_on=[*grants, identities.assigns_machines, encryption_at_host]),
            ),
        )
        vm_size = sizes.node(nodes.vcpus, nodes.memory_gib)
        for zone, count in _spread(nodes.count, zones).items():
            containerservice.AgentPool(
                f"{name}-nodes-{zone}",
                resource_group_name=place.group,
                resource_name_=self.cluster.name,
                # With the size in its name a pool of another size is made before this one is drained and deleted.
                agent_pool_name=f"z{zone}{vm_size.removeprefix('Standard_').replace('_', '').lower()}",
                mode=containerservice.AgentPoolMode.USER,
                type=containerservice.AgentPoolType.VIRTUAL_MACHINE_SCALE_SETS,
                count=count,
                vm_size=vm_size,
                os_type=containerservice.OSType.LINUX,
                os_sku=containerservice.OSSKU.AZURE_LINUX,
                os_disk_size_gb=_DISK_GIB,
                os_disk_type=containerservice.OSDiskType.MANAGED,
                availability_zones=[zone],
                vnet_subnet_id=node_subnets[zone].id,
                enable_encryption_at_host=True,
                enable_node_public_ip=False,
                max_pods=_MOST_PODS,
                upgrade_settings=containerservice.AgentPoolUpgradeSettingsArgs(
                    max_surge="1", drain_timeout_in_minutes=30
                ),
                tags=place.tags,
                opts=child,
            )
        for schedule, day in _MAINTENANCE.items():
            containerservice.MaintenanceConfiguration(
                f"{name}-{schedule}",
                resource_group_name=place.group,
                resource_name_=self.cluster.name,
                config_name=schedule,
                maintenance_window=containerservice.MaintenanceWindowArgs(
                    duration_hours=4,
                    start_time="02:00",
                    utc_offset="+00:00",
                    schedule=containerservice.ScheduleArgs(
                        weekly=containerservice.WeeklyScheduleArgs(day_of_week=day, interval_weeks=1)
                    ),
                ),
                opts=child,
            )
        self.id = self.cluster.id
        self.issuer = once_made(self.cluster, self.cluster.oidc_issuer_profile).apply(
            lambda profile: profile.issuer_url if profile else ""
        )
        self.version = self.cluster.current_kubernetes_version
        self.endpoint = pulumi.Output.concat(
            "https://", self.cluster.fqdn if deploy_from else self.cluster.private_fqdn, ":443"
        )
        self.kubeconfig = kubeconfig(self.cluster, place.group, self)
        self.register_outputs({})


def _spread(count: int, zones: Sequence[str]) -> dict[str, int]:
    """So many machines over the zones, as evenly as they go, the first zones first; no zone has an empty pool."""
    each, left = divmod(count, len(zones))
    return {zone: each + (place < left) for place, zone in enumerate(zones) if each + (place < left)}

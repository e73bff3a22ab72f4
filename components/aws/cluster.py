"""A cell's EKS cluster: its API, who may reach it, its nodes and what runs on them from the start.

The order matters to EKS and is said where the graph does not tell it: log group and policies before the cluster, the
network and identity add-ons before the nodes (or they never get ready), the rest after (or it has nowhere to run).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from cellfleet.inventory.model import Nodes
from components.aws.observability import LOG_RETENTION_DAYS
from components.aws.place import Place
from components.aws.policy import document, managed, service_trust
from components.aws.sizes import node_type

KUBERNETES_VERSION: Final = "1.35"
"""In standard support until 2027-03-27 (EKS version calendar, as endoflife.date quotes it)."""
_NODE_DISK_GIB: Final = 100
_CONTROL_PLANE_LOGS: Final = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_ACCESS_POLICIES: Final = "arn:aws:eks::aws:cluster-access-policy"


class Cluster(pulumi.ComponentResource):
    """The cluster and its nodes; nodes and pods are in the cluster's own security group."""

    name: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    version: pulumi.Output[str]
    kubeconfig: pulumi.Output[str]
    """JSON; it has no credential in it but says how to get one."""
    security_group_id: pulumi.Output[str]
    """Of every node and pod."""
    issuer: pulumi.Output[str]
    """The OpenID Connect issuer of pods' identities."""
    autoscaling_group: pulumi.Output[str]
    """The name of the nodes' group."""

    def __init__(
        self,
        cell: str,
        *,
        place: Place,
        nodes: Nodes,
        node_subnets: Mapping[str, pulumi.Input[str]],
        pod_subnets: Mapping[str, pulumi.Input[str]],
        deploy_from: Sequence[str],
        release_role_arn: pulumi.Input[str],
        address: str,
        ingress_namespace: str,
        data_key_arn: pulumi.Input[str],
        secrets_key_arn: pulumi.Input[str],
        logs_key_arn: pulumi.Input[str],
        boundary: pulumi.Input[str],
        tags: Mapping[str, str],
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:aws:Cluster", f"{cell}-cluster", None, opts)
        self._cell, self._place, self._boundary, self._tags = cell, place, boundary, tags
        self._child = pulumi.ResourceOptions(parent=self)

        cluster = self._control_plane(list(node_subnets.values()), deploy_from, secrets_key_arn, logs_key_arn)
        self.name, self.endpoint, self.version = cluster.name, cluster.endpoint, cluster.version
        self.security_group_id = cluster.vpc_config.cluster_security_group_id.apply(lambda known: known or "")
        self.issuer = cluster.identities[0].oidcs[0].issuer.apply(lambda known: known or "")
        self.kubeconfig = pulumi.Output.all(
            cluster.name, cluster.endpoint, cluster.certificate_authority.data, release_role_arn
        ).apply(lambda known: kubeconfig(known[0], known[1], known[2], known[3], place.region))

        # Whoever makes a cluster is no administrator of it: only the release role is.
        release = aws.eks.AccessEntry(
            f"{cell}-release",
            cluster_name=cluster.name,
            principal_arn=release_role_arn,
            tags=self._named("release"),
            opts=self._child,
        )
        aws.eks.AccessPolicyAssociation(
            f"{cell}-release",
            cluster_name=cluster.name,
            principal_arn=release.principal_arn,
            policy_arn=f"{_ACCESS_POLICIES}/AmazonEKSClusterAdminPolicy",
            access_scope={"type": "cluster"},
            opts=self._child,
        )

        before = [
            self._addon("eks-pod-identity-agent", None),
            self._addon("kube-proxy", None),
            self._addon(
                "vpc-cni",
                pulumi.Output.all(self.security_group_id, pod_subnets).apply(
                    lambda known: pod_network(place.region, known[0], known[1])
                ),
                service_account="aws-node",
                policy=managed("AmazonEKS_CNI_Policy"),
            ),
        ]
        group = self._nodes(nodes, list(node_subnets.values()), data_key_arn, [*after, *before])
        self.autoscaling_group = group.resources[0].autoscaling_groups[0].name.apply(lambda known: known or "")
        for addon in ("coredns", "metrics-server"):
            self._addon(addon, None, after=[group])
        self._addon(
            "aws-ebs-csi-driver",
            None,
            service_account="ebs-csi-controller-sa",
            policy=managed("service-role/AmazonEBSCSIDriverPolicy"),
            after=[group],
        )
        self._certificate_controller(address, ingress_namespace, group)
        self.register_outputs({})

    def _control_plane(
        self,
        subnets: Sequence[pulumi.Input[str]],
        deploy_from: Sequence[str],
        secrets_key_arn: pulumi.Input[str],
        logs_key_arn: pulumi.Input[str],
    ) -> aws.eks.Cluster:
        role = self._role("cluster", "eks.amazonaws.com")
        # EKS would make this log group itself, with no key and no end, and leave it behind.
        logs = aws.cloudwatch.LogGroup(
            f"{self._cell}-cluster-logs",
            name=f"/aws/eks/{self._cell}/cluster",
            kms_key_id=logs_key_arn,
            retention_in_days=LOG_RETENTION_DAYS,
            tags=self._named("cluster-logs"),
            opts=self._child,
        )
        policies = [
            self._attach("cluster", role, managed("AmazonEKSClusterPolicy")),
            aws.iam.RolePolicy(
                f"{self._cell}-cluster",
                role=role.name,
                policy=document(
                    {
                        "Effect": "Allow",
                        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ListGrants", "kms:DescribeKey"],
                        "Resource": secrets_key_arn,
                    }
                ),
                opts=self._child,
            ),
        ]
        return aws.eks.Cluster(
            f"{self._cell}-cluster",
            name=self._cell,  # its log group and its deploy role's policy name it
            version=KUBERNETES_VERSION,
            role_arn=role.arn,
            upgrade_policy={"support_type": "STANDARD"},
            access_config={"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": False},
            bootstrap_self_managed_addons=False,
            vpc_config={
                "subnet_ids": subnets,
                "endpoint_private_access": True,
                "endpoint_public_access": bool(deploy_from),
                "public_access_cidrs": list(deploy_from) or None,
            },
            encryption_config={"provider": {"key_arn": secrets_key_arn}, "resources": ["secrets"]},
            enabled_cluster_log_types=list(_CONTROL_PLANE_LOGS),
            tags=self._named("cluster"),
            opts=self._after([logs, *policies], delete_before_replace=True),
        )

    def _nodes(
        self,
        nodes: Nodes,
        subnets: Sequence[pulumi.Input[str]],
        data_key_arn: pulumi.Input[str],
        after: Sequence[pulumi.Resource],
    ) -> aws.eks.NodeGroup:
        role = self._role("nodes", "ec2.amazonaws.com")
        policies = [
            self._attach("nodes-join", role, managed("AmazonEKSWorkerNodePolicy")),
            self._attach("nodes-pull", role, managed("AmazonEC2ContainerRegistryPullOnly")),
        ]
        template = aws.ec2.LaunchTemplate(
            f"{self._cell}-nodes",
            update_default_version=True,
            block_device_mappings=[
                {
                    "device_name": "/dev/xvda",
                    "ebs": {
                        "volume_type": "gp3",
                        "volume_size": _NODE_DISK_GIB,
                        "encrypted": "true",
                        "kms_key_id": data_key_arn,
                        "delete_on_termination": "true",
                    },
                }
            ],
            # One hop: a pod, a hop further than its node, cannot get at the node's credentials.
            metadata_options={
                "http_endpoint": "enabled",
                "http_tokens": "required",
                "http_put_response_hop_limit": 1,
            },
            monitoring={"enabled": True},
            tag_specifications=[
                {"resource_type": kind, "tags": self._named("node")}
                for kind in ("instance", "volume", "network-interface")
            ],
            tags=self._named("nodes"),
            opts=self._child,
        )
        return aws.eks.NodeGroup(
            f"{self._cell}-nodes",
            cluster_name=self.name,
            node_role_arn=role.arn,
            subnet_ids=subnets,
            ami_type="AL2023_x86_64_STANDARD",
            instance_types=[node_type(nodes)],
            # A class is a fixed size; the room above it is for the nodes that a rolling update starts first.
            scaling_config={
                "min_size": nodes.count,
                "desired_size": nodes.count,
                "max_size": nodes.count + len(subnets),
            },
            update_config={"max_unavailable": 1},
            node_repair_config={"enabled": True},
            launch_template={"id": template.id, "version": template.latest_version.apply(str)},
            tags=self._named("nodes"),
            opts=self._after([*policies, *after]),
        )

    def _addon(
        self,
        addon: str,
        configuration: pulumi.Output[str] | None,
        *,
        service_account: str | None = None,
        policy: str | None = None,
        after: Sequence[pulumi.Resource] = (),
    ) -> aws.eks.Addon:
        """One of EKS's add-ons, with a role of its own where it calls AWS."""
        identities: list[aws.eks.AddonPodIdentityAssociationArgs] = []
        needed = list(after)
        if service_account is not None and policy is not None:
            role = self._role(addon, "pods.eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession")
            needed.append(self._attach(addon, role, policy))
            identities.append(
                aws.eks.AddonPodIdentityAssociationArgs(role_arn=role.arn, service_account=service_account)
            )
        return aws.eks.Addon(
            f"{self._cell}-{addon}",
            cluster_name=self.name,
            addon_name=addon,
            configuration_values=configuration,
            pod_identity_associations=identities or None,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            tags=self._named(addon),
            opts=self._after(needed),
        )

    def _certificate_controller(self, address: str, namespace: str, group: aws.eks.NodeGroup) -> None:
        """EKS's managed ACK, which keeps the Gateway's certificate in its secret; see components/aws/workload.py.

        It may have certificates for the cell's own address only, and write secrets in the Gateway's namespace only.
        """
        role = self._role("ack", "capabilities.eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession")
        policy = aws.iam.RolePolicy(
            f"{self._cell}-ack",
            role=role.name,
            policy=document(
                {
                    "Effect": "Allow",
                    "Action": "acm:RequestCertificate",
                    "Resource": "*",
                    "Condition": {
                        "ForAllValues:StringEquals": {"acm:DomainNames": [address]},
                        "Null": {"acm:DomainNames": "false"},
                    },
                },
                {
                    "Effect": "Allow",
                    "Action": [
                        "acm:AddTagsToCertificate",
                        "acm:DeleteCertificate",
                        "acm:DescribeCertificate",
                        "acm:ExportCertificate",
                        "acm:ListTagsForCertificate",
                        "acm:RemoveTagsFromCertificate",
                        "acm:UpdateCertificateOptions",
                    ],
                    "Resource": self._place.arn("acm", "certificate/*"),
                },
            ),
            opts=self._child,
        )
        capability = aws.eks.Capability(
            f"{self._cell}-ack",
            capability_name="ack",
            cluster_name=self.name,
            type="ACK",
            role_arn=role.arn,
            delete_propagation_policy="RETAIN",  # the only one that there is; the workload stack deletes its own
            tags=self._named("ack"),
            opts=self._after([policy, group]),
        )
        # EKS makes the capability's access entry; by itself it may not touch secrets.
        aws.eks.AccessPolicyAssociation(
            f"{self._cell}-ack",
            cluster_name=self.name,
            principal_arn=role.arn,
            policy_arn=f"{_ACCESS_POLICIES}/AmazonEKSSecretAdminPolicy",
            access_scope={"type": "namespace", "namespaces": [namespace]},
            opts=self._after([capability]),
        )

    def _role(self, part: str, service: str, *actions: str) -> aws.iam.Role:
        return aws.iam.Role(
            f"{self._cell}-{part}",
            assume_role_policy=service_trust(service, self._place.account, *actions),
            permissions_boundary=self._boundary,
            tags=self._named(part),
            opts=self._child,
        )

    def _attach(self, part: str, role: aws.iam.Role, policy: str) -> aws.iam.RolePolicyAttachment:
        return aws.iam.RolePolicyAttachment(f"{self._cell}-{part}", role=role.name, policy_arn=policy, opts=self._child)

    def _after(self, needed: Sequence[pulumi.Resource], **more: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(needed), **more)

    def _named(self, part: str) -> dict[str, str]:
        return {**self._tags, "Name": f"{self._cell}-{part}"}


def pod_network(region: str, security_group_id: str, subnets: Mapping[str, str]) -> str:
    """The network add-on's configuration: pods get addresses of their zone's subnet, and NetworkPolicies are enforced.

    `subnets`: the pod subnet's id, by zone.
    """
    return json.dumps(
        {
            "enableNetworkPolicy": "true",
            "env": {
                "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true",
                "ENI_CONFIG_LABEL_DEF": "topology.kubernetes.io/zone",
                "ENABLE_PREFIX_DELEGATION": "true",
                "WARM_PREFIX_TARGET": "1",
            },
            "eniConfig": {
                "create": True,
                "region": region,
                "subnets": {
                    zone: {"id": subnet, "securityGroups": [security_group_id]} for zone, subnet in subnets.items()
                },
            },
        },
        sort_keys=True,
    )


def kubeconfig(name: str, endpoint: str, authority: str, role: str, region: str) -> str:
    """A kubeconfig in JSON that gets its credential by assuming `role`; `authority` is the API's, in base64."""
    token = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": ["eks", "get-token", "--cluster-name", name, "--region", region, "--role-arn", role],
        "interactiveMode": "Never",
    }
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": {"server": endpoint, "certificate-authority-data": authority}}],
            "users": [{"name": name, "user": {"exec": token}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        },
        sort_keys=True,
    )

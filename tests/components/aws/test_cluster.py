"""An AWS cell's cluster and nodes."""

from __future__ import annotations

import json

import pytest

from components.aws import cluster
from tests.components.aws.recorded import CELL, as_declared, recorded, statements


def test_the_api_is_reached_from_the_fleets_ranges_only() -> None:
    network = as_declared().one("eks/cluster:Cluster").inputs["vpcConfig"]
    assert network["endpointPrivateAccess"] is True
    assert network["endpointPublicAccess"] is True
    assert network["publicAccessCidrs"] == ["203.0.113.0/24"]


def test_with_no_such_ranges_it_is_private() -> None:
    network = recorded({"fleet.deploy_from": []}).one("eks/cluster:Cluster").inputs["vpcConfig"]
    assert network["endpointPublicAccess"] is False
    assert network.get("publicAccessCidrs") is None


def test_access_is_by_entries_and_only_the_release_role_administers() -> None:
    resources = as_declared()
    made = resources.one("eks/cluster:Cluster")
    assert made.inputs["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    granted = {
        r.name: (r.inputs["policyArn"].rpartition("/")[2], r.inputs["accessScope"])
        for r in resources.of("eks/accessPolicyAssociation:AccessPolicyAssociation")
    }
    assert granted == {
        f"{CELL}-release": ("AmazonEKSClusterAdminPolicy", {"type": "cluster"}),
        f"{CELL}-ack": ("AmazonEKSSecretAdminPolicy", {"type": "namespace", "namespaces": [f"{CELL}-gateway"]}),
    }


def test_secrets_are_encrypted_and_every_log_is_kept_by_the_stack() -> None:
    resources = as_declared()
    made = resources.one("eks/cluster:Cluster")
    assert made.inputs["encryptionConfig"]["resources"] == ["secrets"]
    assert set(made.inputs["enabledClusterLogTypes"]) == {
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
    }
    logs = resources.one("cloudwatch/logGroup:LogGroup", "cluster-logs")
    assert logs.inputs["name"] == f"/aws/eks/{made.inputs['name']}/cluster"
    assert logs.urn in made.dependencies
    assert all("kmsKeyId" in group.inputs for group in resources.of("cloudwatch/logGroup:LogGroup"))
    assert all(group.inputs["retentionInDays"] > 0 for group in resources.of("cloudwatch/logGroup:LogGroup"))


def test_nodes_are_the_classs() -> None:
    group = as_declared().one("eks/nodeGroup:NodeGroup")
    assert group.inputs["instanceTypes"] == ["m7i.xlarge"]
    assert group.inputs["scalingConfig"] == {"minSize": 3, "desiredSize": 3, "maxSize": 6}
    assert len(group.inputs["subnetIds"]) == 3
    large = recorded({f"cells.{CELL}.class": "large"}).one("eks/nodeGroup:NodeGroup")
    assert large.inputs["instanceTypes"] == ["m7i.4xlarge"]
    assert large.inputs["scalingConfig"]["desiredSize"] == 9


def test_a_pod_cannot_reach_its_nodes_credentials_and_disks_are_encrypted() -> None:
    template = as_declared().one("ec2/launchTemplate:LaunchTemplate").inputs
    assert template["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }
    (disk,) = template["blockDeviceMappings"]
    assert disk["ebs"]["encrypted"] == "true"
    assert "kmsKeyId" in disk["ebs"]


def test_nodes_wait_for_their_policies_their_network_and_their_way_out() -> None:
    resources = as_declared()
    needed = set(resources.one("eks/nodeGroup:NodeGroup").dependencies)
    for kind, name in (
        ("iam/rolePolicyAttachment:RolePolicyAttachment", "nodes-join"),
        ("iam/rolePolicyAttachment:RolePolicyAttachment", "nodes-pull"),
        ("eks/addon:Addon", "vpc-cni"),
        ("eks/addon:Addon", "kube-proxy"),
        ("eks/addon:Addon", "eks-pod-identity-agent"),
        ("ec2/natGateway:NatGateway", ""),
        ("ec2/vpcEndpoint:VpcEndpoint", "ecr-dkr"),
    ):
        assert resources.one(kind, name).urn in needed, name
    for addon in ("coredns", "metrics-server", "aws-ebs-csi-driver"):
        assert resources.one("eks/nodeGroup:NodeGroup").urn in resources.one("eks/addon:Addon", addon).dependencies


@pytest.mark.parametrize(
    ("addon", "account"), [("vpc-cni", "aws-node"), ("aws-ebs-csi-driver", "ebs-csi-controller-sa")]
)
def test_an_add_on_that_calls_aws_has_a_role_of_its_own(addon: str, account: str) -> None:
    (identity,) = as_declared().one("eks/addon:Addon", addon).inputs["podIdentityAssociations"]
    assert identity["serviceAccount"] == account


def test_the_certificate_controller_may_ask_for_the_cells_own_name_only() -> None:
    policy = as_declared().one("iam/rolePolicy:RolePolicy", "-ack").inputs["policy"]
    request = statements(policy)[0]
    assert request["Action"] == "acm:RequestCertificate"
    assert request["Condition"]["ForAllValues:StringEquals"] == {"acm:DomainNames": [f"{CELL}.cells.acme.io"]}


def test_a_kubeconfig_says_how_to_get_a_credential_and_has_none() -> None:
    role = "arn:aws:iam::111111111111:role/release"
    config = json.loads(cluster.kubeconfig("us-aws-1", "https://api", "Y2E=", role, "us-west-2"))
    (user,) = config["users"]
    assert set(user["user"]) == {"exec"}
    assert user["user"]["exec"]["args"][-2:] == ["--role-arn", role]
    assert config["clusters"][0]["cluster"]["server"] == "https://api"


def test_pods_get_addresses_of_their_zones_pod_subnet_and_policies_are_enforced() -> None:
    configured = json.loads(cluster.pod_network("us-west-2", "sg-1", {"us-west-2a": "subnet-1"}))
    assert configured["env"]["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"] == "true"
    assert configured["eniConfig"]["subnets"] == {"us-west-2a": {"id": "subnet-1", "securityGroups": ["sg-1"]}}
    assert configured["enableNetworkPolicy"] == "true"

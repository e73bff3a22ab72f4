from __future__ import annotations

import pytest

from sandbox.inputs import problems
from sandbox.types import SDKS

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
SUBNET = "aws:ec2/subnet:Subnet"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
GATEWAY = "kubernetes:gateway.networking.k8s.io/v1:Gateway"

WRONG = [
    (SUBNET, {"vpcId": "x", "cidrBlok": "x"}, [f"cidrBlok: not an argument of {SUBNET}; did you mean cidrBlock?"]),
    (SUBNET, {}, [f"vpcId: required by {SUBNET}, but not given"]),
    (SUBNET, {"vpcId": 7}, ["vpcId: 7 is not a string"]),
    (SUBNET, {"vpcId": {**SECRET, "value": 7}}, ["vpcId: the secret is not a string"]),
    (SUBNET, {"vpcId": "x", "mapPublicIpOnLaunch": "yes"}, ['mapPublicIpOnLaunch: "yes" is not a boolean']),
    (
        GROUP,
        {"ingress": [{"protocol": "tcp", "fromPort": 80.5, "toPort": 80}]},
        ["fromPort: 80.5 is not a whole number"],
    ),
    (
        GROUP,
        {"ingress": [{"protocol": "tcp", "fromPort": 80}]},
        ["ingress[0].toPort: required by"],
    ),
    (GROUP, {"tags": ["a"]}, ['tags: ["a"] is not a mapping']),
    ("gcp:container/cluster:Cluster", {"nodeConfig": {"machineTyp": "x"}}, ["did you mean machineType?"]),
    ("azure-native:storage:StorageAccount", {"resourceGroupName": "x", "kind": "StorageV2"}, ["sku: required"]),
    ("azure-native:network:VirtualNetwork", {"resourceGroupName": "x", "subnets": "x"}, ['subnets: "x" is not a list']),
    ("kubernetes:core/v1:Pod", {"spec": {"containers": [{"image": "x"}]}}, ["spec.containers[0].name: required"]),
    ("kubernetes:helm.sh/v3:Release", {"chart": "x", "repositoryOpts": {"url": "x"}}, ["RepositoryOpts"]),
    (GATEWAY, {"apiVersion": "v1", "kind": "Gateway"}, ["'v1' is not 'gateway.networking.k8s.io/v1'"]),
    ("pulumi:providers:aws", {"defaultTags": '{"tagz": {}}'}, ["defaultTags.tagz: not an argument"]),
    ("aws:ec2/vps:Vps", {}, ["there is no type aws:ec2/vps:Vps"]),
]

RIGHT = [
    (SUBNET, {"vpcId": UNKNOWN, "cidrBlock": {**SECRET, "value": "10.0.0.0/24"}, "tags": {"a": UNKNOWN}}),
    (SUBNET, {"vpcId": object()}),  # a recorder's sentinel
    (GROUP, {"ingress": [{"protocol": "tcp", "fromPort": 80.0, "toPort": 80}], "__defaults": []}),
    ("kubernetes:core/v1:Service", {"metadata": {"name": "x"}, "spec": {"ports": [{"port": 80, "targetPort": "web"}]}}),
    ("kubernetes:helm.sh/v3:Release", {"chart": "x", "values": {"a": {"b": [1]}}}),
    (GATEWAY, {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "spec": {"listeners": [{"name": 1}]}}),
    ("pulumi:providers:aws", {"region": "us-west-2", "allowedAccountIds": '["111111111111"]', "version": "7.51.1"}),
    ("pulumi:pulumi:StackReference", {"name": "x"}),
]


@pytest.mark.parametrize(("token", "inputs", "said"), WRONG)
def test_what_a_provider_would_refuse_is_said_with_its_path(token: str, inputs: dict, said: list[str]) -> None:
    found = problems(token, inputs)
    assert len(found) == len(said)
    for problem, words in zip(found, said, strict=True):
        assert words in problem


@pytest.mark.parametrize(("token", "inputs"), RIGHT)
def test_what_a_provider_would_take_is_let_through(token: str, inputs: dict) -> None:
    assert problems(token, inputs) == []


def test_the_sdks_are_all_four() -> None:
    assert set(SDKS) == {"aws", "gcp", "azure-native", "kubernetes"}

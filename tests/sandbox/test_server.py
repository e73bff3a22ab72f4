from __future__ import annotations

import re

import grpc
import pytest

from policies.capacity.quotas import defaults
from sandbox import faults, quotas
from sandbox.books import Books
from sandbox.faults import FaultKind
from tests.sandbox.calls import Api, urn

BUCKET = "aws:s3/bucket:Bucket"
CLUSTER = "aws:rds/cluster:Cluster"
VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
CONFIG = "kubernetes:core/v1:ConfigMap"
SECRET = "kubernetes:core/v1:Secret"

NAMED = [  # type, what is given, the argument that the name is in, and the name
    ("aws", BUCKET, {}, "bucket", r"us-aws-1-x-[0-9a-f]{7}"),
    ("aws", "aws:kms/alias:Alias", {"targetKeyId": "x"}, "name", r"alias/us-aws-1-x-[0-9a-f]{7}"),
    ("gcp", "gcp:compute/network:Network", {}, "name", r"us-aws-1-x-[0-9a-f]{7}"),
    ("azure-native", "azure-native:resources:ResourceGroup", {}, "resourceGroupName", r"us-aws-1-x[0-9a-f]{8}"),
    (
        "azure-native",
        "azure-native:authorization:RoleAssignment",
        {"principalId": "p", "roleDefinitionId": "r", "scope": "/s"},
        "roleAssignmentName",
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    ),
]


@pytest.mark.parametrize(("sdk", "token", "inputs", "argument", "form"), NAMED)
def test_a_name_is_made_up_as_the_provider_does_and_kept(
    api: Api, sdk: str, token: str, inputs: dict, argument: str, form: str
) -> None:
    account = api.connect(sdk)
    checked, problems = account.check(token, "us-aws-1-x", inputs)
    assert problems == []
    assert re.fullmatch(form, checked[argument])
    again, _ = account.check(token, "us-aws-1-x", inputs, before=checked)
    assert again == checked


def test_kubernetes_objects_are_named_in_their_metadata(api: Api) -> None:
    checked, _ = api.connect("kubernetes").check(CONFIG, "settings", {"metadata": {"namespace": "web"}, "data": {}})
    assert re.fullmatch(r"settings-[0-9a-f]{8}", checked["metadata"]["name"])
    assert checked["metadata"]["namespace"] == "web"


@pytest.mark.parametrize(
    ("sdk", "token", "inputs"),
    [
        ("aws", BUCKET, {"bucket": "Not_A_Bucket"}),
        ("aws", "aws:lb/loadBalancer:LoadBalancer", {"name": "x" * 33}),
        ("gcp", "gcp:compute/network:Network", {"name": "1network"}),
        ("gcp", "gcp:serviceaccount/account:Account", {"accountId": "x" * 31}),
        ("azure-native", "azure-native:resources:ResourceGroup", {"resourceGroupName": "x."}),
    ],
)
def test_a_name_that_the_api_would_refuse_is_refused(api: Api, sdk: str, token: str, inputs: dict) -> None:
    _, problems = api.connect(sdk).check(token, "x", inputs)
    assert len(problems) == 1


REPLACES = [
    (VPC, {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.1.0.0/16"}, True),
    (VPC, {"tags": {"a": "b"}}, {"tags": {"a": "c"}}, False),
    (CLUSTER, {"engine": "aurora-postgresql"}, {"engine": "aurora-mysql"}, True),
    (CLUSTER, {"engineVersion": "17.5"}, {"engineVersion": "17.6"}, False),
    (CLUSTER, {"kmsKeyId": "a"}, {"kmsKeyId": "b"}, True),
    ("aws:eks/nodeGroup:NodeGroup", {"scalingConfig": {"minSize": 1}}, {"scalingConfig": {"minSize": 2}}, False),
    ("aws:eks/nodeGroup:NodeGroup", {"instanceTypes": ["a"]}, {"instanceTypes": ["b"]}, True),
]


@pytest.mark.parametrize(("token", "old", "new", "anew"), REPLACES)
def test_what_replaces_is_what_the_api_cannot_change(api: Api, token: str, old: dict, new: dict, anew: bool) -> None:
    answer = api.connect("aws").diff(token, old, new)
    assert bool(answer.replaces) is anew
    assert len(answer.detailedDiff) == 1


MUTABLE = {"enableConfigMapMutable": "true", "enableSecretMutable": "true"}
CONTENTS = [  # type, what its provider is told, its inputs, the property that changes, and whether it is made anew
    (CONFIG, {}, {}, "data", True),
    (CONFIG, MUTABLE, {}, "data", False),
    (CONFIG, MUTABLE, {}, "binaryData", False),
    (CONFIG, MUTABLE, {"immutable": True}, "data", True),
    (SECRET, {}, {}, "stringData", True),
    (SECRET, {"enableConfigMapMutable": "true"}, {}, "data", True),
    (SECRET, MUTABLE, {}, "data", False),
    (SECRET, MUTABLE, {}, "type", True),
]


@pytest.mark.parametrize(("token", "told", "more", "property_", "anew"), CONTENTS)
def test_what_an_object_holds_is_changed_in_place_where_the_provider_is_told_to(
    api: Api, token: str, told: dict, more: dict, property_: str, anew: bool
) -> None:
    before, after = ({"metadata": {"name": "x"}, property_: {"a": value}, **more} for value in ("b", "c"))
    answer = api.connect("kubernetes", **told).diff(token, before, after)
    assert list(answer.diffs) == [property_]
    assert list(answer.replaces) == ([property_] if anew else [])


def test_what_was_named_by_hand_goes_before_its_successor_comes(api: Api) -> None:
    aws = api.connect("aws")
    by_hand = {"bucket": "acme-x", "objectLockEnabled": False, "__defaults": []}
    assert aws.diff(BUCKET, by_hand, {**by_hand, "objectLockEnabled": True}).deleteBeforeReplace
    made_up = {**by_hand, "__defaults": ["bucket"]}
    assert not aws.diff(BUCKET, made_up, {**made_up, "objectLockEnabled": True}).deleteBeforeReplace


def test_a_bucket_name_is_taken_for_everybody_once_it_is_taken(api: Api) -> None:
    ours, theirs = api.connect("aws"), api.connect("aws", allowedAccountIds='["222222222222"]', region="eu-west-1")
    id_, outputs = ours.create(BUCKET, "mine", {"bucket": "acme-taken"})
    assert outputs["arn"] == "arn:aws:s3:::acme-taken"
    with pytest.raises(grpc.RpcError, match="BucketAlreadyExists"):
        theirs.create(BUCKET, "theirs", {"bucket": "acme-taken"})
    ours.delete(BUCKET, "mine", id_, {"bucket": "acme-taken"})
    theirs.create(BUCKET, "theirs", {"bucket": "acme-taken"})


def test_a_role_in_an_account_that_is_not_allowed_is_refused(api: Api) -> None:
    with pytest.raises(grpc.RpcError, match="AWS account ID not allowed: 222222222222"):
        api.connect("aws", assumeRoles='[{"roleArn": "arn:aws:iam::222222222222:role/deploy"}]')


def test_outputs_are_of_the_account_and_region_and_the_same_when_read_again(api: Api) -> None:
    aws = api.connect("aws", region="eu-central-1")
    id_, made = aws.create("aws:eks/cluster:Cluster", "c", {"roleArn": "r", "vpcConfig": {"subnetIds": ["a", "b"]}})
    assert made["arn"] == f"arn:aws:eks:eu-central-1:111111111111:cluster/{id_}"
    assert made["identities"][0]["oidcs"][0]["issuer"].startswith("https://oidc.eks.eu-central-1.amazonaws.com/id/")
    assert made["vpcConfig"]["subnetIds"] == ["a", "b"]
    assert made["vpcConfig"]["clusterSecurityGroupId"].startswith("sg-")
    assert aws.read("aws:eks/cluster:Cluster", "c", id_) == (id_, made)


def test_what_is_guarded_is_not_deleted(api: Api) -> None:
    aws = api.connect("aws")
    inputs = {"engine": "aurora-postgresql", "clusterIdentifier": "guarded", "deletionProtection": True}
    id_, _ = aws.create(CLUSTER, "guarded", inputs)
    with pytest.raises(grpc.RpcError, match="Cannot delete protected Cluster"):
        aws.delete(CLUSTER, "guarded", id_, inputs)
    assert aws.read(CLUSTER, "guarded", id_)[0] == id_


def test_a_lock_keeps_all_that_is_below_it(api: Api) -> None:
    azure = api.connect("azure-native")
    group, account = "azure-native:resources:ResourceGroup", "azure-native:storage:StorageAccount"
    lock = "azure-native:authorization:ManagementLockAtResourceGroupLevel"
    azure.create(group, "g", {"resourceGroupName": "locked", "location": "eastus2"})
    bucket = {"resourceGroupName": "locked", "accountName": "lockedbucket", "kind": "StorageV2", "sku": {"name": "x"}}
    bucket_id, _ = azure.create(account, "b", bucket)
    locked = {"resourceGroupName": "locked", "level": "CanNotDelete", "lockName": "keep"}
    lock_id, _ = azure.create(lock, "l", locked)
    with pytest.raises(grpc.RpcError, match="ScopeLocked"):
        azure.delete(account, "b", bucket_id, bucket)
    azure.delete(lock, "l", lock_id, locked)
    azure.delete(account, "b", bucket_id, bucket)
    assert azure.read(account, "b", bucket_id)[0] == ""


def test_an_account_has_no_more_than_its_quota_until_it_is_granted_more(api: Api) -> None:
    aws = api.connect("aws", allowedAccountIds='["333333333333"]')
    for number in range(5):
        aws.create(VPC, f"v{number}", {"cidrBlock": "10.0.0.0/16"})
    with pytest.raises(grpc.RpcError, match="VpcLimitExceeded"):
        aws.create(VPC, "v5", {"cidrBlock": "10.0.0.0/16"})
    elsewhere = api.connect("aws", allowedAccountIds='["333333333333"]', region="eu-west-1")
    elsewhere.create(VPC, "v6", {"cidrBlock": "10.0.0.0/16"})
    quota = next(each for each in defaults() if each.id == "aws/vpcs")
    with Books(api.folder) as books:
        quotas.grant(books, quota, "333333333333", 6)
    aws.create(VPC, "v5", {"cidrBlock": "10.0.0.0/16"})


def test_a_fault_meets_the_type_and_the_cell_that_it_is_for_as_often_as_asked(api: Api) -> None:
    aws = api.connect("aws")
    with Books(api.folder) as books:
        faults.add(books, type_="aws:ec2/*", cell="us-aws-1", kind=FaultKind.THROTTLE, times=2, seconds=0)
        faults.add(books, type_="aws:ec2/*", cell="de-gcp-1", kind=FaultKind.FAIL, times=1, seconds=0)
    aws.create(BUCKET, "other", {})
    for _ in range(2):
        with pytest.raises(grpc.RpcError, match="Rate exceeded"):
            aws.create(SUBNET, "s", {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24"})
    aws.create(SUBNET, "s", {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24"})
    with Books(api.folder) as books:
        assert [fault.cell for fault in faults.standing(books)] == ["de-gcp-1"]
        faults.clear(books)
        assert books.find(urn(SUBNET, "s")) != []
        assert urn(SUBNET, "s") not in dict(books.duplicates())

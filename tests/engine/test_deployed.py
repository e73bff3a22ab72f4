"""What the engine's state has of a stack is what rules see of it, and no secret is among it."""

from __future__ import annotations

import json
from dataclasses import replace

import pulumi
import pulumi_aws as aws
import pytest

from cellfleet.engine.deployed import deployed
from cellfleet.engine.plan import Task
from cellfleet.engine.record import record
from cellfleet.failure import Failure
from cellfleet.inventory.stack import Stack
from policies.resource import UNKNOWN, Resource, Resources
from tests.engine.tiny import PROJECT, World, task

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")

A, B, NONE = Stack.parse("cell-a"), Stack.parse("cell-b"), Stack.parse("cell-c")
SECRET = "hush-hush"


def network() -> None:
    """A network in a component, with a secret in an argument, and one that is only looked at."""
    provider = aws.Provider("there", region="us-west-2", allowed_account_ids=["111111111111"])
    options = pulumi.ResourceOptions(provider=provider)
    component = pulumi.ComponentResource("cellfleet:test:Network", "network", {"cidr": "10.0.0.0/16"})
    vpc = aws.ec2.Vpc(
        "vpc",
        cidr_block="10.0.0.0/16",
        tags={"cell": "a"},
        opts=pulumi.ResourceOptions(parent=component, provider=provider, protect=True, ignore_changes=["tags.x"]),
    )
    aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", opts=options)
    rule = {"protocol": "tcp", "from_port": 443, "to_port": 443, "description": pulumi.Output.secret(SECRET)}
    aws.ec2.SecurityGroup("group", vpc_id=vpc.id, ingress=[rule], opts=options)
    aws.ssm.Parameter("parameter", type="SecureString", value=pulumi.Output.secret(SECRET), opts=options)


def read(world: World, *stacks: Stack) -> list[Resources]:
    return list(deployed(world.place, world.cli, stacks))


def named(resources: Resources) -> dict[str, Resource]:
    return {resource.name: resource for resource in resources.every}


def test_the_state_is_seen_as_its_program_was_recorded_with_what_only_a_deploy_tells(world: World) -> None:
    world.up(Task(A.name, network, imports="aws"))
    (found,) = read(world, A)
    recording = Resources(A, record(network, stack=A.name, project=PROJECT).resources)
    assert (found.stack, found.deployed) == (A, True)
    ours, theirs = named(found), named(recording)
    assert list(ours) == list(theirs), "in the same order, and without the stack itself"
    for name, resource in ours.items():
        said = theirs[name]
        for part in ("urn", "type", "parent", "dependencies", "property_dependencies", "custom", "protect", "secrets"):
            assert getattr(resource, part) == getattr(said, part), f"{part} of {name}"
        assert resource.provider.rpartition("::")[0] == said.provider.rpartition("::")[0]
    assert ours["vpc"].ignore_changes == ("tags.x",)
    (vpc,) = world.books.all(matching="aws:ec2/vpc:Vpc")
    assert ours["vpc"].outputs["id"] == ours["subnet"].inputs["vpcId"] == vpc.id
    assert found.sources(ours["subnet"], "vpcId") == (ours["vpc"],)
    assert found.provider_of(ours["subnet"]) == ours["there"]
    assert ours["there"].inputs["allowedAccountIds"] == theirs["there"].inputs["allowedAccountIds"]


def test_a_secret_is_named_and_never_shown(world: World) -> None:
    world.up(Task(A.name, network, imports="aws"))
    (found,) = read(world, A)
    every = named(found)
    assert every["group"].secrets == {"ingress"}
    (rule,) = every["group"].inputs["ingress"]
    assert rule["fromPort"] == 443, "what stands beside a secret is none"
    assert rule["description"] is UNKNOWN
    assert every["parameter"].secrets == {"value"}
    assert every["parameter"].inputs["value"] is every["parameter"].outputs["value"] is UNKNOWN
    assert SECRET not in repr(found)
    assert "ciphertext" not in repr(found)


def test_what_does_not_exist_or_waits_to_be_deleted_is_left_out(world: World) -> None:
    world.up(task(B.name, subnets=2), task(A.name, subnets=1))
    file = world.folder / f"state/.pulumi/stacks/{PROJECT}/{B.name}.json"
    state = json.loads(file.read_text())
    latest = state["checkpoint"]["latest"]
    for resource in latest["resources"]:
        if resource["urn"].endswith("subnet-1"):
            resource["delete"] = True
    file.write_text(json.dumps(state))
    second, first = read(world, B, NONE, A)
    assert (second.stack, first.stack) == (B, A), "in the order that was asked for"
    assert [name for name in named(second) if "subnet" in name] == ["cell-b-subnet-0"]

    latest["resources"] = [resource for resource in latest["resources"] if "pulumi:Stack::" in resource["urn"]]
    file.write_text(json.dumps(state))
    assert [resources.stack for resources in read(world, B, A)] == [A], "an empty stack is not deployed"


def test_a_backend_that_cannot_be_read_is_told_in_a_sentence(world: World) -> None:
    place = replace(world.place, environment={**world.place.environment, "PULUMI_BACKEND_URL": "file:///nowhere/state"})
    with pytest.raises(Failure, match="nowhere"):
        list(deployed(place, world.cli, [A]))

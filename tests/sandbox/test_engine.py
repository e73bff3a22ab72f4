"""The sandbox under the real engine: everything that a cloud goes through with it."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.automation import CommandError

from sandbox import drift, faults, process
from sandbox.faults import FaultKind
from tests.sandbox.engine import Engine, Program, counts

# A program that the engine cuts off leaves its event loop to the garbage collector; that is pulumi's, not ours.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

PASSWORD = "correct horse battery staple"


def network(cidr: str = "10.0.0.0/16", account: str = "111111111111", tags: dict[str, str] | None = None) -> Program:
    """A network of two subnets and a database, in one account."""

    def program() -> None:
        provider = aws.Provider("aws", region="us-west-2", allowed_account_ids=[account])
        own = pulumi.ResourceOptions(provider=provider)
        vpc = aws.ec2.Vpc("vpc", cidr_block=cidr, tags=tags or {"ring": "broad"}, opts=own)
        for number in range(2):
            aws.ec2.Subnet(f"subnet-{number}", vpc_id=vpc.id, cidr_block=f"10.0.{number}.0/24", opts=own)
        database = aws.rds.Cluster(
            "database",
            engine="aurora-postgresql",
            master_username="root",
            master_password=pulumi.Output.secret(PASSWORD),
            skip_final_snapshot=True,
            opts=own,
        )
        pulumi.export("vpc", vpc.id)
        pulumi.export("endpoint", database.endpoint)

    return program


def only(
    *resources: tuple[str, str, dict[str, Any]], provider: dict[str, Any] | None = None, **options: Any
) -> Program:
    """Resources of AWS by type, name and wire-form inputs, as no SDK would let one write them."""
    settings = {"region": "us-west-2", "allowed_account_ids": ["444444444444"], **(provider or {})}

    def program() -> None:
        configured = aws.Provider("aws", **settings)
        for type_, name, inputs in resources:
            pulumi.CustomResource(type_, name, inputs, pulumi.ResourceOptions(provider=configured, **options))

    return program


def test_up_makes_it_again_changes_nothing_and_destroy_leaves_nothing(engine: Engine) -> None:
    stack = engine.stack("cell-a", network())
    assert counts(stack.preview()) == {"create": 6}
    made = stack.up()
    assert counts(made) == {"create": 6}
    assert made.outputs["vpc"].value.startswith("vpc-")
    assert made.outputs["endpoint"].value.endswith(".us-west-2.rds.amazonaws.com")
    assert counts(stack.preview()) == {"same": 6}
    assert counts(stack.up()) == {"same": 6}
    assert sorted(engine.held("cell-a")) == ["database", "subnet-0", "subnet-1", "vpc"]
    stack.destroy()
    assert engine.held("cell-a") == []


def test_a_password_is_in_the_cloud_and_nowhere_on_disk(engine: Engine) -> None:
    stack = engine.stack("cell-b", network())
    stack.up()
    assert counts(stack.refresh()) == {"same": 6}
    for path in engine.folder.iterdir():
        assert PASSWORD.encode() not in path.read_bytes()
    stack.destroy()


def test_a_change_that_the_api_cannot_make_replaces_what_stands_on_it_too(engine: Engine) -> None:
    engine.stack("cell-c", network()).up()
    stack = engine.stack("cell-c", network(cidr="10.0.0.0/17"))
    assert counts(stack.preview()) == {"replace": 3, "same": 3}
    stack.up()
    assert sorted(engine.held("cell-c")) == ["database", "subnet-0", "subnet-1", "vpc"]
    assert counts(engine.stack("cell-c", network(cidr="10.0.0.0/17", tags={"ring": "x"})).preview())["update"] == 1
    stack.destroy()


def test_what_was_changed_or_deleted_by_hand_is_seen_and_mended(engine: Engine) -> None:
    stack = engine.stack("cell-d", network())
    stack.up()
    with engine.books() as books:
        made = {made.urn.rsplit("::", 1)[-1]: made for made in books.all(matching="urn:pulumi:cell-d::")}
        drift.change(books, made["vpc"], {"tags.ring": "by-hand"})
        with books.transaction():
            books.remove(made["subnet-1"])
    assert counts(stack.refresh()) == {"same": 4, "update": 1, "delete": 1}
    assert counts(stack.preview()) == {"same": 4, "update": 1, "create": 1}
    stack.up()
    assert counts(stack.preview()) == {"same": 6}
    with engine.books() as books:
        assert books.all(matching=made["vpc"].urn)[0].inputs["tags"] == {"ring": "broad"}
    stack.destroy()


def test_what_stands_already_is_imported_by_its_id(engine: Engine) -> None:
    vpc = ("aws:ec2/vpc:Vpc", "vpc", {"cidrBlock": "10.0.0.0/16"})
    first = engine.stack("cell-e", only(vpc, retain_on_delete=True))
    first.up()
    first.destroy()
    with engine.books() as books:
        (vpc_id,) = (made.id for made in books.all(matching="urn:pulumi:cell-e::"))
    second = engine.stack("cell-f", only(vpc, import_=vpc_id))
    assert counts(second.up()) == {"create": 2, "import": 1}
    assert counts(engine.stack("cell-f", only(vpc)).preview()) == {"same": 3}
    second.destroy()


WRONG = [
    (only(("aws:ec2/vpc:Vpc", "v", {"cidr": "10.0.0.0/16"})), "cidr"),
    (only(("aws:ec2/subnet:Subnet", "s", {"cidrBlock": "10.0.0.0/24"})), "required by aws:ec2/subnet:Subnet"),
    (only(("aws:s3/bucket:Bucket", "b", {"bucket": "NO"})), "does not match"),
    (
        only(
            ("aws:ec2/vpc:Vpc", "v", {"cidrBlock": "10.0.0.0/16"}),
            provider={"assume_roles": [{"roleArn": "arn:aws:iam::555555555555:role/x"}]},
        ),
        "AWS account ID not allowed: 555555555555",
    ),
]


@pytest.mark.parametrize(("program", "said"), WRONG, ids=["unknown", "missing", "name", "account"])
def test_what_the_provider_refuses_fails_the_preview(engine: Engine, program: Program, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        engine.stack("cell-g", program).preview()


def test_one_too_many_fails_and_the_rest_stands(engine: Engine) -> None:
    vpcs = [("aws:ec2/vpc:Vpc", f"vpc-{number}", {"cidrBlock": f"10.{number}.0.0/16"}) for number in range(6)]
    stack = engine.stack("cell-h", only(*vpcs))
    with pytest.raises(CommandError, match="VpcLimitExceeded"):
        stack.up()
    assert len(engine.held("cell-h")) == 5
    stack.destroy()
    assert engine.held("cell-h") == []


@pytest.mark.parametrize("kind", [FaultKind.DIE_BEFORE_CREATE, FaultKind.DIE_AFTER_CREATE])
def test_what_the_cloud_had_made_when_it_died_is_found_by_its_urn(engine: Engine, kind: FaultKind) -> None:
    name = f"cell-{kind}"
    stack = engine.stack(name, network())
    with engine.books() as books:
        faults.add(books, type_="aws:rds/cluster:Cluster", cell=kind, kind=kind, times=1, seconds=0)
    with pytest.raises(CommandError):
        stack.up()
    assert process.running(engine.folder) is None
    process.start(engine.folder)
    urn = f"urn:pulumi:{name}::sandboxed::aws:rds/cluster:Cluster::database"
    with engine.books() as books:
        assert len(books.find(urn)) == (1 if kind is FaultKind.DIE_AFTER_CREATE else 0)
        assert books.duplicates() == []

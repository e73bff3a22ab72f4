"""Stacks of a few resources for the real engine and the sandbox: a story about the driver takes a second or two."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pulumi
import pulumi_aws as aws

from cellfleet.engine.command import Cli
from cellfleet.engine.install import find
from cellfleet.engine.operations import Operations
from cellfleet.engine.order import Needs
from cellfleet.engine.plan import Task
from cellfleet.engine.recover import Cloud
from cellfleet.engine.report import Outcome
from cellfleet.engine.run import Runner
from cellfleet.engine.workspace import Place, list_stacks
from sandbox import process
from sandbox.books import Books

ROOT = Path(__file__).parents[2]
PROJECT = "acme-test"


def environment_of_engine() -> dict[str, str]:
    """This process's environment, with the engine that is used here on PATH."""
    return {**os.environ, "PATH": f"{find(ROOT).executable.parent}{os.pathsep}{os.environ['PATH']}"}


@dataclass
class Heard:
    """A listener that remembers."""

    said: list[str] = field(default_factory=list)
    steps: list[tuple[str, str]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    moving: threading.Event = field(default_factory=threading.Event)
    """Set when a first resource is done."""

    def say(self, text: str) -> None:
        self.said.append(text)

    def began(self, stack: str, doing: str) -> None:
        self.steps.append((stack, doing))

    def moved(self, stack: str, resources: int) -> None:
        if resources and (stack, "deploying") in self.steps:
            self.moving.set()

    def ended(self, outcome: Outcome) -> None:
        self.steps.append((outcome.stack, "ended"))
        self.outcomes.append(outcome)


@dataclass
class World:
    """A sandbox that may be shared, with nothing in it, and a backend of a test's own."""

    folder: Path
    sandbox: Path
    books: Books
    cli: Cli

    @classmethod
    def make(cls, folder: Path, sandbox: Path) -> World:
        engine = find(ROOT)
        process.start(sandbox)
        books = Books(sandbox)
        books.wipe()
        return cls(folder, sandbox, books, Cli(engine.executable, engine.version))

    @property
    def place(self) -> Place:
        process.start(self.sandbox)  # a test may have killed it
        backend = {"PULUMI_BACKEND_URL": f"file://{self.folder}/state?create_dir=true&metadata=skip"}
        return Place(self.folder, PROJECT, process.environment(self.sandbox) | backend)

    def runner(
        self,
        *tasks: Task,
        heard: Heard | None = None,
        cloud: bool = True,
        decided: Mapping[str, str] = {},
        refresh: bool = False,
    ) -> Runner:
        place = self.place
        asked = Cloud(self.books.find, self.books.of_stack, patience=1.0) if cloud else None
        existing = list_stacks(place, self.cli)
        return Runner(Operations(place, self.cli, existing, heard or Heard(), asked, decided, refresh), tasks)

    def up(self, *tasks: Task, heard: Heard | None = None, refresh: bool = False) -> dict[str, Outcome]:
        """Deploy as the command does, and say what became of each stack."""
        runner = self.runner(*tasks, heard=heard, refresh=refresh)
        runner.prepare()
        runner.preview(settle=True)
        return {outcome.stack: outcome for outcome in runner.up()}

    def made(self) -> list[str]:
        """Names of all that stands."""
        return sorted(made.urn.rpartition("::")[2] for made in self.books.all())


def program(
    cell: str, subnets: int = 3, *, tag: str = "1", cidr: str = "10.0.0.0/16", protect: bool = False
) -> Callable[[], None]:
    """A network of `cell`'s, with a secret among its outputs."""

    def deploy() -> None:
        provider = aws.Provider(cell, region="us-west-2", allowed_account_ids=["111111111111"])
        options = pulumi.ResourceOptions(provider=provider, protect=protect)
        vpc = aws.ec2.Vpc(f"{cell}-vpc", cidr_block=cidr, tags={"cell": cell}, opts=options)
        for number in range(subnets):
            aws.ec2.Subnet(
                f"{cell}-subnet-{number}",
                vpc_id=vpc.id,
                cidr_block=f"10.0.{number}.0/24",
                tags={"release": tag},
                opts=pulumi.ResourceOptions(provider=provider),
            )
        pulumi.export("network", vpc.id)
        pulumi.export("password", pulumi.Output.secret("hush-hush"))

    return deploy


def task(stack: str, *needs: str, program: Callable[[], None] | None = None, **options: object) -> Task:
    """A stack that needs others, and by default holds a tiny network."""
    return Task(stack, program or globals()["program"](stack, **options), Needs(done=frozenset(needs)), imports="aws")

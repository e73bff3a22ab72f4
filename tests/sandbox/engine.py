"""The real engine, with a sandbox to deploy to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi import automation

from cellfleet.engine import install
from cellfleet.engine.command import Cli
from sandbox import process
from sandbox.books import Books

ROOT = Path(__file__).parents[2]
Program = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Engine:
    """Stacks of one project, in one sandbox's folder."""

    folder: Path
    """The sandbox's."""
    project: str = "sandboxed"

    def stack(self, name: str, program: Program) -> automation.Stack:
        """The stack of a name, made where it does not exist, with the program that it will run."""
        engine = install.find(ROOT)
        work = self.folder.parent / "work" / self.project / name
        work.mkdir(parents=True, exist_ok=True)
        settings = {"name": self.project, "runtime": "python", "config": {"pulumi:disable-default-providers": ["*"]}}
        (work / "Pulumi.yaml").write_text(json.dumps(settings))
        environment = process.environment(self.folder)
        workspace = automation.LocalWorkspace(
            work_dir=str(work),
            program=program,
            env_vars=environment,
            pulumi_home=environment["PULUMI_HOME"],
            pulumi_command=Cli(engine.executable, engine.version),
        )
        return automation.Stack.create_or_select(name, workspace)

    @contextmanager
    def books(self) -> Iterator[Books]:
        with Books(self.folder) as books:
            yield books

    def held(self, stack: str) -> list[str]:
        """The logical names of what the clouds hold for a stack."""
        with self.books() as books:
            return [made.urn.rsplit("::", 1)[-1] for made in books.all(matching=f"urn:pulumi:{stack}::")]


def counts(result: Any) -> Mapping[str, int]:
    """How many resources a run made, changed and left as they were."""
    changes = result.change_summary if hasattr(result, "change_summary") else result.summary.resource_changes
    return {str(getattr(kind, "value", kind)): number for kind, number in changes.items()}

"""Where stacks run: their folders, the backend's environment, and the Automation API with the calls left out that
nothing here needs.

As it comes, the Automation API makes six CLI calls for the `up` of a stack: to select it, and to ask twice for its
outputs and once for its history among them. Outputs and results are in the events of the run already, so here it makes
one.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pulumi
from pulumi.automation import LocalWorkspace, OutputMap, Stack, UpdateSummary
from pulumi.automation._stack import StackInitMode
from pulumi.automation.errors import CommandError

from cellfleet.engine.command import Cli
from cellfleet.engine.failures import explain
from cellfleet.failure import Failure

_PROJECT: Final = """\
name: {project}
runtime: python
stackConfigDir: {configuration}
config:
  pulumi:disable-default-providers: ['*']
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the stacks of one fleet are run from."""

    folder: Path
    """Absolute: `.cellfleet`. Each stack has a folder in `work` below it, with a Pulumi.yaml of its own, for runs at
    the same time would write the same file; stack configuration, which is nothing but the key that secrets are kept
    by, is in `config`."""
    project: str
    environment: Mapping[str, str] = field(default_factory=dict)
    """Beside that of this process, which tells the backend that Pulumi is logged in to."""

    @property
    def configuration(self) -> Path:
        return self.folder / "config"

    def backend(self) -> str:
        """The URL of the backend where the environment tells it; empty where Pulumi's own login does.

        A relative folder is relative to this process, not to the folder that a stack is run in.
        """
        url = self.environment.get("PULUMI_BACKEND_URL") or os.environ.get("PULUMI_BACKEND_URL", "")
        if url.startswith("file://") and not url.startswith(("file:///", "file://~")):
            return f"file://{Path(url.removeprefix('file://')).absolute()}"
        return url

    def variables(self) -> dict[str, str]:
        """What is added to this process's environment for each run of the CLI."""
        backend = {"PULUMI_BACKEND_URL": url} if (url := self.backend()) else {}
        return {"PULUMI_SKIP_UPDATE_CHECK": "true", **self.environment, **backend}

    def prepare(self, stack: str) -> Path:
        """The folder of a stack, or with no name the one of the fleet, made ready."""
        folder = self.folder / "work" / stack if stack else self.folder / "work"
        folder.mkdir(parents=True, exist_ok=True)
        self.configuration.mkdir(parents=True, exist_ok=True)
        text = _PROJECT.format(project=self.project, configuration=os.path.relpath(self.configuration, folder))
        file = folder / "Pulumi.yaml"
        if not file.exists() or file.read_text() != text:
            file.write_text(text)
        return folder

    def forget(self, stack: str) -> None:
        """Remove what is kept here of a stack that is no more."""
        shutil.rmtree(self.folder / "work" / stack, ignore_errors=True)
        (self.configuration / f"Pulumi.{stack}.yaml").unlink(missing_ok=True)


class LeanStack(Stack):
    """A stack of the Automation API that asks the CLI only for what the events of a run do not tell."""

    workspace: _Workspace

    def outputs(self) -> OutputMap:
        return {}

    def info(self, show_secrets: bool = True) -> UpdateSummary | None:  # noqa: ARG002 (the Automation API's name)
        return _NO_SUMMARY


class _Workspace(LocalWorkspace):
    def select_stack(self, stack_name: str) -> None:
        """Select nothing: each command names its stack."""


_NO_SUMMARY: Final = UpdateSummary("", None, "", {}, {}, "")  # type: ignore[arg-type]


def open_stack(place: Place, cli: Cli, stack: str, program: Callable[[], None] | None = None) -> LeanStack:
    """A stack that exists, with the program that its runs execute in this process."""
    workspace = _Workspace(
        work_dir=str(place.prepare(stack)),
        program=_told(program) if program else None,
        env_vars=place.variables(),
        pulumi_command=cli,
    )
    return LeanStack(stack, workspace, StackInitMode.SELECT)


def list_stacks(place: Place, cli: Cli) -> frozenset[str]:
    """The names of the project's stacks that the backend holds.

    Raises Failure where it does not tell: it is the first to be asked, and perhaps nobody is logged in.
    """
    try:
        result = cli.run(["stack", "ls", "--json"], str(place.prepare("")), place.variables())
    except CommandError as error:
        raise explain(error) from None
    listed: list[dict[str, Any]] = json.loads(result.stdout)
    return frozenset(stack["name"].rpartition("/")[2] for stack in listed)


def stack_outputs(place: Place, cli: Cli, stack: str) -> Mapping[str, Any]:
    """What a stack that exists said of itself when it was last deployed; the secret ones are veiled."""
    result = cli.run(["stack", "output", "--json", "--stack", stack], str(place.prepare(stack)), place.variables())
    outputs: dict[str, Any] = json.loads(result.stdout)
    return outputs


def export_stack(place: Place, cli: Cli, stack: str) -> dict[str, Any]:
    """The state of a stack that exists; its secrets are encrypted."""
    exported = cli.run(["stack", "export", "--stack", stack], str(place.prepare(stack)), place.variables())
    state: dict[str, Any] = json.loads(exported.stdout)
    return state


def create_stack(place: Place, cli: Cli, stack: str) -> None:
    """Make a stack that is empty."""
    cli.run(["stack", "init", stack, "--no-select"], str(place.prepare(stack)), place.variables())


def remove_stack(place: Place, cli: Cli, stack: str) -> None:
    """Remove a stack that is empty, from the backend and from here."""
    cli.run(["stack", "rm", stack, "--yes"], str(place.prepare(stack)), place.variables())
    place.forget(stack)


def silence() -> None:
    """Leave out pulumi's debug messages, which nobody sees: six calls to the engine a resource, a fifth of a run's
    time."""
    pulumi.log.debug = _unheard


def _unheard(
    msg: str,
    resource: pulumi.Resource | None = None,
    stream_id: int | None = None,
    ephemeral: bool | None = None,
) -> None:
    """Take what `pulumi.log.debug` takes."""


def _told(program: Callable[[], None]) -> Callable[[], None]:
    """The program, with what the user can mend told to the engine in sentences rather than with a stack trace."""

    def told() -> None:
        try:
            program()
        except Failure as failure:
            raise pulumi.RunError(f"{failure.message} {failure.remedy}") from failure

    return told

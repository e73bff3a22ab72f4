"""What `preview`, `up`, `drift` and `destroy` share: which stacks, where they run, how one is told and asked."""

from __future__ import annotations

import fnmatch
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from cellfleet.cli import BAD_INVOCATION, VIOLATED
from cellfleet.cli.output.progress import Progress, progress
from cellfleet.failure import Failure
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pseudonym import VARIABLE

if TYPE_CHECKING:
    from cellfleet.engine.command import Cli
    from cellfleet.engine.recover import Cloud
    from cellfleet.engine.report import Report
    from cellfleet.engine.run import Runner
    from cellfleet.engine.workspace import Place

UNEXPECTED_CHANGES = 7
CANCELLED = 8

Stacks = Annotated[tuple[str, ...], Parameter(name="STACK", negative="")]
Yes = Annotated[bool, Parameter(name=["--yes", "-y"], negative="", help="Do not ask before anything is changed.")]
Refresh = Annotated[
    bool,
    Parameter(
        name="--refresh",
        negative="",
        help="Ask the clouds first what they have, resource by resource, so that drift is mended too.",
    ),
]
Parallel = Annotated[
    int, Parameter(name="--parallel", help="Stacks at a time; as many as there are cores if not given.")
]
Output = Annotated[Literal["text", "json"], Parameter(name="--output", help="What is written to stdout.")]
Accept = Annotated[
    tuple[str, ...],
    Parameter(
        name="--accept",
        negative="",
        help=(
            "`RULE=reason`: findings of that rule stop nothing in this run, and the stacks' outputs tell the reason. "
            "`destroy=CELL`: the loss of that cell is meant. May be repeated."
        ),
    ),
]
AsOf = Annotated[
    date | None,
    Parameter(name="--as-of", help="The day to judge for, such as 2026-12-31; today where it is not given."),
]
Adopt = Annotated[
    tuple[str, ...],
    Parameter(
        name="--adopt",
        negative="",
        help="`NAME=ID` or `NAME=none`: what became of a resource whose creation was cut off. May be repeated.",
    ),
]


Packs = Annotated[
    tuple[Path, ...],
    Parameter(
        name="--policy-pack",
        negative="",
        help="A policy pack that the engine asks about each stack, such as policies/isolation/pack. May be repeated.",
    ),
]


@dataclass(frozen=True, slots=True)
class Session:
    """One command's runner, and what it was asked for."""

    fleet: Fleet
    runner: Runner
    progress: Progress
    strays: tuple[str, ...]
    whole: bool
    """Whether all of the fleet was asked for."""


@contextmanager
def session(
    inventory: Path,
    names: Sequence[str],
    *,
    sandbox: bool,
    parallel: int,
    adopt: Sequence[str] = (),
    refresh: bool = False,
    destroying: bool = False,
    packs: Sequence[Path] = (),
) -> Iterator[Session]:
    """A runner of the stacks that are asked for, which Ctrl-C and SIGTERM interrupt, once in order and twice at
    once."""
    if parallel < 0:
        raise Failure("--parallel is a number of stacks, 1 or more.", "Leave it out for one a core.", exit_code=2)
    for pack in packs:
        if not pack.exists():
            raise Failure(f"There is no policy pack {pack}.", "Name a folder or a program.", exit_code=BAD_INVOCATION)
    fleet = load(inventory)
    if not destroying:  # what programs would be stopped for, each with a stack trace
        from policies.judge import understood

        understood(fleet)
    place, cli, cloud = place_of(fleet, inventory, sandbox=sandbox)

    from cellfleet.engine.operations import Operations
    from cellfleet.engine.plan import Task, strays, tasks_of
    from cellfleet.engine.run import Runner
    from cellfleet.engine.workspace import list_stacks

    existing = list_stacks(place, cli)
    tasks = tasks_of(fleet, existing)
    left = strays(fleet, existing)
    if destroying:
        tasks = tuple(task for task in tasks if task.stack in existing) + tuple(Task(name, None) for name in left)
    chosen = (
        frozenset(select(names, [task.stack for task in tasks])) if names else frozenset(task.stack for task in tasks)
    )
    decided = dict(_pair(text, "--adopt", "NAME=ID") for text in adopt)
    absolute = tuple(str(pack.absolute()) for pack in packs)
    with progress() as shown:
        wanted = [task for task in tasks if task.stack in chosen]
        operations = Operations(place, cli, existing, shown, cloud, decided, refresh, absolute)
        runner = Runner(operations, wanted, parallel or os.cpu_count() or 2)
        with _interruptible(runner, shown):
            yield Session(fleet, runner, shown, left, whole=not names)


def place_of(fleet: Fleet, inventory: Path, *, sandbox: bool) -> tuple[Place, Cli, Cloud | None]:
    """Where the stacks of a fleet run from, the CLI that runs them, and the sandbox where it stands for the clouds."""
    folder = Path.cwd() / ".cellfleet"
    environment, cloud = _sandbox(folder / "sandbox") if sandbox else ({}, None)

    from cellfleet.engine import install, locks
    from cellfleet.engine.command import Cli
    from cellfleet.engine.workspace import Place

    engine = install.find(Path.cwd())
    # the keys of secrets differ between the sandbox's state and the real one, so their configuration is kept apart
    environment |= {"CELLFLEET_INVENTORY": str(inventory.absolute())}  # which policy packs read
    place = Place(folder / "sandboxed" if sandbox else folder, fleet.project, environment)
    for mended in locks.mend(place.backend()):
        print(mended, file=sys.stderr)
    return place, Cli(engine.executable, engine.version), cloud


def select(names: Sequence[str], stacks: Sequence[str]) -> Iterator[str]:
    """The stacks that names and globs stand for; raises Failure for one that stands for none."""
    for name in names:
        matching = fnmatch.filter(stacks, name)
        if not matching:
            close = get_close_matches(name, stacks, 1)
            hint = f"Did you mean {close[0]}?" if close else f"Stacks are {', '.join(stacks) or 'none'}."
            raise Failure(f"There is no stack {name!r}.", hint, exit_code=BAD_INVOCATION)
        yield from matching


def accepted(accept: Sequence[str], as_of: date | None = None) -> frozenset[str]:
    """The cells whose loss is accepted. Rules that are, and the day to judge for, are handed on to the programs, which
    run in this process."""
    from policies.asked import ACCEPT, AS_OF
    from policies.asked import accept as checked

    pairs = [_pair(text, "--accept", "RULE=reason or destroy=CELL") for text in accept]
    rules = [f"{checked(what, reason)}={' '.join(reason.split())}" for what, reason in pairs if what != "destroy"]
    if rules:
        os.environ[ACCEPT] = "\n".join(rules)
    if as_of:
        os.environ[AS_OF] = as_of.isoformat()
    return frozenset(cell for what, cell in pairs if what == "destroy")


def confirm(question: str, *, yes: bool) -> bool:
    """Whether to go on: asked on a terminal unless `--yes` was given; raises Failure where nobody can be asked."""
    if yes:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Failure("Nobody can be asked here whether to go on.", "Give --yes.", exit_code=BAD_INVOCATION)
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def exit_code(report: Report) -> int:
    """What a run's report means for the caller."""
    if report.interrupted:
        return CANCELLED
    if report.refused:
        return VIOLATED
    return 1 if report.failed else 0


def _sandbox(folder: Path) -> tuple[dict[str, str], Cloud]:
    from cellfleet.engine.recover import Cloud
    from sandbox import process
    from sandbox.books import Books

    process.start(folder)
    environment = process.environment(folder)
    os.environ.setdefault(VARIABLE, environment[VARIABLE])  # programs run in this process
    books = Books(folder)
    return environment, Cloud(books.find, books.of_stack, patience=3.0)


def _pair(text: str, option: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise Failure(f"{option} {text} is not understood.", f"Write {option} {form}.", exit_code=BAD_INVOCATION)
    return name, value


@contextmanager
def _interruptible(runner: Runner, shown: Progress) -> Iterator[None]:
    def handle(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 (what signal handlers are given)
        if runner.interrupted:
            shown.say("Interrupted again: ending at once.")
            runner.kill()
        else:
            shown.say("Interrupted: operations that are under way end first. Interrupt again to end at once.")
            runner.interrupt()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

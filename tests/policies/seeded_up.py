"""`cellfleet` with arguments of one stack's program changed: python -m tests.policies.seeded_up STACK up ..."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import stacks.guard
from cellfleet.cli import main
from cellfleet.engine import record
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Stack
from stacks import program_of
from tests.policies.seed import Argument, seeded

ARGUMENTS: list[Argument] = pickle.loads(Path("arguments").read_bytes())


def changed(fleet: Fleet, stack: Stack) -> Callable[[], None]:
    program = program_of(fleet, stack)
    return seeded(program, *ARGUMENTS) if stack.name == sys.argv[1] else program


stacks.guard.program_of = record.program_of = changed  # type: ignore[attr-defined]
sys.exit(main(sys.argv[2:]))

"""`cellfleet` with arguments of its programs changed as a case says: python -m tests.policies.seeded_up CASE up ..."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import stacks.guard
from cellfleet.cli import main
from cellfleet.engine import record
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Stack
from stacks import program_of
from tests.policies.case import read
from tests.policies.seed import seeded

CASE = read(Path(sys.argv[1]))


def changed(fleet: Fleet, stack: Stack) -> Callable[[], None]:
    program = program_of(fleet, stack)
    return seeded(program, *CASE.arguments) if stack.name == CASE.content["stack"] else program


stacks.guard.program_of = record.program_of = changed  # type: ignore[attr-defined]
sys.exit(main(sys.argv[2:]))

"""What plain Pulumi runs: the program of the stack that it was asked for.

`pulumi preview -s cell-us-aws-1` from the repository's root gives the same resources and URNs as `cellfleet preview
cell-us-aws-1`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pulumi

from cellfleet.failure import Failure
from cellfleet.inventory.finding import Invalid
from cellfleet.inventory.load import load
from cellfleet.inventory.stack import Stack, stacks_of
from stacks.guard import guarded

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Run the program of the selected stack.

    Raises pulumi.RunError, which the engine shows without a stack trace, for everything that the user can mend.
    """
    inventory = Path(os.environ.get("CELLFLEET_INVENTORY", ROOT / "cells.yaml"))
    try:
        fleet = load(inventory)
        if pulumi.get_project() != fleet.project:
            raise Failure(
                f"Pulumi.yaml names the project {pulumi.get_project()!r}, but {inventory} declares {fleet.project!r}.",
                f"Write `name: {fleet.project}` into Pulumi.yaml: a stack's state is kept under its project's name.",
            )
        stack = _stack(pulumi.get_stack())
        known = [each.name for each in stacks_of(fleet)]
        if stack.name not in known:
            raise Failure(f"{inventory} asks for no stack {stack.name!r}.", f"Its stacks are {', '.join(known)}.")
        guarded(fleet, stack)()
    except Invalid as invalid:
        told = (f"{found.location}: {found.rule} {found.message} {found.remedy}" for found in invalid.findings)
        raise pulumi.RunError("\n".join(told)) from None
    except Failure as failure:
        raise pulumi.RunError(f"{failure.message} {failure.remedy}") from None


def _stack(name: str) -> Stack:
    try:
        return Stack.parse(name)
    except ValueError as error:
        raise Failure(f"{error}.", "Select one: `pulumi stack select --create cell-NAME`.") from None


if __name__ == "__main__":
    main()

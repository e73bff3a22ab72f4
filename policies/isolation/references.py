"""ISO-07: a cell's stack reads no other stack, and its workload's stack reads the cell's own and no other.

What a stack of another project says is no exception: a cell's deployment would wait for it, and break with it. Shared
stacks may read cells' (`dns` delegates to their zones).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cellfleet.inventory.stack import Kind, Stack
from policies.isolation.places import cell_of, path_of
from policies.isolation.rules import REFERENCES
from policies.isolation.values import text_at
from policies.resource import Resources
from policies.rule import Facts, Violation

_REFERENCE: Final = "pulumi:pulumi:StackReference"


def own_stacks(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """References from a cell's stacks to any but its own."""
    stack = resources.stack
    if cell_of(facts.fleet, stack) is None:
        return
    allowed = {stack.name}
    if stack.kind is Kind.WORKLOAD:
        allowed.add(Stack(Kind.CELL, stack.subject).name)
    for reference in resources.of(_REFERENCE):
        # `organization/project/stack`, of which the first two may be left out; the logical name where it is not known.
        project, _, name = (text_at(reference.inputs, "name") or reference.name).rpartition("/")
        if name in allowed and project.rpartition("/")[2] in ("", facts.fleet.project):
            continue
        yield Violation(
            REFERENCES,
            path_of(stack),
            f"{stack.name} reads {f'{project}/' if project else ''}{name}, which is not {stack.subject}'s own",
            measured=name,
            limit=" or ".join(sorted(allowed - {stack.name})) or "none",
            resource=reference.urn,
        )

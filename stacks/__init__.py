"""The Pulumi programs, one a kind of stack."""

from __future__ import annotations

from collections.abc import Callable

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Kind, Stack


def program_of(fleet: Fleet, stack: Stack) -> Callable[[], None]:
    """The program that deploys `stack`: what plain Pulumi and cellfleet's own engine both run.

    Only the SDKs of the clouds that the stack is on are imported.
    """
    match stack.kind:
        case Kind.CELL:
            from stacks import cell

            return lambda: cell.deploy(fleet, stack.subject)
        case Kind.WORKLOAD:
            from stacks import workload

            return lambda: workload.deploy(fleet, stack.subject)
        case Kind.DNS:
            from stacks import dns

            return lambda: dns.deploy(fleet)
        case Kind.REGISTRY:
            from stacks import registry

            return lambda: registry.deploy(fleet, stack.subject)
        case Kind.ROUTING:
            from stacks import routing

            return lambda: routing.deploy(fleet, stack.subject)

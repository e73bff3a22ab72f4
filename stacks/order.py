"""What a registry and the routers of its locality may not do before the other has.

A cell that joins reaches the registry before routing, and one that leaves the other way round. `cellfleet up` sees to
it; whoever deploys one stack by itself, plain Pulumi included, is refused here what would break the order. A preview is
not, for it may be one of several stacks that are deployed after it in the right order.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

import pulumi

from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Kind, Stack
from stacks.reference import outputs_so_far

Value = TypeVar("Value")


def refuse_unregistered(fleet: Fleet, locality: str, cells: Collection[str]) -> pulumi.Output[None]:
    """Known once it is known that the registry has all the cells that are to be routed.

    What it raises, Failure, is told by whatever waits for it (`once`).
    """

    async def check() -> None:
        registry = Stack(Kind.REGISTRY, locality)
        registered = (await outputs_so_far(fleet, registry)).get("routed", ())
        if not pulumi.runtime.is_dry_run():
            _refuse({*cells} - {*registered}, "the registry does not say that routers may route it", registry)

    return pulumi.Output.from_input(check())


def refuse_routed(fleet: Fleet, locality: str, routed: Collection[str]) -> pulumi.Output[None]:
    """Known once it is known that no cell is still routed that the registry will no longer have as routed."""

    async def check() -> None:
        routing = Stack(Kind.ROUTING, locality)
        today = (await outputs_so_far(fleet, routing)).get("cells", ())
        if not pulumi.runtime.is_dry_run():
            _refuse({*today} - {*routed}, "routers still route it", routing)

    return pulumi.Output.from_input(check())


def once(allowed: pulumi.Output[None], value: Value) -> pulumi.Output[Value]:
    """The value, when it is allowed: given to the providers of a stack, it holds up all that they make."""
    return allowed.apply(lambda _: value)


def _refuse(cells: Collection[str], because: str, first: Stack) -> None:
    if cells:
        raise Failure(
            f"{', '.join(sorted(cells))}: {because}.",
            f"Deploy {first.name} first (pulumi up -s {first.name}, or cellfleet up {first.name}).",
        )

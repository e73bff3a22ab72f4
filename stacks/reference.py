"""What one stack knows of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from cellfleet.failure import Failure
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Stack


def outputs_of(fleet: Fleet, stack: Stack) -> pulumi.StackReference:
    """The outputs of another stack of the fleet's; read them with `require`."""
    return pulumi.StackReference(stack.name, stack_name=f"{pulumi.get_organization()}/{fleet.project}/{stack.name}")


async def outputs_so_far(fleet: Fleet, stack: Stack) -> Mapping[str, Any]:
    """The outputs of another stack of the fleet's; none where it is not there, which a reference would fail for."""
    name = f"{pulumi.get_organization()}/{fleet.project}/{stack.name}"
    try:
        read = await pulumi.runtime.invoke_async("pulumi:pulumi:readStackOutputs", {"name": name})
    except Exception as error:
        if "unknown stack" not in str(error):  # the engine's words, which has no type for it
            raise
        return {}
    outputs: Mapping[str, Any] = (read or {}).get("outputs") or {}
    return outputs


def outputs_last() -> Mapping[str, Any]:
    """The running stack's own outputs, as it was last deployed; none before that."""
    name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    read = pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", {"name": name}).value
    outputs: Mapping[str, Any] = (read or {}).get("outputs") or {}
    return outputs


def require(reference: pulumi.StackReference, output: str) -> pulumi.Output[Any]:
    """One output, which is unknown in the preview of a fleet whose stacks are not all deployed yet.

    Raises Failure in a deployment that comes before the deployment of what it needs.
    """

    def known(value: Any) -> Any:
        if value is not None:
            return value
        if pulumi.runtime.is_dry_run():
            return pulumi.UNKNOWN
        raise Failure(
            f"stack {reference.name} has no output {output!r} yet",
            f"deploy it first: pulumi up -s {reference.name}, or cellfleet up {reference.name}",
        )

    return reference.get_output(output).apply(known)

"""Record what a program registers, with no engine, no CLI and no provider.

The record equals what a policy sees of a first preview in the engine, but for three things that only the engine adds:
the provider's version, the stack resource, and the defaults of a real provider. Ids and every other output that is not
an input are unknown, as they are in that preview.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pulumi
from google.protobuf import json_format
from pulumi.runtime import mocks, rpc
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import SETTINGS, set_root_resource
from pulumi.runtime.stack import Stack as Root
from pulumi.runtime.stack import run_pulumi_func

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Stack
from policies.resource import UNKNOWN, Resource, Resources
from stacks import program_of


@dataclass(frozen=True, slots=True)
class Recording:
    """What one program registered, by URN, and what it exported."""

    resources: tuple[Resource, ...]
    outputs: Mapping[str, Any]


def record(program: Callable[[], None], *, stack: str, project: str) -> Recording:
    """Run `program` as the preview of an empty stack and return what it registers.

    What the program raises is raised.
    """
    monitor = _Recorder()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    set_root_resource(None)  # type: ignore[arg-type]  # a root left by an earlier program would take this one's outputs
    SETTINGS.outputs = set()  # and what that left waiting, in a loop that is closed, would be waited for
    try:
        pulumi.runtime.set_mocks(
            monitor.mocks, project=project, stack=stack, preview=True, monitor=monitor, organization="organization"
        )
        loop.run_until_complete(run_pulumi_func(lambda: _in_stack(program)))
    finally:
        _abandon(loop)
        asyncio.set_event_loop(None)
    # several threads register, so the order in which they come is chance
    return Recording(tuple(sorted(monitor.recorded, key=lambda resource: resource.urn)), monitor.outputs)


def recorded(fleet: Fleet, stack: Stack) -> Resources:
    """What the program of one stack registers, for rules to judge."""
    return Resources(stack, record(program_of(fleet, stack), stack=stack.name, project=fleet.project).resources)


def _abandon(loop: asyncio.AbstractEventLoop) -> None:
    """Close a loop; what a program that failed has left waiting in it would otherwise hold up the next recording."""
    for task in asyncio.all_tasks(loop):
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            loop.run_until_complete(task)
    loop.close()


def _in_stack(program: Callable[[], None]) -> None:
    """Run the program below the root that set_mocks made, and register what it exports as the engine's stack would."""
    program()
    root = pulumi.runtime.get_root_resource()
    assert isinstance(root, Root)
    root.register_outputs(root.outputs)


class _Answers(mocks.Mocks):
    """Only asked to run invokes: of those, nothing is known."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return "", dict(args.inputs)

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], None]:  # noqa: ARG002 (the name is pulumi's)
        return {}, None


class _Recorder(mocks.MockMonitor):
    def __init__(self) -> None:
        super().__init__(_Answers())
        self.recorded: list[Resource] = []
        self.outputs: Mapping[str, Any] = {}
        self._lock = threading.Lock()

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """Name the resource as the engine does, by all its parents below the stack."""
        lineage = parent.split("::")[2] if parent else ""
        if lineage and lineage != "pulumi:pulumi:Stack":
            type_ = f"{lineage}${type_}"
        return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{type_}::{name}"

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (the name is gRPC's)
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=urn)
        self._keep(urn, request, request.object, _at_registration(request))
        # No id: in a preview the SDK takes that, and nothing else, for one that only a deploy can tell.
        return resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        """Answer a `get` or a StackReference: nothing of it is known but what was asked with."""
        urn = self.make_urn(request.parent, request.type, request.name)
        self._keep(urn, request, request.properties, {})
        answer = resource_pb2.ReadResourceResponse(urn=urn, properties=request.properties)
        if request.type == "pulumi:pulumi:StackReference":
            answer.properties.update({"outputs": rpc.UNKNOWN, "secretOutputNames": rpc.UNKNOWN})
        return answer

    def _keep(self, urn: str, request: Any, inputs: Any, more: Mapping[str, Any]) -> None:
        wire = json_format.MessageToDict(inputs)
        recorded = Resource(
            urn=urn,
            type=request.type,
            name=request.name,
            inputs={name: _plain(value) for name, value in wire.items()},
            secrets=frozenset(name for name, value in wire.items() if holds_secret(value)),
            parent="" if request.parent.endswith(f"::{pulumi.get_project()}-{pulumi.get_stack()}") else request.parent,
            provider=request.provider,
            dependencies=tuple(sorted(request.dependencies)),
            **more,
        )
        with self._lock:
            self.recorded.append(recorded)

    def Invoke(self, request: Any) -> Any:  # noqa: ARG002, N802
        """Nothing is known of an invoke's answer; pulumi's own mock would leave an event loop open for each."""
        return resource_pb2.ResourceInvokeResponse(unknown=True)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        if "pulumi:pulumi:Stack::" in request.urn:
            self.outputs = _plain(json_format.MessageToDict(request.outputs))
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


def _at_registration(request: Any) -> Mapping[str, Any]:
    """What is said of a resource that is made, and not of one that is only read."""
    return {
        "property_dependencies": {name: tuple(sorted(on.urns)) for name, on in request.propertyDependencies.items()},
        "custom": request.custom,
        "protect": request.protect,
        "retain_on_delete": request.retainOnDelete,
        "ignore_changes": tuple(request.ignoreChanges),
    }


def _plain(value: Any) -> Any:
    match value:
        case rpc.UNKNOWN:
            return UNKNOWN
        case {rpc._special_sig_key: rpc._special_secret_sig, "value": secret}:
            return _plain(secret)
        case {rpc._special_sig_key: rpc._special_resource_sig}:
            return value.get("urn")
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case _:
            return value


def holds_secret(value: Any) -> bool:
    """Whether there is a secret in a value, at any depth, as the engine's wire format writes it."""
    match value:
        case {rpc._special_sig_key: rpc._special_secret_sig}:
            return True
        case dict():
            return any(holds_secret(inner) for inner in value.values())
        case list():
            return any(holds_secret(inner) for inner in value)
        case _:
            return False

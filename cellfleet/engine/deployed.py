"""What is deployed, from the engine's state, as rules see it.

No program runs and no cloud is asked, so this tells what a recording cannot: the ids that things were given, when
certificates end, and what is left of a program that has changed since. It tells what the state has, and the clouds may
have something else by now, which is `drift`'s to say.

Secrets stay as the state keeps them, encrypted: to a rule they are unknown. So are values that an interrupted run has
left unknown. What waits to be deleted is left out, for nothing refers to it any more.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from pulumi.automation.errors import CommandError
from pulumi.runtime import rpc

from cellfleet.engine.command import Cli
from cellfleet.engine.failures import explain
from cellfleet.engine.record import holds_secret
from cellfleet.engine.workspace import Place, export_stack, list_stacks
from cellfleet.inventory.stack import Stack
from policies.resource import UNKNOWN, Resource, Resources

_ROOT: Final = "::pulumi:pulumi:Stack::"
_BOOKKEEPING: Final = "__"
"""What names begin with that providers keep for themselves: `__defaults`, `__meta`."""


def deployed(place: Place, cli: Cli, stacks: Iterable[Stack]) -> Iterator[Resources]:
    """What each of the stacks holds, in their order; nothing of one that does not exist, or is empty.

    Raises Failure where the state cannot be read.
    """
    try:
        existing = list_stacks(place, cli)
        standing = [stack for stack in stacks if stack.name in existing]

        def read(stack: Stack) -> Resources:
            return Resources(stack, _resources(export_stack(place, cli, stack.name)), deployed=True)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for resources in pool.map(read, standing):
                if resources.every:
                    yield resources
    except CommandError as error:
        raise explain(error) from None


def _resources(state: Mapping[str, Any]) -> tuple[Resource, ...]:
    """Sorted by URN, as a recording is."""
    entries = state["deployment"].get("resources") or []
    standing = (entry for entry in entries if not (entry.get("delete") or entry.get("pendingReplacement")))
    found = (_resource(entry) for entry in standing if _ROOT not in entry["urn"])
    return tuple(sorted(found, key=lambda resource: resource.urn))


def _resource(entry: Mapping[str, Any]) -> Resource:
    inputs = _own(entry.get("inputs"))
    id_ = {"id": entry["id"]} if entry.get("id") else {}
    parent = entry.get("parent", "")
    return Resource(
        urn=entry["urn"],
        type=entry["type"],
        name=entry["urn"].split("::", 3)[3],
        inputs={name: _plain(value) for name, value in inputs.items()},
        secrets=frozenset(name for name, value in inputs.items() if holds_secret(value)),
        parent="" if _ROOT in parent else parent,
        provider=entry.get("provider", ""),
        dependencies=tuple(sorted(entry.get("dependencies") or ())),
        custom=bool(entry.get("custom")),
        property_dependencies={
            name: tuple(sorted(urns or ())) for name, urns in (entry.get("propertyDependencies") or {}).items()
        },
        protect=bool(entry.get("protect")),
        retain_on_delete=bool(entry.get("retainOnDelete")),
        ignore_changes=tuple(entry.get("ignoreChanges") or ()),
        outputs={**id_, **{name: _plain(value) for name, value in _own(entry.get("outputs")).items()}},
    )


def _own(properties: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """A resource's properties without a provider's bookkeeping, which no program gave."""
    return {name: value for name, value in (properties or {}).items() if not name.startswith(_BOOKKEEPING)}


def _plain(value: Any) -> Any:
    match value:
        case rpc.UNKNOWN | {rpc._special_sig_key: rpc._special_secret_sig}:
            return UNKNOWN
        case {rpc._special_sig_key: rpc._special_resource_sig}:
            return value.get("urn")
        case dict():
            return {name: _plain(inner) for name, inner in value.items() if name != "__defaults"}
        case list():
            return [_plain(inner) for inner in value]
        case _:
            return value

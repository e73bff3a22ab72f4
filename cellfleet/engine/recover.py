"""Takes up a stack where an interrupted run left it, so that nothing is lost and nothing made twice.

A run that is killed leaves its lock, and in the state the operations that it was in the middle of. The engine alone
would make anew what was being created, though the cloud may have made it. A provider that dies leaves nothing in the
state at all. So, before a stack is deployed: a lock of a dead process is lifted; what was being made is looked for in
the cloud, and entered into the state if it is there; and the run that follows refreshes, which finds out about updates
and deletions.

Looking into the cloud by URN is what the sandbox's books can do. On a real cloud nothing can be found by URN alone:
there a create that was cut off is reported, and the stack is not touched until a person says what became of it
(`--adopt NAME=ID`, or `NAME=none`).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi.automation import StepEventMetadata

from cellfleet.engine.command import Cli
from cellfleet.engine.locks import Holder
from cellfleet.engine.workspace import Place, export_stack
from cellfleet.failure import Failure

LOCK_PATIENCE: Final = 120.0
"""Seconds to wait for another process to give a stack's lock back."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """A cloud that can say what it holds."""

    find: Callable[[str], Sequence[str]]
    """Ids of what was made for a URN and stands."""
    of_stack: Callable[[str, str], Sequence[tuple[str, str]]]
    """The URN and id of what was made in a stack of a project and stands."""
    patience: float
    """Seconds in which a create that is under way shows up."""


def unlock(place: Place, cli: Cli, stack: str, holders: Iterable[Holder], say: Callable[[str], None]) -> list[str]:
    """Lift the locks of processes that are dead, having waited for those that live; what was done, in sentences.

    Raises Failure where a lock is another machine's, or is not given back in time.
    """
    holders = list(holders)
    if not holders:
        return []
    done = []
    for holder in holders:
        if holder.dead:
            done.append(f"lifted the lock of {holder}, which is no more")
        elif holder.here:
            say(f"{stack} is locked by {holder}: waiting for it to end")
            _wait_for(holder, stack)
            done.append(f"waited for {holder} to end")
        else:
            raise _held(stack, holder)
    # a process that has ended in order has taken its lock away; `cancel` is content with that
    cli.run(["cancel", stack, "--yes"], str(place.prepare(stack)), place.variables())
    return done


def pending(place: Place, cli: Cli, stack: str) -> bool:
    """Whether the state holds operations that were cut off; a preview does not tell, and a run begins them anew."""
    return bool(export_stack(place, cli, stack)["deployment"].get("pending_operations"))


def empty(place: Place, cli: Cli, stack: str) -> bool:
    """Whether the state holds nothing that a provider made."""
    resources = export_stack(place, cli, stack)["deployment"].get("resources", [])
    return not any(resource.get("custom") and not resource["type"].startswith("pulumi:") for resource in resources)


def orphans(place: Place, cli: Cli, stack: str, cloud: Cloud | None) -> list[str]:
    """What the cloud has of a stack and the state knows nothing of, in sentences."""
    if cloud is None:
        return []
    deployment = export_stack(place, cli, stack)["deployment"]
    known = {(resource["urn"], resource.get("id")) for resource in deployment.get("resources", [])}
    pending = {operation["resource"]["urn"] for operation in deployment.get("pending_operations") or []}
    return [
        f"{_name(urn)} stands in the cloud as {id_}, and the state knows nothing of it"
        for urn, id_ in cloud.of_stack(place.project, stack)
        if (urn, id_) not in known and urn not in pending
    ]


def adopt(
    place: Place,
    cli: Cli,
    stack: str,
    about_to_make: Mapping[str, StepEventMetadata],
    cloud: Cloud | None,
    decided: Mapping[str, str],
) -> list[str]:
    """Settle what the state holds of interrupted operations; what was found and done, in sentences.

    `about_to_make` are the resources that the next run would create: what the cloud has of them already is adopted as
    well. `decided` says by name what became of creates that were cut off where no cloud can be asked: an id, or `none`.
    Raises Failure where that is not known.
    """
    state = export_stack(place, cli, stack)
    deployment = state["deployment"]
    pending = deployment.pop("pending_operations", None) or []
    resources: list[dict[str, Any]] = deployment.setdefault("resources", [])
    creating = {op["resource"]["urn"]: op["resource"] for op in pending if op["type"] == "creating"}
    done = [f"{op['type']} {_name(op['resource']['urn'])} was cut off" for op in pending]
    made = {urn: _as_state(step) for urn, step in about_to_make.items()} | creating
    if cloud is None:
        if not all(_name(urn) in decided for urn in creating):
            raise _unknown(stack, creating)
        found = {urn: decided[_name(urn)] for urn in creating if decided[_name(urn)] != "none"}
    else:
        known = {(resource["urn"], resource.get("id")) for resource in resources}
        found = _found(cloud, made, creating, known)
    for urn, id_ in found.items():
        _enter(resources, {**made[urn], "id": id_})
        done.append(f"adopted {_name(urn)}, which the cloud has as {id_}")
    if not done:
        return []
    _write_state(place, cli, stack, state)
    return done


def _found(
    cloud: Cloud, made: Mapping[str, Any], creating: Mapping[str, Any], known: set[tuple[str, str | None]]
) -> dict[str, str]:
    """The ids of what stands in the cloud and not in the state, by URN, once creates under way have had time to show
    up."""
    deadline = time.monotonic() + cloud.patience
    while True:
        found = {}
        for urn in made:
            unknown = [id_ for id_ in cloud.find(urn) if (urn, id_) not in known]
            if unknown:
                found[urn] = unknown[-1]
        if creating.keys() <= found.keys() or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def _enter(resources: list[dict[str, Any]], adopted: dict[str, Any]) -> None:
    """Add a resource to the state; the one that it was to replace is left to be deleted, or is gone already."""
    adopted.setdefault("outputs", adopted.get("inputs", {}))
    resources[:] = [
        resource
        for resource in resources
        if resource["urn"] != adopted["urn"] or not resource.get("pendingReplacement")
    ]
    for resource in resources:
        if resource["urn"] == adopted["urn"]:
            resource["delete"] = True
    resources.append(adopted)


def _as_state(step: StepEventMetadata) -> dict[str, Any]:
    """A resource's entry in the state, from the preview that would make it; the refresh after completes its
    properties."""
    assert step.new is not None
    entry: dict[str, Any] = {
        "urn": step.new.urn,
        "custom": True,
        "type": step.new.type,
        "inputs": step.new.inputs or {},
        "parent": step.new.parent,
        "provider": step.new.provider,
        "protect": bool(step.new.protect),
    }
    return {name: value for name, value in entry.items() if value != ""}


def _write_state(place: Place, cli: Cli, stack: str, state: Mapping[str, Any]) -> None:
    """Import a state, whose secrets stay as they were exported: encrypted."""
    folder = place.prepare(stack)
    file = folder / f"state-{os.getpid()}.json"
    try:
        file.write_text(json.dumps(state))
        cli.run(["stack", "import", "--file", str(file), "--stack", stack], str(folder), place.variables())
    finally:
        file.unlink(missing_ok=True)


def _wait_for(holder: Holder, stack: str) -> None:
    deadline = time.monotonic() + LOCK_PATIENCE
    while not holder.dead:
        if time.monotonic() > deadline:
            raise _held(stack, holder)
        time.sleep(0.2)


def _held(stack: str, holder: Holder) -> Failure:
    return Failure(
        f"{stack} is locked by {holder}.",
        f"Wait for that run to end. If it is certain that it is no more: `pulumi cancel {stack}`, then run this again.",
    )


def _unknown(stack: str, creating: Mapping[str, Any]) -> Failure:
    names = ", ".join(f"{_name(urn)} ({resource['type']})" for urn, resource in creating.items())
    first = _name(next(iter(creating)))
    return Failure(
        f"An earlier run of {stack} was cut off while it made {names}: whether the cloud has them is not known.",
        f"Look in the cloud, then say what became of each: `cellfleet up {stack} --adopt {first}=ID` with the id that "
        f"it has there, or `--adopt {first}=none` where it was not made.",
    )


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]

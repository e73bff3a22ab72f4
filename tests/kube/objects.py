"""What a program would send to a cluster, out of its recording."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cellfleet.engine.record import record
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Stack
from policies.resource import UNKNOWN
from stacks import program_of

_RELEASE = "kubernetes:helm.sh/v3:Release"
_FIRST = ("Namespace", "PriorityClass", "ServiceAccount", "LimitRange", "ResourceQuota")
"""Kinds that others are judged by, in the order in which they are made."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One object, under the logical name that the program gave it."""

    name: str
    body: dict[str, Any]

    @property
    def kind(self) -> str:
        return str(self.body["kind"])

    @property
    def namespace(self) -> str:
        return str(self.body["metadata"].get("namespace", ""))

    @property
    def judges(self) -> bool:
        """Whether others are judged by this one."""
        return self.kind in _FIRST


def objects(fleet: Fleet, stack: str) -> list[Sent]:
    """The Kubernetes objects of one stack, those first that others are judged by."""
    recording = record(program_of(fleet, Stack.parse(stack)), stack=stack, project="acme-production")
    sent = [
        Sent(resource.name, _as_sent(_with_known_keys(dict(resource.inputs))))
        for resource in recording.resources
        if resource.type.startswith("kubernetes:") and resource.type != _RELEASE
    ]
    return sorted(sent, key=lambda each: _FIRST.index(each.kind) if each.judges else len(_FIRST))


def pods(sent: list[Sent]) -> Iterator[Sent]:
    """A pod of each template."""
    for each in sent:
        if template := each.body.get("spec", {}).get("template"):
            metadata = {**template["metadata"], "name": each.body["metadata"]["name"], "namespace": each.namespace}
            yield Sent(each.name, {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]})


def _with_known_keys(inputs: dict[str, Any]) -> dict[str, Any]:
    """A Secret of which a part is unknown is recorded as unknown altogether, for the SDK seals it as one."""
    return {
        name: {"unknown": UNKNOWN} if value is UNKNOWN and name == "stringData" else value
        for name, value in inputs.items()
    }


def _as_sent(value: Any) -> Any:
    """Whole numbers as such, and a word for what only a deploy can tell."""
    match value:
        case dict():
            return {name: _as_sent(inner) for name, inner in value.items()}
        case list():
            return [_as_sent(inner) for inner in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return "unknown" if value is UNKNOWN else value

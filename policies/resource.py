"""The resources of one stack as rules see them, whoever tells of them: a program that was recorded, an engine that is
about to make them, or the state of what is deployed.

What the three tell differs in what is known. A rule takes a value that only a deploy can tell (`UNKNOWN`) for no
violation, and follows a reference through the properties that it came by rather than through ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from cellfleet.inventory.stack import Stack


class Unknown:
    """A value that only a deploy can tell.

    It may turn out to be a list or a mapping: then nothing is known of what is in it, so that rules that look there
    find nothing.
    """

    def __repr__(self) -> str:
        return "<unknown>"

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __contains__(self, value: object) -> bool:
        return False

    def get(self, name: str, default: Any = None) -> Unknown:  # noqa: ARG002 (a mapping's)
        return self


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource, as its program registered it or as the state has it."""

    urn: str
    type: str
    """Its token: `aws:ec2/vpc:Vpc`."""
    name: str
    """Its logical name."""
    inputs: Mapping[str, Any]
    """By wire name; secrets are unwrapped, and what only a deploy can tell is `UNKNOWN`."""
    secrets: frozenset[str] = frozenset()
    """Names of the inputs that hold a secret at any depth; no finding shows a value of theirs."""
    parent: str = ""
    """URN; empty for a child of the stack."""
    provider: str = ""
    """`<urn of the explicit provider>::<id>`; empty where there is none."""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """URNs of the resources that each input's value came from."""
    custom: bool = True
    """False for a component."""
    protect: bool = False
    retain_on_delete: bool = False
    ignore_changes: tuple[str, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """What the cloud says; empty before the resource is deployed."""


@dataclass(frozen=True)
class Resources:
    """Everything in one stack."""

    stack: Stack
    every: tuple[Resource, ...]
    deployed: bool = False
    """Whether this is the state of what is deployed."""

    @cached_property
    def by_urn(self) -> Mapping[str, Resource]:
        return {resource.urn: resource for resource in self.every}

    @cached_property
    def by_type(self) -> Mapping[str, tuple[Resource, ...]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.every:
            found.setdefault(resource.type, []).append(resource)
        return {kind: tuple(some) for kind, some in found.items()}

    def of(self, *types: str) -> Iterator[Resource]:
        """The resources of some types, by their tokens."""
        for kind in types:
            yield from self.by_type.get(kind, ())

    def provider_of(self, resource: Resource) -> Resource | None:
        """The explicit provider that makes a resource; None where it has none."""
        return self.by_urn.get(resource.provider.rpartition("::")[0])

    def sources(self, resource: Resource, name: str) -> tuple[Resource, ...]:
        """The resources of this stack that an input's value came from."""
        urns = resource.property_dependencies.get(name, ())
        return tuple(self.by_urn[urn] for urn in urns if urn in self.by_urn)


def known(value: Any) -> bool:
    """Whether a value is there and can be told before a deploy."""
    return value is not None and value is not UNKNOWN

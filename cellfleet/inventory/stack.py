"""The stacks of a fleet: the units of state and of blast radius, their names and their order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from cellfleet.inventory.model import Fleet


class Kind(StrEnum):
    """What a stack holds, in the order in which additions are deployed; removals go the other way."""

    CELL = "cell"
    DNS = "dns"
    WORKLOAD = "workload"
    REGISTRY = "registry"
    ROUTING = "routing"


@dataclass(frozen=True, slots=True)
class Stack:
    """One Pulumi stack, by what it holds and whose it is."""

    kind: Kind
    subject: str = ""
    """The cell's or locality's name; empty for `dns`."""

    @property
    def name(self) -> str:
        """The name that Pulumi knows the stack by: `cell-us-aws-1`, `dns`."""
        return f"{self.kind}-{self.subject}" if self.subject else str(self.kind)

    @classmethod
    def parse(cls, name: str) -> Stack:
        """Read a stack's name.

        Raises ValueError with a sentence for the user where it is none.
        """
        kind, _, subject = name.partition("-")
        if kind not in [*Kind] or (kind == Kind.DNS) != (not subject):
            known = ", ".join("dns" if kind is Kind.DNS else f"{kind}-NAME" for kind in Kind)
            raise ValueError(f"{name!r} names no stack; stacks are {known}")
        return cls(Kind(kind), subject)


def stacks_of(fleet: Fleet) -> Iterator[Stack]:
    """Every stack that the fleet's programs deploy, in the order of additions.

    Planned and unmanaged cells have none, nor have localities without routers.
    """
    deployed = [cell.name for cell in fleet.managed() if cell.deployed]
    yield from (Stack(Kind.CELL, name) for name in deployed)
    if deployed:
        yield Stack(Kind.DNS)
    yield from (Stack(Kind.WORKLOAD, name) for name in deployed)
    yield from (Stack(Kind.REGISTRY, name) for name in fleet.routers)
    yield from (Stack(Kind.ROUTING, name) for name in fleet.routers)

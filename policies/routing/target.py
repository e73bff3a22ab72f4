"""One target's files, as the proof asks them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from cellfleet.inventory.model import Target
from cellfleet.routing.request import Decision, Request


class Router(Protocol):
    """A target as its files make it, by its own rules."""

    def decide(self, request: Request) -> Decision:
        """What becomes of a request."""


@dataclass(frozen=True, slots=True)
class Upstreams:
    """What a target's files say of upstreams, whatever requests come."""

    addresses: Mapping[str, str]
    """The host of each, by name."""
    unused: Collection[str]
    """Those that nothing can lead to."""
    dangling: Collection[tuple[str, str]]
    """A route, and an upstream that it leads to and that there is not."""
    defaults: Collection[tuple[str, str]]
    """A route or file, and the upstream that it gives a name which it does not know."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """What one target of one locality is given, read as it will read it."""

    target: Target
    router: Router
    upstreams: Upstreams
    allowed: Collection[str]
    """Hosts that it may connect to."""

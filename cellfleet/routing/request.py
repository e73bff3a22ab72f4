"""A request, and what a router does with it: what `cellfleet route`, the proof and the tests speak of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["serve", "redirect", "refuse", "unavailable", "proxy", "locate"]


@dataclass(frozen=True, slots=True)
class Request:
    """What of a request decides where it goes."""

    host: str
    """As the client sent it: in any case, with a port or a final dot."""
    target: str = "/"
    """Path and query, as sent."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name."""

    def __str__(self) -> str:
        headers = "".join(f", {name}: {value}" for name, value in self.headers.items())
        return f"https://{self.host}{self.target}{headers}"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a router does with a request."""

    outcome: Outcome
    status: int | None
    """What the router itself answers; None where an upstream does."""
    cell: str = ""
    """The cell that serves it."""
    service: str = ""
    upstream: str = ""
    """The host that the router connects to."""
    location: str = ""
    """Where a redirect leads."""
    locality: str = ""
    """The other locality that it belongs to."""
    route: str = ""
    """The route that it takes: `routes[0]`; empty where none matches."""
    steps: tuple[str, ...] = field(default=(), compare=False)
    """How the router came to it, in sentences."""

    def as_json(self) -> dict[str, Any]:
        """By name, without what is empty."""
        fields = ("outcome", "status", "route", "cell", "service", "upstream", "location", "locality")
        said = {name: getattr(self, name) for name in fields}
        return {name: value for name, value in said.items() if value not in ("", None)} | {"steps": list(self.steps)}

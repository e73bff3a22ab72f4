"""What became of each stack, as values that the command line prints and JSON carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from cellfleet.engine.events import COUNTED, Change

FORMAT_VERSION: Final = 1


class Result(StrEnum):
    """What became of a stack."""

    UNCHANGED = "unchanged"
    """The state is what the inventory asks for; nothing was done."""
    CHANGES = "changes"
    """A preview found something to do."""
    DEPLOYED = "deployed"
    DRIFTED = "drifted"
    """The cloud is not what the state says."""
    DESTROYED = "destroyed"
    FAILED = "failed"
    REFUSED = "refused"
    """Not begun, for it would break a rule."""
    SKIPPED = "skipped"
    """Not begun, for a stack that it needs failed."""
    INTERRUPTED = "interrupted"
    """Cut off; running it again goes on from there."""
    LEFT = "left"
    """Not begun before the interruption."""


BAD: Final = frozenset({Result.FAILED, Result.REFUSED, Result.SKIPPED, Result.INTERRUPTED, Result.LEFT})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one stack."""

    stack: str
    result: Result
    counts: Mapping[str, int] = field(default_factory=dict)
    """Resources, by what was or would be done with them."""
    changes: tuple[Change, ...] = ()
    seconds: float = 0.0
    message: str = ""
    """Why it failed or was skipped, in the provider's words where they are the cause."""
    remedy: str = ""
    recovered: tuple[str, ...] = ()
    """What an earlier run had left behind, and what was done about it."""

    def as_json(self) -> dict[str, Any]:
        return {
            "stack": self.stack,
            "result": str(self.result),
            "counts": {kind: self.counts.get(kind, 0) for kind in COUNTED},
            "changes": [
                {"kind": change.kind, "urn": change.urn, "type": change.type, "properties": list(change.properties)}
                for change in self.changes
            ],
            "seconds": round(self.seconds, 2),
            "message": self.message,
            "remedy": self.remedy,
            "recovered": list(self.recovered),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a command's stacks, in the order in which they are deployed."""

    outcomes: tuple[Outcome, ...]
    strays: tuple[str, ...] = ()
    """Stacks that the backend holds, but that the inventory does not ask for."""
    seconds: float = 0.0
    phases: Mapping[str, float] = field(default_factory=dict)
    """Where they went: starting, preparing (empty stacks, imports), previewing, deploying."""

    @property
    def interrupted(self) -> bool:
        return any(outcome.result in (Result.INTERRUPTED, Result.LEFT) for outcome in self.outcomes)

    @property
    def failed(self) -> bool:
        return any(outcome.result in BAD for outcome in self.outcomes)

    @property
    def refused(self) -> bool:
        """Whether rules, and nothing else, are why not all was done."""
        results = {outcome.result for outcome in self.outcomes}
        return Result.REFUSED in results and Result.FAILED not in results

    @property
    def changed(self) -> bool:
        """Whether any stack is not as it should be."""
        return any(outcome.result is not Result.UNCHANGED for outcome in self.outcomes)

"""What the engine says of a run, kept as values: counts, changes, errors and outputs, with no CLI call to ask for
them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi.automation import EngineEvent, OpType, StepEventMetadata

COUNTED: Final = ("create", "update", "replace", "delete", "same")
_KIND: Final = {
    OpType.CREATE: "create",
    OpType.IMPORT: "create",
    OpType.UPDATE: "update",
    OpType.REPLACE: "replace",
    OpType.CREATE_REPLACEMENT: "replace",
    OpType.IMPORT_REPLACEMENT: "replace",
    OpType.DELETE: "delete",
    OpType.SAME: "same",
}
_MAKING: Final = (OpType.CREATE, OpType.CREATE_REPLACEMENT)
_NOISE: Final = re.compile(r"^(update|preview|refresh|destroy) (failed|cancell?ed)\.?$")
_TRACE: Final = "\nTraceback (most recent call last):"
_FRAMES: Final = re.compile(r"^(an unhandled error occurred: )?(python inline source runtime error: )?")


@dataclass(frozen=True, slots=True)
class Change:
    """One resource that a run changes."""

    kind: str
    """create, update, replace or delete."""
    urn: str
    type: str
    properties: tuple[str, ...] = ()
    """Paths of the properties that differ."""

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True, slots=True)
class Problem:
    """An error that the engine reports."""

    urn: str
    message: str


@dataclass
class Watch:
    """Listens to one run."""

    progress: Callable[[int], None]
    """Told how many resources are done."""
    counts: dict[str, int] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    new: dict[str, StepEventMetadata] = field(default_factory=dict)
    """Resources that the run is about to make, by URN."""
    problems: list[Problem] = field(default_factory=list)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """The stack's; the engine has veiled the secret ones."""
    deployed: Mapping[str, Any] = field(default_factory=dict)
    """The stack's outputs before the run."""
    done: int = 0
    """Resources done."""
    outputs_change: bool = False
    state_changes: bool = False
    """Whether a run that asks the clouds first found what the state did not say, though it may be what is wanted."""
    refused: bool = False
    """Whether a policy pack stops the run."""
    _noted: set[str] = field(default_factory=set)

    @property
    def unchanged(self) -> bool:
        """Whether the run changes nothing, the stack's outputs and what the state says among it."""
        counted = any(self.counts.get(kind) for kind in COUNTED if kind != "same")
        return not (self.changes or self.outputs_change or self.state_changes or counted)

    def reset(self) -> None:
        """Forget what was heard, before the run is made again."""
        self.counts, self.changes, self.new, self.problems = {}, [], {}, []
        self.done, self.outputs_change, self.state_changes, self._noted = 0, False, False, set()
        self.refused = False

    def __call__(self, event: EngineEvent) -> None:
        if event.resource_pre_event:
            self._begin(event.resource_pre_event.metadata)
        elif event.res_outputs_event:
            self._end(event.res_outputs_event.metadata)
        elif event.diagnostic_event:
            self._hear(
                event.diagnostic_event.severity, event.diagnostic_event.urn or "", event.diagnostic_event.message
            )
        elif event.policy_event and event.policy_event.enforcement_level == "mandatory":
            policy, self.refused = event.policy_event, True
            self.problems.append(Problem(policy.resource_urn or "", f"{policy.policy_name}: {plain(policy.message)}"))
        elif event.summary_event:
            counts = event.summary_event.resource_changes
            self.counts = {kind: sum(n for op, n in counts.items() if _kind(op) == kind) for kind in COUNTED}

    def _begin(self, step: StepEventMetadata) -> None:
        if step.op in _MAKING and step.new and step.new.custom:
            self.new[step.urn] = step
        self._note(step)

    def _end(self, step: StepEventMetadata) -> None:
        self.done += 1
        self.progress(self.done)
        self._note(step)  # what a refresh finds is told at its end only
        if step.op is OpType.REFRESH and (step.detailed_diff or step.diffs or not step.new):
            self.state_changes = True
        if step.type == "pulumi:pulumi:Stack" and step.new:
            self.outputs = step.new.outputs or {}
            self.deployed = (step.old.outputs if step.old else None) or {}
            self.outputs_change = (step.old.outputs if step.old else None) != step.new.outputs

    def _note(self, step: StepEventMetadata) -> None:
        kind = _KIND.get(step.op)
        if kind and kind != "same" and step.type != "pulumi:pulumi:Stack" and step.urn not in self._noted:
            self._noted.add(step.urn)
            self.changes.append(_change(kind, step))

    def _hear(self, severity: str, urn: str, message: str) -> None:
        said = plain(message)
        if severity == "error" and not _NOISE.match(said):
            self.problems.append(Problem(urn, sentence(said)))


def plain(text: str) -> str:
    """A message without the engine's colour tags."""
    return re.sub(r"<\{%[^%]*%\}>", "", text).strip()


def sentence(message: str) -> str:
    """What a program raised, without its stack trace where it is the user's to mend rather than a bug."""
    if "cellfleet.failure.Failure:" in message and _TRACE in message:
        message = message.partition(_TRACE)[0]
    return _FRAMES.sub("", message).strip()


def _change(kind: str, step: StepEventMetadata) -> Change:
    properties = tuple(sorted(step.detailed_diff or step.diffs or ()))
    if not properties and step.old and step.new:
        old, new = step.old.outputs or {}, step.new.outputs or {}
        properties = tuple(sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name)))
    return Change(kind, step.urn, step.type, properties)


def _kind(operation: OpType | str) -> str | None:
    try:
        return _KIND.get(OpType(operation))
    except ValueError:
        return None

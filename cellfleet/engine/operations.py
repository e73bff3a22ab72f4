"""What is done to one stack: previewed, deployed, compared with the cloud, destroyed.

Each ends in an outcome. What an earlier run left when it was cut off is taken up first, and told with it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pulumi.automation import StepEventMetadata
from pulumi.automation.errors import CommandError, ConcurrentUpdateError

from cellfleet.engine import locks, recover
from cellfleet.engine.command import Cli
from cellfleet.engine.events import Watch
from cellfleet.engine.failures import explain
from cellfleet.engine.plan import Step, Task
from cellfleet.engine.report import Outcome, Result
from cellfleet.engine.workspace import Place, open_stack, remove_stack
from cellfleet.failure import Failure
from stacks.guard import REFUSED


class Listener(Protocol):
    """Is told how things go, from several threads at a time."""

    def say(self, text: str) -> None: ...

    def began(self, stack: str, doing: str) -> None: ...

    def moved(self, stack: str, resources: int) -> None: ...

    def ended(self, outcome: Outcome) -> None: ...


@dataclass
class Operations:
    """Operates on stacks of one fleet, from several threads at a time, each stack from one. A stack that fails is an
    outcome; what is raised is a bug."""

    place: Place
    cli: Cli
    existing: frozenset[str]
    """The stacks that the backend holds."""
    listener: Listener
    cloud: recover.Cloud | None = None
    """None where the cloud cannot be asked what it made for a URN."""
    decided: Mapping[str, str] = field(default_factory=dict)
    """What became of creates that were cut off: an id by resource name, or `none`."""
    refresh: bool = False
    """Whether to ask the clouds first what they have, and not to take the state's word for it."""
    packs: tuple[str, ...] = ()
    """Policy packs, as paths, that the engine asks about what it is about to do."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Set once no other operation is to begin."""
    deployed: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """What stacks said of themselves when they were last deployed, of those that were previewed."""
    recovered: dict[str, list[str]] = field(default_factory=dict)
    """What was found and done about earlier runs of a stack, in sentences."""
    _alone: threading.Lock = field(default_factory=threading.Lock)

    def preview(self, task: Task, *, settle: bool) -> Outcome:
        """What `up` would do; with `settle`, an interrupted run is recovered first."""
        stack = task.stack

        def work(watch: Watch) -> Result:
            if settle:
                self._unlock(stack)
            self._run(stack, "preview", watch, task.program, refresh=self.refresh or None)
            self.deployed[stack] = watch.deployed
            unchanged = watch.unchanged
            cut_off = not unchanged and stack in self.existing and recover.pending(self.place, self.cli, stack)
            if not settle:
                if cut_off:
                    self.recovered[stack] = ["an earlier run was cut off; `cellfleet up` takes it up"]
            elif cut_off or self.recovered.get(stack) or self._cloud_has_some_of(watch):
                note = recover.adopt(self.place, self.cli, stack, watch.new, self.cloud, self.decided)
                self.recovered.setdefault(stack, []).extend(note)
                watch.reset()
                self._run(stack, "preview", watch, task.program, refresh=True)
            return Result.UNCHANGED if watch.unchanged else Result.CHANGES

        return self._outcome(stack, "previewing", work)

    def up(self, stack: str, program: Callable[[], None] | None) -> Outcome:
        """Deploy what a stack's preview has shown, by its program or one in its place."""

        def work(watch: Watch) -> Result:
            try:
                self._run(stack, "up", watch, program, refresh=self._refreshes(stack))
            except ConcurrentUpdateError as refused:
                self._unlock(stack, locks.in_message(str(refused)))
                self.recovered[stack] += recover.adopt(self.place, self.cli, stack, watch.new, self.cloud, self.decided)
                watch.reset()
                self._run(stack, "up", watch, program, refresh=True)
            return Result.UNCHANGED if watch.unchanged and not self.recovered.get(stack) else Result.DEPLOYED

        return self._outcome(stack, "deploying", work)

    def up_first(self, stack: str, step: Step) -> Outcome:
        """Deploy a part of what a stack's preview has shown."""

        def work(watch: Watch) -> Result:
            self._run(stack, "up", watch, step.program, refresh=self._refreshes(stack))
            return Result.UNCHANGED if watch.unchanged else Result.DEPLOYED

        return self._outcome(stack, f"deploying what comes before {step.before}", work)

    def drift(self, stack: str) -> Outcome:
        """What the cloud is otherwise than the state says; neither is changed."""

        def work(watch: Watch) -> Result:
            self._run(stack, "preview_refresh", watch)
            return Result.UNCHANGED if watch.unchanged else Result.DRIFTED

        return self._outcome(stack, "comparing", work)

    def preview_destroy(self, task: Task) -> Outcome:
        """What `destroy` would delete; fails for a stack that holds what is protected."""
        stack = task.stack

        def work(watch: Watch) -> Result:
            self._unlock(stack)
            self._run(stack, "preview_destroy", watch)
            orphans = recover.orphans(self.place, self.cli, stack, self.cloud)
            if orphans or self.recovered.get(stack) or recover.pending(self.place, self.cli, stack):
                makes = self._would_make(task) if orphans else {}
                note = recover.adopt(self.place, self.cli, stack, makes, self.cloud, self.decided)
                if orphans:
                    note += recover.orphans(self.place, self.cli, stack, self.cloud)
                self.recovered.setdefault(stack, []).extend(note)
                watch.reset()
                self._run(stack, "preview_destroy", watch)
            return Result.CHANGES

        return self._outcome(stack, "previewing", work)

    def destroy(self, stack: str) -> Outcome:
        """Delete what `preview_destroy` has shown, and remove the stack."""

        def work(watch: Watch) -> Result:
            self._run(stack, "destroy", watch, refresh=self._refreshes(stack))
            remove_stack(self.place, self.cli, stack)
            return Result.DESTROYED

        return self._outcome(stack, "destroying", work)

    # --- how -------------------------------------------------------------------------------------------------------

    def _run(
        self, stack: str, verb: str, watch: Watch, program: Callable[[], None] | None = None, **options: Any
    ) -> None:
        """One run of the engine; raises CommandError when it fails."""
        if self.stop.is_set():
            raise Failure("not begun before the interruption", "")
        if self.packs and verb in ("preview", "up"):
            options["policy_packs"] = [*self.packs]
        operate = getattr(open_stack(self.place, self.cli, stack, program), verb)
        operate(on_event=watch, color="never", suppress_progress=True, suppress_outputs=True, **options)

    def _outcome(self, stack: str, doing: str, work: Callable[[Watch], Result]) -> Outcome:
        """Do the work on one stack, and tell the listener and the caller what became of it."""
        self.listener.began(stack, doing)
        began = time.monotonic()
        watch = Watch(lambda done: self.listener.moved(stack, done))
        message = remedy = ""
        try:
            result = work(watch)
        except CommandError as error:
            failure = explain(error, watch)
            result, message, remedy = Result.FAILED, failure.message, failure.remedy
            if message.startswith(REFUSED) or watch.refused:  # both tell the remedies of the rules
                result, remedy = Result.REFUSED, ""
        except Failure as failure:
            result, message, remedy = Result.FAILED, failure.message, failure.remedy
        if result is Result.FAILED and self.stop.is_set():
            result, message = Result.INTERRUPTED, f"cut off while {doing}, with {watch.done} resources done"
            remedy = "Run the same command again: it goes on from there."
        outcome = Outcome(
            stack,
            result,
            dict(watch.counts),
            tuple(sorted(watch.changes, key=lambda change: change.urn)),
            time.monotonic() - began,
            message,
            remedy,
            tuple(self.recovered.get(stack, ())),
        )
        self.listener.ended(outcome)
        return outcome

    def _unlock(self, stack: str, holders: Iterable[locks.Holder] | None = None) -> None:
        found = locks.in_folder(self.place.backend(), self.place.project, stack)
        note = recover.unlock(self.place, self.cli, stack, found if holders is None else holders, self.listener.say)
        self.recovered.setdefault(stack, []).extend(note)

    def _refreshes(self, stack: str) -> bool | None:
        return self.refresh or bool(self.recovered.get(stack)) or None

    def _cloud_has_some_of(self, watch: Watch) -> bool:
        """Whether the cloud has something already, unknown to the state, of what the run would make."""
        return self.cloud is not None and any(
            set(self.cloud.find(urn)) - ({step.old.id} if step.old else set()) for urn, step in watch.new.items()
        )

    def _would_make(self, task: Task) -> Mapping[str, StepEventMetadata]:
        """What a stack's program asks for beyond what its state holds; one at a time, for programs import modules."""
        watch = Watch(lambda _: None)
        if task.program:
            with self._alone:
                self._run(task.stack, "preview", watch, task.program)
        return watch.new

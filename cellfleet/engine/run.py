"""Runs a fleet's stacks: previews all, then deploys or destroys each as soon as what it needs is done."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

from pulumi.automation import StepEventMetadata
from pulumi.automation.errors import CommandError, ConcurrentUpdateError

from cellfleet.engine import locks, recover
from cellfleet.engine.command import Cli
from cellfleet.engine.events import Watch
from cellfleet.engine.failures import explain
from cellfleet.engine.order import Needs, Scheduler
from cellfleet.engine.plan import Step, Task
from cellfleet.engine.record import record
from cellfleet.engine.report import BAD, Outcome, Result
from cellfleet.engine.workspace import Place, create_stack, open_stack, remove_stack, silence
from cellfleet.failure import Failure

_COLLECT_AFTER: Final = 50_000
"""Objects made, and not gone by themselves, before the garbage collector looks for cycles among them."""


class Listener(Protocol):
    """Is told how things go, from several threads at a time."""

    def say(self, text: str) -> None: ...

    def began(self, stack: str, doing: str) -> None: ...

    def moved(self, stack: str, resources: int) -> None: ...

    def ended(self, outcome: Outcome) -> None: ...


@dataclass
class Runner:
    """Runs stacks of one fleet. A stack that fails is an outcome; what is raised is a bug."""

    place: Place
    cli: Cli
    tasks: Sequence[Task]
    existing: frozenset[str]
    """The stacks that the backend holds."""
    listener: Listener
    parallel: int = 2
    cloud: recover.Cloud | None = None
    """None where the cloud cannot be asked what it made for a URN."""
    decided: Mapping[str, str] = field(default_factory=dict)
    """What became of creates that were cut off: an id by resource name, or `none`."""
    refresh: bool = False
    """Whether to ask the clouds first what they have, and not to take the state's word for it."""
    stop: threading.Event = field(default_factory=threading.Event)
    _previews: dict[str, Outcome] = field(default_factory=dict)
    _deployed: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _recovered: dict[str, list[str]] = field(default_factory=dict)
    _tasks: dict[str, Task] = field(default_factory=dict)
    _alone: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._tasks = {task.stack: task for task in self.tasks}

    # --- what a command asks for -----------------------------------------------------------------------------------

    def interrupt(self) -> None:
        """Begin no other stack, and let the operations that are under way end."""
        self.stop.set()
        self.cli.interrupt()

    def kill(self) -> None:
        """End at once, without order."""
        self.stop.set()
        self.cli.kill()

    def prepare(self) -> None:
        """Make the stacks that do not exist, and import what the programs import.

        A program that reads the outputs of a stack that does not exist fails, of an empty one it knows that there are
        none. Modules of the SDKs load lazily and not safely in several threads, so one program a kind is recorded here
        first.
        """
        silence()
        wanted = {task.stack for task in self.tasks} | {read for task in self.tasks for read in task.reads}
        missing = sorted(wanted - self.existing)
        with ThreadPoolExecutor(self.parallel, thread_name_prefix="init") as pool:
            made = [pool.submit(create_stack, self.place, self.cli, stack) for stack in missing]
            if missing:
                self.listener.say(f"Making {len(missing)} empty stacks ...")
            with _kept_for_good():
                self._import()
            for future in made:
                try:
                    future.result()
                except CommandError as error:
                    raise explain(error, Watch(lambda _: None)) from None

    def _import(self) -> None:
        for task in {task.imports: task for task in self.tasks if task.imports}.values():
            if task.program and not self.stop.is_set():
                try:
                    record(task.program, stack=task.stack, project=self.place.project)
                except Exception as error:  # the run of the stack tells the whole, and is what counts
                    self.listener.say(f"{task.stack}: its program ended with {type(error).__name__} when recorded")

    def keep_existing(self) -> None:
        """Leave out the stacks that do not exist: they cannot differ from anything."""
        self.plan([task for task in self.tasks if task.stack in self.existing])

    def preview(self, *, settle: bool = False) -> tuple[Outcome, ...]:
        """What `up` would do, stack by stack; with `settle`, interrupted runs are recovered first."""
        scheduler = self._schedule(dict.fromkeys(self._tasks, Needs()), lambda stack: self._preview(stack, settle))
        self._previews = scheduler.results
        return self._outcomes(scheduler)

    def outputs(self, stack: str) -> Mapping[str, Any] | None:
        """What a stack said of itself when it was last deployed; None where no preview has found it out."""
        return self._deployed.get(stack)

    def plan(self, tasks: Sequence[Task]) -> None:
        """Take the same stacks in another order."""
        self.tasks, self._tasks = tasks, {task.stack: task for task in tasks}

    def up(self) -> tuple[Outcome, ...]:
        """Deploy what `preview(settle=True)` has shown; stacks that it found unchanged, and that read nothing which
        changes, are left alone."""
        results: dict[str, Outcome] = {}
        needs = {task.stack: task.needs for task in self.tasks}
        steps: dict[str, tuple[str, Step]] = {}
        for task in self.tasks:
            if task.first and task.first.before in needs:
                steps[name := f"a part of {task.stack}"] = task.stack, task.first
                before = needs[task.first.before]
                needs |= {name: Needs(), task.first.before: replace(before, done=before.done | {name})}

        def deploy(name: str) -> Outcome:
            if name in steps:
                stack, step = steps[name]
                results[name] = self._up_first(stack, step)
            else:
                results[name] = self._up(name, results)
            return results[name]

        scheduler = self._schedule(needs, deploy)
        for name, (stack, _) in steps.items():
            first, then = scheduler.results.get(name), scheduler.results.get(stack)
            if first and (then or first.result in BAD):
                scheduler.results[stack] = _together(first, then)
        return self._outcomes(scheduler)

    def drift(self) -> tuple[Outcome, ...]:
        """What the cloud is otherwise than the state says; neither is changed."""
        return self._outcomes(self._schedule(dict.fromkeys(self._tasks, Needs()), self._drift))

    def preview_destroy(self) -> tuple[Outcome, ...]:
        """What `destroy` would delete; a stack that holds what is protected fails here, before anything is deleted."""
        scheduler = self._schedule(dict.fromkeys(self._tasks, Needs()), self._preview_destroy)
        self._previews = scheduler.results
        return self._outcomes(scheduler)

    def destroy(self) -> tuple[Outcome, ...]:
        """Delete what `preview_destroy` has shown, in the reverse of the order of additions, and remove the stacks."""
        return self._outcomes(self._schedule(self._reversed(), self._destroy))

    # --- one stack -------------------------------------------------------------------------------------------------

    def _preview(self, stack: str, settle: bool) -> Outcome:
        def work(watch: Watch) -> Result:
            if settle:
                self._unlock(stack)
            self._run(stack, "preview", watch, refresh=self.refresh or None)
            self._deployed[stack] = watch.deployed
            unchanged = watch.unchanged
            cut_off = not unchanged and stack in self.existing and recover.pending(self.place, self.cli, stack)
            if not settle:
                if cut_off:
                    self._recovered[stack] = ["an earlier run was cut off; `cellfleet up` takes it up"]
            elif cut_off or self._recovered.get(stack) or self._cloud_has_some_of(watch):
                note = recover.adopt(self.place, self.cli, stack, watch.new, self.cloud, self.decided)
                self._recovered.setdefault(stack, []).extend(note)
                watch.reset()
                self._run(stack, "preview", watch, refresh=True)
            return Result.UNCHANGED if watch.unchanged else Result.CHANGES

        return self._outcome(stack, "previewing", work)

    def _up(self, stack: str, results: Mapping[str, Outcome]) -> Outcome:
        task, previewed = self._tasks[stack], self._previews[stack]
        if previewed.result in BAD:
            return previewed
        before = (task.needs.done | task.needs.ended) & self._tasks.keys()
        changed = {need for need in before if need not in results or results[need].result is not Result.UNCHANGED}
        settled = not changed & (task.reads or changed)
        if previewed.result is Result.UNCHANGED and settled and not self._recovered.get(stack):
            return previewed
        failed = {need for need in before if need not in results or results[need].result in BAD}
        never = frozenset(
            need for need in failed
            if (self._never_stood(need) if task.newcomers is None else need in task.newcomers)
        )  # fmt: skip
        program = task.without(never) if task.without and never else None

        def work(watch: Watch) -> Result:
            try:
                self._run(stack, "up", watch, program=program, refresh=self._refreshes(stack))
            except ConcurrentUpdateError as refused:
                self._unlock(stack, locks.in_message(str(refused)))
                self._recovered[stack] += recover.adopt(
                    self.place, self.cli, stack, watch.new, self.cloud, self.decided
                )
                watch.reset()
                self._run(stack, "up", watch, program=program, refresh=True)
            return Result.UNCHANGED if watch.unchanged and not self._recovered.get(stack) else Result.DEPLOYED

        return self._outcome(stack, "deploying", work)

    def _up_first(self, stack: str, step: Step) -> Outcome:
        """Deploy a part of what a stack's preview has shown."""
        if (previewed := self._previews[stack]).result in BAD:
            return previewed

        def work(watch: Watch) -> Result:
            self._run(stack, "up", watch, program=step.program, refresh=self._refreshes(stack))
            return Result.UNCHANGED if watch.unchanged else Result.DEPLOYED

        return self._outcome(stack, f"deploying what comes before {step.before}", work)

    def _never_stood(self, stack: str) -> bool:
        """Whether there was nothing of a stack before this run; a preview that failed does not tell."""
        previewed = self._previews[stack]
        if previewed.result in BAD:
            return stack not in self.existing or recover.empty(self.place, self.cli, stack)
        return not previewed.counts.get("same")

    def _drift(self, stack: str) -> Outcome:
        def work(watch: Watch) -> Result:
            self._run(stack, "preview_refresh", watch)
            return Result.UNCHANGED if watch.unchanged else Result.DRIFTED

        return self._outcome(stack, "comparing", work)

    def _preview_destroy(self, stack: str) -> Outcome:
        def work(watch: Watch) -> Result:
            self._unlock(stack)
            self._run(stack, "preview_destroy", watch)
            orphans = recover.orphans(self.place, self.cli, stack, self.cloud)
            if orphans or self._recovered.get(stack) or recover.pending(self.place, self.cli, stack):
                makes = self._would_make(stack) if orphans else {}
                note = recover.adopt(self.place, self.cli, stack, makes, self.cloud, self.decided)
                if orphans:
                    note += recover.orphans(self.place, self.cli, stack, self.cloud)
                self._recovered.setdefault(stack, []).extend(note)
                watch.reset()
                self._run(stack, "preview_destroy", watch)
            return Result.CHANGES

        return self._outcome(stack, "previewing", work)

    def _would_make(self, stack: str) -> Mapping[str, StepEventMetadata]:
        """What a stack's program asks for beyond what its state holds; one at a time, for programs import modules."""
        watch = Watch(lambda _: None)
        if self._tasks[stack].program:
            with self._alone:
                self._run(stack, "preview", watch)
        return watch.new

    def _destroy(self, stack: str) -> Outcome:
        previewed = self._previews[stack]
        if previewed.result in BAD:
            return previewed

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
        runs_program = verb in ("preview", "up")
        opened = open_stack(
            self.place, self.cli, stack, program or self._tasks[stack].program if runs_program else None
        )
        operate = getattr(opened, verb)
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
            tuple(self._recovered.get(stack, ())),
        )
        self.listener.ended(outcome)
        return outcome

    def _unlock(self, stack: str, holders: Iterable[locks.Holder] | None = None) -> None:
        found = locks.in_folder(self.place.backend(), self.place.project, stack)
        note = recover.unlock(self.place, self.cli, stack, found if holders is None else holders, self.listener.say)
        self._recovered.setdefault(stack, []).extend(note)

    def _refreshes(self, stack: str) -> bool | None:
        return self.refresh or bool(self._recovered.get(stack)) or None

    def _cloud_has_some_of(self, watch: Watch) -> bool:
        """Whether the cloud has something already, unknown to the state, of what the run would make."""
        return self.cloud is not None and any(
            set(self.cloud.find(urn)) - ({step.old.id} if step.old else set()) for urn, step in watch.new.items()
        )

    def _schedule(self, needs: Mapping[str, Needs], work: Callable[[str], Outcome]) -> Scheduler[Outcome]:
        scheduler = Scheduler(
            needs, work, lambda outcome: outcome.result not in BAD, parallel=self.parallel, stop=self.stop
        )
        scheduler.run()
        return scheduler

    def _reversed(self) -> dict[str, Needs]:
        """Each stack with those that have to be destroyed before it."""
        dependents: dict[str, set[str]] = {stack: set() for stack in self._tasks}
        for task in self.tasks:
            for need in (task.needs.done | task.needs.ended | task.reads) & dependents.keys():
                dependents[need].add(task.stack)
        return {stack: Needs(done=frozenset(on)) for stack, on in dependents.items()}

    def _outcomes(self, scheduler: Scheduler[Outcome]) -> tuple[Outcome, ...]:
        """An outcome for each stack, those that were not begun among them."""
        return tuple(scheduler.results.get(stack) or self._not_begun(stack, scheduler) for stack in self._tasks)

    def _not_begun(self, stack: str, scheduler: Scheduler[Outcome]) -> Outcome:
        previewed = self._previews.get(stack)
        counts, changes = (previewed.counts, previewed.changes) if previewed else ({}, ())
        if causes := scheduler.skipped.get(stack):
            message = f"not begun, for it needs {', '.join(sorted(causes))}, which failed"
            return Outcome(stack, Result.SKIPPED, counts, changes, message=message)
        return Outcome(stack, Result.LEFT, counts, changes, message="not begun before the interruption")


def _together(first: Outcome, then: Outcome | None) -> Outcome:
    """What became of a stack in two steps; the second is not begun where the first failed."""
    if then is None:
        return first
    counts = {kind: then.counts.get(kind, 0) + first.counts.get(kind, 0) for kind in then.counts if kind != "same"}
    return replace(
        then,
        counts={**then.counts, **counts},
        changes=(*first.changes, *then.changes),
        seconds=first.seconds + then.seconds,
    )


@contextmanager
def _kept_for_good() -> Iterator[None]:
    """Keep what is made meanwhile out of the garbage collector's sight.

    The SDKs' modules are some million objects that last as long as the process: to go through them again and again is a
    third of a deployment's time (6 stacks of 880 resources: 36 s, 25 s without; 2 busy cores, 2026-11).
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER, 20, 100)
        gc.enable()

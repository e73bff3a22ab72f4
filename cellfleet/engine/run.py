"""Runs a fleet's stacks: previews all, then deploys or destroys each as soon as what it needs is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi.automation.errors import CommandError

from cellfleet.engine import recover
from cellfleet.engine.failures import explain
from cellfleet.engine.imports import import_for
from cellfleet.engine.operations import Operations
from cellfleet.engine.order import Needs, Scheduler
from cellfleet.engine.plan import Step, Task
from cellfleet.engine.report import BAD, Outcome, Result
from cellfleet.engine.workspace import create_stack, silence


@dataclass
class Runner:
    """Runs stacks of one fleet."""

    operations: Operations
    tasks: Sequence[Task]
    parallel: int = 2
    """Stacks at a time."""
    _previews: dict[str, Outcome] = field(default_factory=dict)
    _tasks: dict[str, Task] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._tasks = {task.stack: task for task in self.tasks}

    def interrupt(self) -> None:
        """Begin no other stack, and let the operations that are under way end."""
        self.operations.stop.set()
        self.operations.cli.interrupt()

    def kill(self) -> None:
        """End at once, without order."""
        self.operations.stop.set()
        self.operations.cli.kill()

    @property
    def interrupted(self) -> bool:
        return self.operations.stop.is_set()

    def prepare(self) -> None:
        """Make the stacks that do not exist, and import what the programs import.

        A program that reads the outputs of a stack that does not exist fails, of an empty one it knows that there are
        none.
        """
        silence()
        on = self.operations
        wanted = {task.stack for task in self.tasks} | {read for task in self.tasks for read in task.reads}
        missing = sorted(wanted - on.existing)
        with ThreadPoolExecutor(self.parallel, thread_name_prefix="init") as pool:
            made = [pool.submit(create_stack, on.place, on.cli, stack) for stack in missing]
            if missing:
                on.listener.say(f"Making {len(missing)} empty stacks ...")
            import_for(self.tasks, on.place.project, on.listener.say, on.stop)
            for future in made:
                try:
                    future.result()
                except CommandError as error:
                    raise explain(error) from None

    def keep_existing(self) -> None:
        """Leave out the stacks that do not exist: they cannot differ from anything."""
        self.plan([task for task in self.tasks if task.stack in self.operations.existing])

    def plan(self, tasks: Sequence[Task]) -> None:
        """Take the same stacks in another order."""
        self.tasks, self._tasks = tasks, {task.stack: task for task in tasks}

    def preview(self, *, settle: bool = False) -> tuple[Outcome, ...]:
        """What `up` would do, stack by stack; with `settle`, interrupted runs are recovered first."""
        outcomes = self._outcomes(self._each(lambda task: self.operations.preview(task, settle=settle)))
        self._previews = {outcome.stack: outcome for outcome in outcomes}
        return outcomes

    def previewed(self) -> tuple[Outcome, ...]:
        """What the last preview has shown, and what was refused since."""
        return tuple(self._previews[task.stack] for task in self.tasks)

    def refuse(self, stack: str, message: str, remedy: str) -> None:
        """Leave a stack that was previewed as it is, for it would break a rule."""
        previewed = self._previews[stack]
        self._previews[stack] = replace(previewed, result=Result.REFUSED, message=message, remedy=remedy)

    def outputs(self, stack: str) -> Mapping[str, Any] | None:
        """What a stack said of itself when it was last deployed; None where no preview has found it out."""
        return self.operations.deployed.get(stack)

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
        return self._outcomes(self._each(lambda task: self.operations.drift(task.stack)))

    def preview_destroy(self) -> tuple[Outcome, ...]:
        """What `destroy` would delete; a stack that holds what is protected fails here, before anything is deleted."""
        scheduler = self._each(self.operations.preview_destroy)
        self._previews = scheduler.results
        return self._outcomes(scheduler)

    def destroy(self) -> tuple[Outcome, ...]:
        """Delete what `preview_destroy` has shown, in the reverse of the order of additions, and remove the stacks."""

        def delete(stack: str) -> Outcome:
            previewed = self._previews[stack]
            return previewed if previewed.result in BAD else self.operations.destroy(stack)

        return self._outcomes(self._schedule(self._reversed(), delete))

    # --- one stack among the others ----------------------------------------------------------------------------------

    def _up(self, stack: str, results: Mapping[str, Outcome]) -> Outcome:
        task, previewed = self._tasks[stack], self._previews[stack]
        if previewed.result in BAD:
            return previewed
        before = (task.needs.done | task.needs.ended) & self._tasks.keys()
        changed = {need for need in before if need not in results or results[need].result is not Result.UNCHANGED}
        settled = not changed & (task.reads or changed)
        if previewed.result is Result.UNCHANGED and settled and not self.operations.recovered.get(stack):
            return previewed
        failed = {need for need in before if need not in results or results[need].result in BAD}
        never = frozenset(
            need for need in failed
            if (self._never_stood(need) if task.newcomers is None else need in task.newcomers)
        )  # fmt: skip
        return self.operations.up(stack, task.without(never) if task.without and never else task.program)

    def _up_first(self, stack: str, step: Step) -> Outcome:
        previewed = self._previews[stack]
        return previewed if previewed.result in BAD else self.operations.up_first(stack, step)

    def _never_stood(self, stack: str) -> bool:
        """Whether there was nothing of a stack before this run; a preview that failed does not tell."""
        on, previewed = self.operations, self._previews[stack]
        if previewed.result in BAD:
            return stack not in on.existing or recover.empty(on.place, on.cli, stack)
        return not previewed.counts.get("same")

    # --- how -------------------------------------------------------------------------------------------------------

    def _each(self, work: Callable[[Task], Outcome]) -> Scheduler[Outcome]:
        """The same for each stack, in no order."""
        return self._schedule(dict.fromkeys(self._tasks, Needs()), lambda stack: work(self._tasks[stack]))

    def _schedule(self, needs: Mapping[str, Needs], work: Callable[[str], Outcome]) -> Scheduler[Outcome]:
        scheduler = Scheduler(
            needs, work, lambda outcome: outcome.result not in BAD, parallel=self.parallel, stop=self.operations.stop
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

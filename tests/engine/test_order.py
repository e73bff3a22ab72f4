"""Which stack runs when."""

from __future__ import annotations

import threading
import time

from hypothesis import given
from hypothesis import strategies as st

from cellfleet.engine.order import Needs, Scheduler


def run(
    needs: dict[str, Needs], failing: frozenset[str] = frozenset(), parallel: int = 2
) -> tuple[Scheduler[bool], list[str]]:
    order: list[str] = []

    def work(stack: str) -> bool:
        order.append(stack)
        return stack not in failing

    scheduler = Scheduler(needs, work, bool, parallel=parallel, stop=threading.Event())
    scheduler.run()
    return scheduler, order


def test_what_fails_is_waited_for_by_some_and_needed_by_others() -> None:
    needs = {
        "workload-a": Needs(done=frozenset({"cell-a", "dns"})),
        "workload-b": Needs(done=frozenset({"cell-b", "dns"})),
        "dns": Needs(ended=frozenset({"cell-a", "cell-b"})),
        "cell-a": Needs(),
        "cell-b": Needs(),
    }
    scheduler, order = run(needs, failing=frozenset({"cell-a"}))
    assert order[2:] == ["dns", "workload-b"]
    assert scheduler.skipped == {"workload-a": frozenset({"cell-a"})}


def test_the_skipped_name_the_first_cause() -> None:
    needs = {"a": Needs(), "b": Needs(done=frozenset({"a"})), "c": Needs(done=frozenset({"b"}))}
    scheduler, order = run(needs, failing=frozenset({"a"}))
    assert order == ["a"]
    assert scheduler.skipped == {"b": frozenset({"a"}), "c": frozenset({"a"})}


def test_what_is_not_asked_for_is_not_waited_for() -> None:
    _, order = run({"workload-a": Needs(done=frozenset({"cell-a"}))})
    assert order == ["workload-a"]


def test_no_more_run_at_a_time_than_asked_and_none_after_a_stop() -> None:
    running = most = 0
    lock, stop = threading.Lock(), threading.Event()

    def work(stack: str) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1
        if stack == "s5":
            stop.set()
        return True

    scheduler = Scheduler({f"s{n}": Needs() for n in range(40)}, work, bool, parallel=3, stop=stop)
    scheduler.run()
    assert most == 3
    assert 6 <= len(scheduler.results) < 12


@given(st.dictionaries(st.integers(0, 12), st.sets(st.integers(0, 12))), st.sets(st.integers(0, 12)))
def test_every_stack_is_run_after_what_it_needs_or_skipped(graph: dict[int, set[int]], failing: set[int]) -> None:
    needs = {str(n): Needs(done=frozenset(str(m) for m in on if m < n)) for n, on in graph.items()}
    scheduler, order = run(needs, frozenset(map(str, failing)))
    assert sorted([*order, *scheduler.skipped]) == sorted(needs)
    for stack in order:
        assert all(order.index(need) < order.index(stack) for need in needs[stack].done & needs.keys())

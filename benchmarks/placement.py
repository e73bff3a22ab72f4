"""How good a plan to drain a cell is, and how long it takes to make.

Small cases are held against an exact solver (HiGHS, `placement_exact`): how full the fullest cell becomes where all
tenants fit, and how many get a place where they do not. Large ones are held against a level that no placement stays
below. Tenants' sizes are drawn from Pareto distributions, as customers' are: most are small, and a few are not. Seconds
are of the processor, for others use the machine too.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from statistics import mean
from typing import Final

from benchmarks import fleets
from benchmarks.placement_exact import SOLVER, least_fullness, most_placed, water_level
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Capacity
from cellfleet.inventory.tenants.read import read
from cellfleet.placement.domain import domains
from cellfleet.placement.fill import fill
from cellfleet.placement.limits import DEFAULT
from cellfleet.placement.loss import what_if
from cellfleet.placement.plan import drain
from cellfleet.placement.room import Room, empty
from cellfleet.placement.tenant import Tenant

CASES: Final = 40
SMALL: Final = ((3, 8), (3, 12), (4, 16))
"""Cells, tenants."""
LARGE: Final = ((10, 1_000, 0), (100, 10_000, 0), (100, 100_000, 0), (100, 100_000, 25_000), (1_000, 100_000, 0))
"""Cells, tenants, groups that they are in."""
FLEETS: Final = ((100, 20_000), (1_000, 20_000), (1_000, 200_000))
"""Cells, tenants of whole fleets, for which every loss is gone through."""
ROUNDS: Final = 3


def main() -> None:
    _exact()
    _large()
    _losses()


def _exact() -> None:
    print(f"\n| cells, tenants | objective | cases | as {SOLVER} | mean | worst | {SOLVER} | ours |")
    print("|---:|---|---:|---:|---:|---:|---:|---:|")
    for cells, tenants in SMALL:
        print(f"{cells} cells, {tenants} tenants ...", file=sys.stderr, flush=True)
        # as full as the fullest of the best: 1.00 is as good
        _compare(cells, tenants, 0.55, "the fullest cell, ours : best", least_fullness, _fullness)
        _compare(cells, tenants, 1.25, "tenants placed, ours : most", most_placed, _placed)


def _compare(
    cells: int,
    tenants: int,
    share: float,
    objective: str,
    exact: Callable[[Sequence[Room], Sequence[Tenant]], float],
    ours: Callable[[Sequence[Room], Sequence[Tenant]], float | None],
) -> None:
    ratios: list[float] = []
    seconds = [0.0, 0.0]
    chance = random.Random(f"{cells} {tenants} {share}")
    while len(ratios) < CASES:
        rooms = _rooms(chance, cells)
        some = _tenants(chance, rooms, tenants, share, 0)
        start = time.process_time()
        found = ours(rooms, some)
        seconds[1] += time.process_time() - start
        if found is None:
            continue
        start = time.process_time()
        best = exact(rooms, some)
        seconds[0] += time.process_time() - start
        ratios.append(found / best if best else 1.0)
    worst = max(ratios) if ours is _fullness else min(ratios)
    as_good = sum(abs(ratio - 1.0) < 1e-6 for ratio in ratios)
    print(
        f"| {cells}, {tenants} | {objective} | {CASES} | {as_good} | {mean(ratios):.3f} | {worst:.3f} |"
        f" {seconds[0] / CASES * 1e3:,.0f} ms | {seconds[1] / CASES * 1e3:.2f} ms |",
        flush=True,
    )


def _fullness(rooms: Sequence[Room], tenants: Sequence[Tenant]) -> float | None:
    """Of the fullest cell; None where not everybody has a place, which is the other comparison's business."""
    filled = fill(rooms, tenants, {})
    return None if filled.left else max(room.fullness for room in filled.rooms.values())


def _placed(rooms: Sequence[Room], tenants: Sequence[Tenant]) -> float | None:
    """How many have a place; None where all have."""
    filled = fill(rooms, tenants, {})
    return float(len(filled.placed)) if filled.left else None


def _large() -> None:
    print("\n| cells | tenants | groups | fill | bound on the fullest cell | the fullest cell | ours : bound |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for cells, tenants, groups in LARGE:
        print(f"{tenants:,} tenants into {cells} cells ...", file=sys.stderr, flush=True)
        chance = random.Random(f"{cells} {tenants}")
        rooms = _rooms(chance, cells, tenants=tenants * 3 // cells)
        some = _tenants(chance, rooms, tenants, 0.6, groups)
        seconds = []
        for _ in range(ROUNDS):
            start = time.process_time()
            filled = fill(rooms, some, {})
            seconds.append(time.process_time() - start)
        assert not filled.left
        bound, fullest = water_level(rooms, some), max(room.fullness for room in filled.rooms.values())
        print(
            f"| {cells:,} | {tenants:,} | {groups or ''} | {min(seconds):.2f} s | {bound:.2%} | {fullest:.2%} |"
            f" {fullest / bound:.4f} |",
            flush=True,
        )


def _losses() -> None:
    print("\n| cells | tenants | reading both files | drain one cell | every loss | losses |")
    print("|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for cells, tenants in FLEETS:
            print(f"a fleet of {cells} cells and {tenants:,} tenants ...", file=sys.stderr, flush=True)
            inventory = fleets.write(Path(folder) / f"{cells}-{tenants}", cells, tenants)
            start = time.process_time()
            fleet = load(inventory)
            some, findings = read(inventory.parent / "tenants.csv", tuple(fleet.cells), date(2026, 11, 24))
            assert not findings
            were_read = time.process_time()
            plan = drain(fleet, some, next(iter(fleet.cells)))
            drained = time.process_time()
            assert len(plan.moves) + len(plan.unplaced) == tenants // cells
            losses = what_if(fleet, some, domains(fleet))
            lost = time.process_time()
            print(
                f"| {cells:,} | {tenants:,} | {were_read - start:.2f} s | {drained - were_read:.2f} s |"
                f" {lost - drained:.2f} s | {sum(len(loss.domains) for loss in losses):,} |",
                flush=True,
            )


def _rooms(chance: random.Random, cells: int, *, tenants: int = 500) -> list[Room]:
    """Cells of three sizes, each up to half full."""
    rooms = []
    for number in range(cells):
        size = chance.choice((1, 3, 8))
        capacity = Capacity(tenants=tenants * size, requests_per_second=2_000.0 * size, storage_gib=500.0 * size)
        room = empty(f"cell-{number:04}", "us", capacity, DEFAULT)
        amounts = [most * chance.uniform(0.0, 0.5) for most in room.most]
        room.load = float(int(amounts[0])), amounts[1], amounts[2]
        rooms.append(room)
    return rooms


def _tenants(chance: random.Random, rooms: Sequence[Room], count: int, share: float, groups: int) -> list[Tenant]:
    """Tenants that take this share of what is left of requests and of storage, none too large for a cell."""
    drawn = []
    for resource, shape in ((1, 1.2), (2, 1.3)):
        sizes = [chance.paretovariate(shape) for _ in range(count)]
        left = share * sum(room.most[resource] - room.load[resource] for room in rooms)
        most = min(room.largest[resource] for room in rooms)
        for _ in range(20):  # what is cut off the largest is given to the others
            scale = left / sum(sizes)
            sizes = [min(most, size * scale) for size in sizes]
        drawn.append(sizes)
    return [
        Tenant(f"{number:07}", f"t{number}", None, f"g{number % groups}" if groups else "", *amounts, dedicated=False)
        for number, amounts in enumerate(zip(*drawn, strict=True))
    ]


if __name__ == "__main__":
    main()

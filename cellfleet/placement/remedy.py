"""What would have to be added so that tenants without a place get one: found by adding it and looking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import ceil

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.types import State, Tenancy
from cellfleet.placement.fill import fill
from cellfleet.placement.limits import Limits
from cellfleet.placement.room import Room, empty
from cellfleet.placement.tenant import Tenant


def remedy(fleet: Fleet, locality: str, left: Sequence[Tenant], limits: Limits) -> str:
    """What to do, as part of a sentence: `add 2 cells of class medium to us`; empty where nobody is left."""
    classes = _by_use(fleet, locality)
    together = [tenant for tenant in left if not tenant.dedicated and _fitting(fleet, classes, [tenant], limits)]
    alone = sorted({*left} - {*together})
    needed = [*_shared(fleet, classes, together, limits), *_dedicated(fleet, alone, limits)]
    if not needed:
        return ""
    return f"add {' and '.join(needed)} to {locality}"


def _by_use(fleet: Fleet, locality: str) -> list[str]:
    """The classes, those that most active shared cells of the locality have first, then the smaller first."""
    used = Counter(
        cell.class_
        for cell in fleet.cells.values()
        if cell.locality == locality and cell.state is State.ACTIVE and cell.tenancy is Tenancy.SHARED
    )
    sizes = {name: one.capacity.requests_per_second for name, one in fleet.classes.items()}
    return sorted(fleet.classes, key=lambda name: (-used[name], sizes[name], name))


def _fitting(
    fleet: Fleet, classes: Sequence[str], tenants: Sequence[Tenant], limits: Limits, *, dedicated: bool = False
) -> Room | None:
    """An empty cell, named after its class, of the first class of which each of the tenants may be in one."""
    for name in classes:
        one = empty(name, "", fleet.classes[name].capacity, limits, dedicated=dedicated)
        if all(one.fullness_with(each.takes) <= 1.0 and not one.too_large(each.takes) for each in tenants):
            return one
    return None


def _shared(fleet: Fleet, classes: Sequence[str], left: Sequence[Tenant], limits: Limits) -> Iterator[str]:
    """`2 cells of class medium`."""
    largest = [max(left, key=lambda tenant: tenant.takes[resource]) for resource in (1, 2) if left]
    if not left:
        return
    if (one := _fitting(fleet, classes, largest, limits)) is None:
        for own in classes:  # one has too many requests for one class, and another too much data for the other
            some = [tenant for tenant in left if (it := _fitting(fleet, classes, [tenant], limits)) and it.name == own]
            yield from _shared(fleet, classes, some, limits)
        return
    count, without = 0, left
    while without:  # who packs badly needs more than the sums ask for
        count += _by_sums(one, without)
        copies = [one.copy() for _ in range(count)]
        for number, copy in enumerate(copies):
            copy.name = f"{number:06}"
        without = fill(copies, left, {}).left
    yield _cells(count, one.name)


def _by_sums(one: Room, tenants: Sequence[Tenant]) -> int:
    """How many cells the sums ask for, of one that is empty."""
    return max(
        ceil(sum(tenant.takes[resource] for tenant in tenants) / most - 1e-9) for resource, most in enumerate(one.most)
    )


def _dedicated(fleet: Fleet, left: Sequence[Tenant], limits: Limits) -> Iterator[str]:
    """`1 dedicated cell of class large`, of the least class that is enough for each."""
    smallest_first = sorted(fleet.classes, key=lambda name: (fleet.classes[name].monthly_cost_usd, name))
    needed: Counter[str] = Counter()
    for tenant in left:
        one = _fitting(fleet, smallest_first, [tenant], limits, dedicated=True)
        needed[one.name if one else ""] += 1
    for name in (*smallest_first, ""):
        if needed[name]:
            yield _cells(needed[name], name, "dedicated ")


def _cells(count: int, name: str, kind: str = "") -> str:
    of_class = f"of class {name}" if name else "of a class larger than any there is"
    return f"{count:,} {kind}cell{'s' if count > 1 else ''} {of_class}"

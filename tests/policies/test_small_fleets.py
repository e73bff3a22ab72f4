"""What the rules of capacity ask of localities with few cells, and that they do not contradict each other.

The figures are found by asking the rules, and are those of docs/capacity.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellfleet.inventory.finding import Finding
from policies.capacity.measures import percent
from policies.judge import judge
from policies.rule import Facts
from tests.fleets import DOCUMENT
from tests.policies.case import TODAY, patched, tenants_of

SIZES = (1, 2, 3, 5, 10)
PAGE = Path(__file__).parents[2] / "docs" / "capacity.md"
CAPACITY = {"tenants": 1000, "requests_per_second": 1000.0, "storage_gib": 1000.0}
ONE = {"tenants": 100, "requests": 100.0, "storage": 100.0}
WAIVER = {"rule": "CAP-10", "subjects": ["localities.us"], "owner": "ctrl", "reason": "soon", "expires": "2027-01-31"}


def found(
    requests: Sequence[float],
    storage: Sequence[float] | None = None,
    *,
    parallel: int = 1,
    change: Mapping[str, Any] | None = None,
) -> list[Finding]:
    """What the rules of capacity find in a locality whose cells are so full, each by ten tenants.

    Shares of the class; storage is as full as requests where it is not given.
    """
    cells: dict[str, Any] = dict.fromkeys(DOCUMENT["cells"])
    rows = []
    for number, (asked, kept) in enumerate(zip(requests, storage or requests, strict=True)):
        name = f"cell-{number}"
        place = {"account": f"acme-{name}", "region": "us-central1", "zones": ["us-central1-a", "us-central1-b"]}
        cells[name] = {"id": 100 + number, "locality": "us", "provider": "gcp", **place, "class": "small"}
        cells[name] |= {"cidr": f"10.1.{16 * number}.0/20", "ring": "broad", "state": "active"}
        cells[name] |= {"backup": {"region": "us-east4"}}
        rows += [[f"{number}-{i}", f"t-{number}-{i}", name, "", 100 * asked, 100 * kept] for i in range(10)]
    fleet = patched(
        {
            "fleet": {"quotas": None, "rings": [{"name": "broad", "release": "26.11.0", "max_parallel": parallel}]},
            "classes": {"small": {"capacity": CAPACITY}},
            "localities": {"us": {"new_tenants": "cell-0"}, "de": None},
            "routers": {"us": None, "de": None},
            "cells": cells,
            **(change or {}),
        }
    )
    facts = Facts(fleet, tenants_of(rows, fleet), TODAY)
    return [finding for finding in judge(facts) if finding.rule.startswith("CAP-") and not finding.waived]


def greatest(rule: str, cells: int, *, storage: bool) -> float:
    """The greatest share of their class to which so many cells may be filled before a rule says something."""

    def quiet(share: float) -> bool:
        filled, empty = [share] * cells, [0.0] * cells
        some = found(empty if storage else filled, filled if storage else empty)
        return rule not in {finding.rule for finding in some}

    low, high = 0.0, 1.2
    if quiet(high):
        return high
    while high - low > 1e-5:
        middle = (low + high) / 2
        low, high = (middle, high) if quiet(middle) else (low, middle)
    return low


@pytest.mark.parametrize("cells", SIZES)
def test_a_fleet_of_any_size_can_violate_nothing(cells: int) -> None:
    change = {"waivers": [WAIVER]} if cells == 1 else {}
    assert found([0.4] * cells, parallel=max(1, cells // 4), change=change) == []


def test_one_cell_is_what_the_second_is_asked_for_and_nothing_else() -> None:
    assert [finding.rule for finding in found([0.4])] == ["CAP-10"]


@pytest.mark.parametrize("cells", SIZES)
def test_the_page_says_what_the_rules_do(cells: int) -> None:
    fill = greatest("CAP-01", cells, storage=True)
    peak = greatest("CAP-02", cells, storage=False)
    loss = greatest("CAP-03", cells, storage=False)
    assert fill == pytest.approx(0.80, abs=1e-4)
    assert peak == pytest.approx(0.70, abs=1e-4)
    if cells > 1:
        assert loss == pytest.approx((cells - 1) / (cells + 0.1), abs=1e-4)
        assert greatest("CAP-03", cells, storage=True) == pytest.approx(loss, abs=1e-4)
    told = [percent(round(share, 3)) for share in (fill, peak, loss, min(fill, loss), min(peak, loss))]
    told[2] = told[2] if cells > 1 else "not asked"
    wave = next(size for size in range(cells, 0, -1) if not _waves([0.1] * cells, size))
    shares = f"{percent(1 / cells)}, {percent(max(0.15, 1.5 / cells))}"
    assert f"| {cells} | {' | '.join(told)} | {shares} | {wave} |" in PAGE.read_text()


def test_growth_asks_for_what_the_page_says() -> None:
    grows = {"localities": {"us": {"new_tenants": "cell-0", "growth_per_month": 0.04}, "de": None}}

    def lasts(requests: float, storage: float) -> bool:
        some = found([requests] * 10, [storage] * 10, change=grows)
        return "CAP-08" not in {finding.rule for finding in some}

    assert lasts(0.673, 0.0)
    assert not lasts(0.674, 0.0)
    assert lasts(0.0, 0.817)
    assert not lasts(0.0, 0.819)


def test_two_cells_are_told_to_move_tenants_and_not_to_cordon() -> None:
    (fill,) = [finding for finding in found([0.0, 0.0], [0.86, 0.05]) if finding.rule == "CAP-01"]
    assert "move" in fill.remedy
    assert "CAP-10" in fill.remedy
    (fill,) = [finding for finding in found([0.0] * 3, [0.86, 0.05, 0.05]) if finding.rule == "CAP-01"]
    assert "cordoned" in fill.remedy


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_whatever_is_below_each_limit_is_below_all(data: st.DataObject) -> None:
    """Cells need not be equally full: below the least of the limits no rule says anything, and all are above zero."""
    cells = data.draw(st.integers(2, 12))
    loss = (cells - 1) / (cells + 0.1)
    requests, storage = min(0.70, loss), min(0.80, loss) - 1e-6
    assert min(requests, storage) > 0.4
    full = st.floats(0, 1, allow_subnormal=False)
    shares = data.draw(st.lists(st.tuples(full, full), min_size=cells, max_size=cells))
    assert found([a * requests for a, _ in shares], [b * storage for _, b in shares]) == []


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_what_violates_nothing_still_does_with_less_load(data: st.DataObject) -> None:
    cells = data.draw(st.integers(2, 8))
    full = st.floats(0, 1, allow_subnormal=False)
    shares = data.draw(st.lists(full, min_size=cells, max_size=cells))
    less = data.draw(st.floats(0, 1))
    before = {finding.rule for finding in found(shares)}
    assert {finding.rule for finding in found([share * less for share in shares])} <= before


def _waves(shares: Sequence[float], parallel: int) -> bool:
    return "CAP-11" in {finding.rule for finding in found(shares, parallel=parallel)}

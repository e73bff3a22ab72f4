"""The sweep over sorted ranges finds what comparing each with each would, and no more."""

from __future__ import annotations

from datetime import date
from ipaddress import IPv4Network
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from policies.isolation import addresses
from policies.isolation.addresses import Ranges
from policies.rule import Facts
from tests.fleets import DOCUMENT, validated

CELL = DOCUMENT["cells"]["us-k8s-1"]


@st.composite
def ranges(draw: st.DrawFn) -> IPv4Network:
    prefix = draw(st.integers(18, 22))
    return IPv4Network((0x0A000000 + draw(st.integers(0, 63)) * 1024, prefix), strict=False)


def facts(cidrs: list[IPv4Network], **settings: Any) -> Facts:
    cells = {
        f"us-k8s-{i}": {**CELL, "id": i, "account": f"cluster-{i}", "cidr": str(cidr)}
        for i, cidr in enumerate(cidrs, 1)
    }
    fleet = {**DOCUMENT["fleet"], **settings}
    localities = {"us": {**DOCUMENT["localities"]["us"], "new_tenants": "us-k8s-1"}}
    document = {**DOCUMENT, "fleet": fleet, "cells": cells, "localities": localities, "routers": {}}
    return Facts(validated(document), None, date(2026, 11, 24))


@given(st.lists(ranges(), min_size=1, max_size=12))
def test_a_range_is_found_that_overlaps_another_and_no_other_is(cidrs: list[IPv4Network]) -> None:
    found = list(addresses.apart(facts(cidrs)))
    overlapping = {
        one for pair in combinations(range(len(cidrs)), 2) for one in pair if cidrs[pair[0]].overlaps(cidrs[pair[1]])
    }
    concerned = {violation.path[1] for violation in found} | {
        one.removeprefix("cells.") for v in found for one in v.concerns
    }
    assert concerned == {f"us-k8s-{i + 1}" for i in overlapping}
    for violation in found:
        (other,) = (int(one.rpartition("-")[2]) for one in violation.concerns)
        assert other < int(str(violation.path[1]).rpartition("-")[2])  # the one written later is to be mended


@given(st.lists(ranges(), max_size=12), ranges())
def test_of_ranges_that_may_hold_each_other_one_is_found_where_one_overlaps(
    some: list[IPv4Network], asked: IPv4Network
) -> None:
    found = Ranges.of(some).overlapped(asked)
    assert (found is not None) == any(one.overlaps(asked) for one in some)
    assert found is None or found.overlaps(asked)


@given(st.lists(ranges(), min_size=1, max_size=12))
def test_room_is_what_no_cell_has_however_cells_overlap(cidrs: list[IPv4Network]) -> None:
    supernet = IPv4Network("10.0.0.0/16")
    taken = {block for cidr in cidrs for block in cidr.subnets(new_prefix=24) if block.subnet_of(supernet)}
    free = 1 - len(taken) / 256
    of = facts(cidrs, supernets=[str(supernet)])
    assert bool([*addresses.room(of)]) == (free < 0.25)

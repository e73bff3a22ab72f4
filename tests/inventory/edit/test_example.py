"""Drawn edits of the example: no line changes but those concerned."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from cellfleet.inventory.edit.draft import Draft
from cellfleet.inventory.edit.free import next_cidr, next_id
from cellfleet.inventory.edit.like import Wish
from cellfleet.inventory.edit.lines import changes, lines
from cellfleet.inventory.load import load
from cellfleet.inventory.model import ManagedCell
from cellfleet.inventory.types import Provider, State

EXAMPLE = Path(__file__).parents[3] / "cells.yaml"
FLEET = load(EXAMPLE)
DAY = date(2026, 11, 24)
ACCOUNTS = {
    Provider.AWS: "767676767676",
    Provider.GCP: "acme-new-7",
    Provider.AZURE: "76767676-7676-4676-8676-767676767676",
    Provider.KUBERNETES: "onprem-new",
}
NAMED = {locality.new_tenants for locality in FLEET.localities.values()}
EDIT = st.one_of(
    st.tuples(st.just("state"), st.sampled_from([*FLEET.cells]), st.sampled_from([*State])),
    st.tuples(st.just("new tenants"), st.sampled_from([*FLEET.localities]), st.sampled_from([*FLEET.cells])),
    st.tuples(st.just("add"), st.sampled_from([cell.name for cell in FLEET.managed()]), st.just("")),
    st.tuples(st.just("remove"), st.sampled_from([name for name in FLEET.cells if name not in NAMED]), st.just("")),
)


def edited(kind: str, name: str, to: str) -> Draft:
    draft = Draft.of(FLEET)
    match kind:
        case "state":
            return draft.state(name, State(to))
        case "new tenants":
            return draft.new_tenants(name, to)
        case "remove":
            return draft.remove(name, DAY)
        case _:
            like = FLEET.cells[name]
            assert isinstance(like, ManagedCell)
            cidr = next_cidr(FLEET, like.cidr.prefixlen, DAY)
            assert cidr is not None
            wish = Wish(name="new-1", id=next_id(FLEET), cidr=cidr, account=ACCOUNTS[like.provider])
            return draft.add(like, wish)


@given(EDIT)
def test_only_the_lines_concerned_change(edit: tuple[str, str, str]) -> None:
    kind, name, to = edit
    draft = edited(kind, name, to)
    draft.done()
    before = EXAMPLE.read_text().splitlines()
    after = draft.texts[str(EXAMPLE)].splitlines()
    gone, come = Counter(before) - Counter(after), Counter(after) - Counter(before)
    match kind:
        case "state":
            same = FLEET.cells[name].state is to
            assert (gone.total(), come.total()) == ((0, 0) if same else (1, 1))
            assert all(line.strip() == f"state: {to}" for line in come)
        case "new tenants":
            assert gone.total() == come.total() <= 1
        case "remove":
            assert [line for line in come if f"name: {name}," not in line] == []
            assert f"  {name}:" in gone
            assert len(after) == len(before) - gone.total() + 1
        case _:
            assert not gone
            assert len(after) == len(before) + come.total()


@given(st.lists(EDIT, min_size=1, max_size=1))
def test_changed_lines_are_told_as_they_are(edits: list[tuple[str, str, str]]) -> None:
    draft = edited(*edits[0])
    before = EXAMPLE.read_text()
    told = lines(before)
    for change in reversed([*changes(before, draft.files[str(EXAMPLE)].edits)]):
        start = change.line - 1
        assert told[start : start + len(change.before)] == [*change.before]
        told[start : start + len(change.before)] = change.after
    assert told == lines(draft.texts[str(EXAMPLE)])

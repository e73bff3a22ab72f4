"""Rows of a tenant file that change, and all the others, which do not: to the byte."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellfleet.inventory.edit.lines import Change
from cellfleet.inventory.tenants.edit import Row, edited

HEADER = b"id,slug,cell,group,requests_per_second,storage_gib,alias_of,expires\n"
EXAMPLE = Path(__file__).parents[2] / "tenants.csv"


def after(before: bytes, cells: dict[str, str], *rows: Row) -> tuple[bytes, tuple[Change, ...]]:
    target = io.BytesIO()
    changed = edited(io.BytesIO(before), target, cells, rows)
    return target.getvalue(), changed


@given(st.data())
def test_a_drawn_set_of_tenants_moves_and_nobody_else(data: st.DataObject) -> None:
    content = EXAMPLE.read_bytes()
    before = content.splitlines(keepends=True)
    rows = data.draw(st.sets(st.integers(1, len(before) - 20), max_size=20))
    ids = {before[row].split(b",")[0].decode(): f"cell-{row}" for row in rows}
    written, changed = after(content, ids)
    now = written.splitlines(keepends=True)
    assert [number for number, pair in enumerate(zip(before, now, strict=True)) if pair[0] != pair[1]] == sorted(rows)
    assert [change.line for change in changed] == [row + 1 for row in sorted(rows)]
    for row in rows:
        fields = before[row].split(b",")
        assert now[row].split(b",") == [*fields[:2], f"cell-{row}".encode(), *fields[3:]]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (HEADER + b"1,a,old,,1.50,2,,\n", HEADER + b"1,a,new,,1.50,2,,\n"),
        (HEADER + b'"1","a","old",,"1.50",2,,\r\n', HEADER + b'"1","a","new",,"1.50",2,,\r\n'),
        (b"\xef\xbb\xbf" + HEADER + b"1,a,old,,1,2,,", b"\xef\xbb\xbf" + HEADER + b"1,a,new,,1,2,,"),
        (b'"cell",slug,id\nold,a,1\nold,b,2\n', b'"cell",slug,id\nnew,a,1\nold,b,2\n'),
        (b"slug,cell,id\r\na,old,1\r\n", b"slug,cell,id\r\na,new,1\r\n"),
        (
            HEADER + b"10,1,old,,1,2,,\n1,b,old,,1,2,,\n,x,,,,,1,\n",
            HEADER + b"10,1,old,,1,2,,\n1,b,new,,1,2,,\n,x,,,,,1,\n",
        ),
    ],
)
def test_quotes_line_ends_and_the_order_of_columns_stay(before: bytes, expected: bytes) -> None:
    assert after(before, {"1": "new"})[0] == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (HEADER, HEADER + b"7,g,c,pair,0.5,1000,,\n"),
        (HEADER.rstrip(), HEADER + b"7,g,c,pair,0.5,1000,,\n"),
        (HEADER + b"1,a,old,,1,2,,", HEADER + b"1,a,old,,1,2,,\n7,g,c,pair,0.5,1000,,\n"),
        (b"cell,id,slug\r\nx,1,a\r\n", b"cell,id,slug\r\nx,1,a\r\nc,7,g\r\n"),
        (b"cell,id,slug\r\nx,1,a", b"cell,id,slug\r\nx,1,a\r\nc,7,g\r\n"),
    ],
)
def test_a_new_tenant_comes_last_in_the_columns_of_the_header(before: bytes, expected: bytes) -> None:
    written, changed = after(before, {}, Row("7", "g", "c", "pair", 0.5, 1000.0))
    assert written == expected
    assert changed == (Change(expected.count(b"\n"), (), (expected.splitlines()[-1].decode(),)),)


def test_who_has_no_row_cannot_move() -> None:
    with pytest.raises(LookupError, match="1 of the tenants"):
        after(HEADER + b"1,a,old,,1,2,,\n", {"1": "new", "2": "new"})

"""What is in a snapshot, what never is, and that it is the same for the same."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pseudonym import Key
from cellfleet.registry.bundle import bundle
from cellfleet.registry.layout import BUCKETS, SECTIONS, bucket_of
from cellfleet.registry.snapshot import Snapshot, build
from tests.fleets import DOCUMENT, fleet
from tests.registry.populations import KEY, ROWS, Row, tenants

ACME = fleet()


def rows(of: Snapshot, section: str) -> list[Any]:
    """All rows of a section that is made of lists."""
    return sorted(row for line in of.sections[section] for row in json.loads(line))


def test_a_snapshot_has_every_cell_and_the_tenants_of_its_own_locality() -> None:
    us = build(ACME, "us", tenants(ACME), KEY)
    assert list(us.records) == sorted(ACME.cells)
    assert rows(us, "tenants") == [list(row) for row in ROWS[:3]]
    assert rows(us, "aliases") == [["countess", "ada", "2027-06-30"]]
    assert {name: one.use and one.use.tenants for name, one in us.records.items()} == snapshot(
        {"de-gcp-1": None, "de-gcp-2": None, "us-aws-1": 2, "us-azure-1": 0, "us-gcp-1": 1, "us-k8s-1": 0}
    )


def test_each_row_is_in_the_line_that_its_name_picks() -> None:
    us = build(ACME, "us", tenants(ACME), KEY)
    assert {section: len(lines) for section, lines in us.sections.items()} == dict.fromkeys(SECTIONS, BUCKETS)
    assert json.loads(us.sections["tenants"][bucket_of("ada")]) == [["1001", "ada", "us-aws-1"]]
    assert [row["name"] for row in json.loads(us.sections["cells"][bucket_of("us-aws-1")])] == ["us-aws-1"]


def test_of_other_localities_tenants_there_is_a_hash_of_each_name_and_nothing_else() -> None:
    us = build(ACME, "us", tenants(ACME), KEY)
    hashes = "".join(locality["de"] for line in us.sections["elsewhere"] if (locality := json.loads(line)))
    expected = [KEY.pseudonym("slug", name) for name in ("dora", "emil", "detektiv")]
    expected += [KEY.pseudonym("id", name) for name in ("2001", "2002")]
    assert sorted(hashes[at : at + 20] for at in range(0, len(hashes), 20)) == sorted(expected)


def names(prefix: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.from_regex(f"{prefix}[a-z0-9]{{6}}", fullmatch=True), max_size=20, unique=True)


@settings(max_examples=25, deadline=None)
@given(ours=names("our"), theirs=names("their"))
def test_no_name_of_another_localitys_tenant_is_anywhere_in_a_snapshot(ours: list[str], theirs: list[str]) -> None:
    listed = [(f"9{name}", name, "us-aws-1") for name in ours] + [(f"8{name}", name, "de-gcp-1") for name in theirs]
    aliases = [(f"{name}-2", name, date(2027, 1, 1)) for name in ours + theirs]
    us = build(ACME, "us", tenants(ACME, listed, aliases), KEY)
    files = bundle(us, 1_000_000).files(1, 1)
    text = "".join((gzip.decompress(body) if name.endswith(".gz") else body).decode() for name, body in files.items())
    assert "their" not in text
    assert all(name in text for name in ours)


# --- the same for the same -------------------------------------------------------------------------------------------


CROWDED = [name for name in (f"t-{n}" for n in range(40_000)) if bucket_of(name) == 1][:30]


@settings(max_examples=10, deadline=None)
@given(order=st.permutations(range(30)))
def test_the_order_of_rows_and_of_cells_is_of_no_matter(order: list[int]) -> None:
    cells = list(ACME.cells)
    rows: list[Row] = [(str(n), slug, cells[n % 6], n / 3, n / 7) for n, slug in enumerate(CROWDED)]
    aliases = [(f"alias-{n}", slug, date(2027, 1, 1)) for n, slug in enumerate(CROWDED)]
    backwards = ACME.model_copy(update={"cells": dict(reversed(list(ACME.cells.items())))})
    shuffled = tenants(backwards, [rows[n] for n in order], [aliases[n] for n in order])
    before, after = build(ACME, "us", tenants(ACME, rows, aliases), KEY), build(backwards, "us", shuffled, KEY)
    assert (before.digest, bundle(before, 4_000).files(1, 1)) == (after.digest, bundle(after, 4_000).files(1, 1))


CHANGES: list[tuple[dict[str, Any], bool]] = [
    ({}, False),
    ({"cells.us-aws-1.fenced": False}, False),
    ({"cells.us-aws-1.fenced": True}, True),
    ({"cells.de-gcp-1.state": "cordoned"}, True),
    ({"cells.us-aws-1.labels": {"team": "other"}}, True),
    ({"services.web.image": "registry.acme.io/web2"}, False),  # which no reader of the registry asks about
    ({"classes.small.capacity.tenants": 501}, True),
    ({"localities.de.residency": ["DE", "AT"]}, True),
    ({"fleet.rings": [{"name": "canary", "release": "27"}, {"name": "broad", "release": "26.11.0"}]}, False),
    ({"fleet.rings": [{"name": "canary", "release": "26.12.0"}, {"name": "broad", "release": "27"}]}, True),
]


@pytest.mark.parametrize(("change", "differs"), CHANGES)
def test_the_digest_changes_if_and_only_if_what_is_said_does(change: dict[str, Any], differs: bool) -> None:
    changed = fleet(change)
    assert (digest(changed) != digest(ACME)) is differs


@pytest.mark.parametrize(
    "listed",
    [
        [("1001", "ada", "us-gcp-1"), *ROWS[1:]],
        [("1009", "ada", "us-aws-1"), *ROWS[1:]],
        [("1001", "ade", "us-aws-1"), *ROWS[1:]],
        [*ROWS[:4], ("2002", "emilia", "de-gcp-2")],
        [*ROWS, ("1004", "eve", "us-aws-1")],
    ],
)
def test_the_digest_changes_with_every_tenant(listed: list[tuple[str, str, str]]) -> None:
    assert digest(ACME) != build(ACME, "us", tenants(ACME, listed, ()), KEY).digest
    assert digest(ACME) == build(ACME, "us", tenants(ACME, ROWS, ()), KEY).digest


def test_a_move_within_another_locality_changes_nothing_here() -> None:
    moved = [*ROWS[:3], ("2001", "dora", "de-gcp-2"), ROWS[4]]
    assert digest(ACME) == build(ACME, "us", tenants(ACME, moved, ()), KEY).digest


def test_localities_and_keys_have_digests_of_their_own() -> None:
    other = Key(b"another key of thirty-two letters", secret=True)
    some = tenants(ACME, ROWS, ())
    assert len({build(ACME, where, some, key).digest for where in ("us", "de") for key in (KEY, other)}) == 4


def digest(of: Fleet) -> str:
    return build(of, "us", tenants(of, ROWS, ()), KEY).digest


# --- what is refused, and what is not waited for ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "row", [("9", 'a"b', "us-aws-1"), ("a\nb", "x", "us-aws-1"), ("9", "x", "us-aws-9"), ("9", "ä", "de-gcp-1")]
)
def test_tenants_that_the_reader_of_the_file_refuses_are_refused(row: tuple[str, str, str]) -> None:
    with pytest.raises(ValueError, match="a tenant"):
        build(ACME, "us", tenants(ACME, [*ROWS, row]), KEY)


def test_a_fleet_without_tenants_has_a_snapshot_and_waits_for_no_pyarrow() -> None:
    program = f"""
import sys
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pseudonym import Key
from cellfleet.registry.reader import Registry
from cellfleet.registry.snapshot import build
from tests.fleets import fleet
print(build(fleet(), "us", None, Key({KEY.value!r}, True)).digest, "pyarrow" in sys.modules)
"""
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert said == [build(ACME, "us", tenants(ACME, (), ()), KEY).digest, "False"]
    assert len(DOCUMENT["cells"]) == len(build(ACME, "us", None, KEY).records)

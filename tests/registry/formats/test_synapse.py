"""Synapse's feed, read as its locator reads it: page by page, each after the cursor of the last."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from cellfleet.failure import Failure
from cellfleet.inventory.tenants.columns import ProjectKeys
from cellfleet.registry.formats import synapse
from cellfleet.registry.formats.synapse import ORGANIZATIONS, PROJECT_KEYS
from tests.fleets import fleet
from tests.registry.populations import ROWS, Row, tenants

ACME = fleet()
KEYS = ProjectKeys(pa.table({"public_key": ["k2", "k1", "k3", "k4"], "tenant_id": ["1001", "1001", "1003", "2001"]}))


def load(files: Mapping[str, bytes], feed: str, cursor: str | None = None) -> tuple[dict[str, str], str, int]:
    """What one refresh of the locator adds, the cursor that it ends at, and how many pages it took.

    As control_plane.rs does it, with a server that answers an unknown cursor with the first page.
    """
    found: dict[str, str] = {}
    for pages in range(1, 1000):
        page = json.loads(files.get(f"{feed}/{cursor}.json", files[f"{feed}/index.json"]))
        for row in page["data"]:
            found |= dict.fromkeys(
                [row["publickey"]] if feed == PROJECT_KEYS else [row["id"], row["slug"]], row["cell"]
            )
        cursor = page["metadata"]["cursor"]
        if not page["metadata"]["has_more"]:
            return found, str(cursor), pages
    raise AssertionError("there is no end to it")


def test_all_is_on_one_page_that_any_store_can_serve() -> None:
    files = synapse.emit(ACME, "us", tenants(ACME), KEYS)
    assert {name: json.loads(content) for name, content in files.items() if name.endswith("index.json")} == snapshot(
        {
            "api/0/internal/org-cell-mappings/index.json": {
                "data": [
                    {"cell": "us-aws-1", "id": "1001", "slug": "ada"},
                    {"cell": "us-aws-1", "id": "1002", "slug": "bob"},
                    {"cell": "us-aws-1", "id": "1001", "slug": "countess"},
                    {"cell": "us-gcp-1", "id": "1003", "slug": "cyd"},
                ],
                "metadata": {
                    "cell_to_locality": {"us-aws-1": "us", "us-azure-1": "us", "us-gcp-1": "us", "us-k8s-1": "us"},
                    "cursor": "eyJpZCI6IjVhYzM0OGE3OGNlMTA3ZjUtMSIsInVwZGF0ZWRfYXQiOjB9",
                    "has_more": False,
                },
            },
            "api/0/internal/projectkey-cell-mappings/index.json": {
                "data": [
                    {"cell": "us-aws-1", "publickey": "k1"},
                    {"cell": "us-aws-1", "publickey": "k2"},
                    {"cell": "us-gcp-1", "publickey": "k3"},
                ],
                "metadata": {
                    "cell_to_locality": {"us-aws-1": "us", "us-azure-1": "us", "us-gcp-1": "us", "us-k8s-1": "us"},
                    "cursor": "eyJpZCI6IjM1MDA5Yzk4YTE4NWVhNjAtMSIsInVwZGF0ZWRfYXQiOjB9",
                    "has_more": False,
                },
            },
        }
    )


EXPECTED = {
    "1001": "us-aws-1",
    "1002": "us-aws-1",
    "1003": "us-gcp-1",
    "ada": "us-aws-1",
    "bob": "us-aws-1",
    "countess": "us-aws-1",
    "cyd": "us-gcp-1",
}


@pytest.mark.parametrize(("page", "pages"), [(None, 1), (1, 4), (3, 2), (4, 1), (100, 1)])
def test_following_the_cursors_leads_to_every_tenant(page: int | None, pages: int) -> None:
    files = synapse.emit(ACME, "us", tenants(ACME), KEYS, page=page)
    found, last, taken = load(files, ORGANIZATIONS)
    assert (found, taken) == (EXPECTED, pages)
    assert load(files, ORGANIZATIONS, last) == ({}, last, 1)
    assert load(files, PROJECT_KEYS)[0] == {"k1": "us-aws-1", "k2": "us-aws-1", "k3": "us-gcp-1"}


def test_a_refresh_after_a_change_reads_all_of_it_again() -> None:
    before = synapse.emit(ACME, "us", tenants(ACME), page=2)
    moved: list[Row] = [("1001", "ada", "us-gcp-1"), *ROWS[1:]]
    after = synapse.emit(ACME, "us", tenants(ACME, moved), page=2)
    _, last, _ = load(before, ORGANIZATIONS)
    assert load(after, ORGANIZATIONS, last)[0] == EXPECTED | dict.fromkeys(["1001", "ada", "countess"], "us-gcp-1")


@given(number=st.integers(0, 10**15))
def test_a_cursor_is_what_synapse_reads_and_a_files_name_too(number: int) -> None:
    cursor = synapse._cursor(f"0123456789abcdef-{number}")
    assert cursor.isalnum()
    assert json.loads(base64.b64decode(cursor)) == {"id": f"0123456789abcdef-{number}", "updated_at": 0}


def test_tenants_of_another_locality_and_of_cells_that_are_not_routed_are_not_there() -> None:
    acme = fleet({"cells.us-gcp-1.state": "retired"})
    files = synapse.emit(acme, "us", tenants(acme), KEYS)
    text = b"".join(files.values()).decode()
    assert all(name not in text for name in ("dora", "emil", "detektiv", "2001", "k4", "de-gcp", "cyd", "us-gcp-1"))
    assert set(load(files, ORGANIZATIONS)[0].values()) == {"us-aws-1"}


@pytest.mark.parametrize(
    ("rows", "aliases"),
    [
        ([*ROWS, ("9", "1001", "us-aws-1")], []),
        ([*ROWS, ("9", "1001", "de-gcp-1")], []),
        (ROWS, [("1002", "ada", date(2027, 1, 1))]),
    ],
)
def test_a_slug_that_is_anothers_id_is_a_failure(rows: list[Row], aliases: list[Any]) -> None:
    with pytest.raises(Failure, match="of 1 of them a slug or alias is another's id"):
        synapse.emit(ACME, "us", tenants(ACME, rows, aliases))


def test_a_slug_that_is_its_own_id_is_none() -> None:
    files = synapse.emit(ACME, "us", tenants(ACME, [("ada", "ada", "us-aws-1")], [("ad", "ada", date(2027, 1, 1))]))
    assert load(files, ORGANIZATIONS)[0] == {"ada": "us-aws-1", "ad": "us-aws-1"}


def test_without_tenants_the_feed_is_empty_and_has_no_more() -> None:
    files = synapse.emit(ACME, "us", None)
    assert load(files, ORGANIZATIONS)[0] == load(files, PROJECT_KEYS)[0] == {}

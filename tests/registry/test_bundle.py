from __future__ import annotations

import gzip
import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellfleet.failure import Failure
from cellfleet.registry.bundle import Bundle, bundle
from cellfleet.registry.layout import BUCKETS, SECTIONS, Digest
from cellfleet.registry.snapshot import build
from tests.fleets import fleet
from tests.registry.populations import KEY, tenants

ACME = fleet()
LIMIT = 3_000
MANY = [(str(n), f"tenant-{n}", list(ACME.cells)[n % 6]) for n in range(3_000)]


def bundled(rows: list[tuple[str, str, str]] = MANY, limit: int = LIMIT) -> Bundle:
    return bundle(build(ACME, "us", tenants(ACME, rows, ()), KEY), limit)


def test_no_shard_is_larger_than_the_store_allows() -> None:
    for limit in (2_500, 10_000, 1_000_000):
        shards = bundled(limit=limit).shards
        assert max(len(shard.body) for shard in shards) <= limit
        assert [shard.entry.size for shard in shards] == [len(shard.body) for shard in shards]


def test_a_limit_that_a_single_line_exceeds_is_a_failure() -> None:
    with pytest.raises(Failure, match="cells cannot be cut into shards of 100 bytes"):
        bundled(limit=100)


def test_a_shard_is_named_after_its_bytes() -> None:
    for name, body in bundled().objects.items():
        assert name == f"{hashlib.sha256(body).hexdigest()}.json.gz"


def test_the_digest_is_that_of_the_shards_text_however_it_is_cut() -> None:
    for limit in (LIMIT, 1_000_000):
        cut = bundled(limit=limit)
        digest = Digest(cut.locality, cut.key)
        for shard in cut.shards:
            digest.add(gzip.decompress(shard.body))
        assert digest.hex == cut.digest == bundled().digest


def test_the_head_says_what_is_published_and_as_which_generation() -> None:
    cut = bundled()
    said = json.loads(cut.files(2, 17)["head.json"])
    assert (said["locality"], said["epoch"], said["generation"], said["digest"]) == ("us", 2, 17, cut.digest)
    assert [section for section in SECTIONS for shard in said["shards"] if shard["section"] == section] == [
        shard["section"] for shard in said["shards"]
    ]
    assert sum(shard["lines"] for shard in said["shards"]) == len(SECTIONS) * BUCKETS
    assert list(cut.files(2, 17))[-1] == "head.json"


def test_every_cells_record_is_there_by_itself_too() -> None:
    records = bundled().records
    assert list(records) == sorted(ACME.cells)
    assert json.loads(records["us-aws-1"])["name"] == "us-aws-1"


def changed(before: Bundle, after: Bundle) -> dict[str, int]:
    """How many shards of each section are not as they were."""
    were = {shard.name for shard in before.shards}
    return {
        section: sum(shard.name not in were for shard in after.shards if shard.entry.section == section)
        for section in SECTIONS
    }


BEFORE = bundled()
OURS = [index for index, row in enumerate(MANY) if ACME.cells[row[2]].locality == "us"]


@settings(max_examples=20, deadline=None)
@given(index=st.sampled_from(OURS), cell=st.sampled_from(sorted(ACME.cells)))
def test_a_tenant_that_moves_changes_a_shard_and_not_the_others(index: int, cell: str) -> None:
    id_, slug, was = MANY[index]
    after = bundled([*MANY[:index], (id_, slug, cell), *MANY[index + 1 :]])
    seen = changed(BEFORE, after)
    assert sum(shard.entry.section == "tenants" for shard in BEFORE.shards) >= 4
    assert seen["tenants"] == (cell != was)
    assert seen["elsewhere"] <= (2 if ACME.cells[cell].locality != "us" else 0)
    assert seen["aliases"] == 0


def test_a_tenant_that_comes_or_goes_changes_a_shard_and_not_the_others() -> None:
    assert changed(BEFORE, bundled(MANY[1:]))["tenants"] == 1
    assert changed(BEFORE, bundled([*MANY, ("9999", "newcomer", "us-aws-1")]))["tenants"] == 1

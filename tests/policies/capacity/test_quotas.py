from __future__ import annotations

import re

from policies.capacity.quotas import defaults
from sandbox import types


def test_every_quota_counts_what_the_sdks_have_and_no_two_have_an_id() -> None:
    assert len({quota.id for quota in defaults()}) == len(defaults())
    for quota in defaults():
        assert quota.id.startswith(f"{quota.provider}/")
        assert quota.limit > 0
        assert quota.source.startswith("https://")
        assert quota.seen in ("page", "quoted")
        assert quota.provider != "aws" or re.fullmatch(r"L-[0-9A-F]{8}", quota.code or "")
        assert quota.unit in ("resources", "vcpus")
        assert not quota.starting or quota.unit == "vcpus"
        for token in quota.types:
            taken = types.arguments(token)
            assert {*quota.per, *quota.where} - {"region"} <= set(taken), quota.id

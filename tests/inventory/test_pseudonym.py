"""The keyed hash of tenants: one by one, many at once, and as RFC 2104 has it."""

from __future__ import annotations

import hashlib
import hmac
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from cellfleet.inventory.pseudonym import DIGITS, Key


@given(
    value=st.binary(min_size=1, max_size=200),  # a key longer than a block is hashed first
    kind=st.sampled_from(["slug", "id"]),
    names=st.lists(st.text(max_size=80), max_size=5),
)
def test_many_at_once_are_hashed_as_one_by_one(value: bytes, kind: Literal["slug", "id"], names: list[str]) -> None:
    key = Key(value, secret=True)
    by_the_book = [hmac.new(value, f"{kind}:{name}".encode(), hashlib.sha256).hexdigest()[:DIGITS] for name in names]
    assert key.pseudonyms(kind, names) == [key.pseudonym(kind, name) for name in names] == by_the_book

"""Write tenants.csv of the example fleet: made-up tenants, the same ones on every machine.

Loads have a long tail, as real ones do: half of the tenants hardly ever ask, a few ask a hundred times as often.
`python tools/example_tenants.py` writes to the standard output.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from typing import Final

TENANTS: Final = {
    "us-legacy": 400,
    "us-canary-1": 160,
    "us-aws-1": 560,
    "us-gcp-1": 550,
    "us-azure-1": 340,
    "de-aws-1": 620,
    "de-k8s-1": 560,
    "jp-aws-1": 210,
    "jp-gcp-1": 190,
}
"""How many live in each shared cell."""

DEDICATED: Final = ("us-globex-1", "globex", 7400.0, 1800.0)
"""Cell, slug, requests a second and GiB of the one tenant with a cell of its own."""

ALIASES: Final = 6
"""Tenants that were renamed, and are still found by their old slug."""

_FIRST: Final = (
    *("amber", "brisk", "calm", "dapper", "eager", "fabled", "gentle", "humble"),
    *("ivory", "jolly", "keen", "lunar", "mellow", "noble", "opal", "placid"),
)
_SECOND: Final = (
    *("acorn", "badger", "cedar", "dune", "egret", "fjord", "grove", "heron"),
    *("inlet", "juniper", "kestrel", "lagoon", "maple", "nimbus", "otter", "pine"),
)


def rows() -> Iterator[str]:
    """The file's lines."""
    dice = random.Random(2026)
    yield "id,slug,cell,group,requests_per_second,storage_gib,alias_of,expires"
    number = 1000
    for cell, count in TENANTS.items():
        for position in range(count):
            number += 1
            # Some belong together in pairs, and are apart: no cell takes both down.
            group = f"pair-{position}" if position < 5 and cell in ("us-aws-1", "us-gcp-1") else ""
            yield f"{number},{_slug(number)},{cell},{group},{_load(dice, 3.2):.2f},{_load(dice, 0.8):.3f},,"
    cell, slug, requests, storage = DEDICATED
    yield f"{number + 1},{slug},{cell},,{requests:.2f},{storage:.3f},,"
    for old in range(1001, 1001 + 40 * ALIASES, 40):
        yield f",formerly-{_slug(old)},,,,,{_slug(old)},2035-12-31"


def _slug(number: int) -> str:
    return f"{_FIRST[number % 16]}-{_SECOND[number // 16 % 16]}-{number}"


def _load(dice: random.Random, mean: float) -> float:
    """A load with a long tail (Pareto's, of shape 2), and never more than 60 times the mean."""
    return min(mean / 2 / (1 - dice.random()) ** 0.5, 60 * mean)


if __name__ == "__main__":
    sys.stdout.writelines(f"{row}\n" for row in rows())

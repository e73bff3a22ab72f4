"""One run of what benchmarks/registry.py measures: write a locality's registry into a folder, or read it and ask it."""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

from cellfleet.inventory.pseudonym import Key

KEY = Key(b"0123456789abcdef0123456789abcdef", secret=True)
LIMIT = 1_000_000
"""Bytes of a shard: what a Kubernetes ConfigMap holds."""
LOCALITY = "us"


def main(verb: str, inventory: Path, store: Path) -> dict[str, float]:
    return _write(inventory, store) if verb == "write" else _read(store, inventory)


def _write(inventory: Path, store: Path) -> dict[str, float]:
    from cellfleet.inventory.load import load
    from cellfleet.inventory.tenants.read import read
    from cellfleet.registry.bundle import bundle
    from cellfleet.registry.snapshot import build

    fleet = load(inventory)
    tenants, findings = read(inventory.parent / "tenants.csv", tuple(fleet.cells), date(2026, 11, 24))
    assert not findings
    before, start = _peak(), time.perf_counter()
    snapshot = build(fleet, LOCALITY, tenants, KEY)
    built = time.perf_counter()
    files = bundle(snapshot, LIMIT).files(1, 1)
    bundled = time.perf_counter()
    for name, content in files.items():
        (store / name).write_bytes(content)
    return {
        "snapshot": built - start,
        "bundle": bundled - built,
        "shards": len(files) - 1,
        "stored": sum(map(len, files.values())),
        "memory": _peak() - before,
    }


def _read(store: Path, inventory: Path) -> dict[str, float]:
    from cellfleet.registry.reader import Registry

    asked = list(_sample(inventory.parent / "tenants.csv"))
    here = [(id_, slug) for id_, slug, cell in asked if cell.startswith(f"{LOCALITY}-")]
    there = [slug for _, slug, cell in asked if not cell.startswith(f"{LOCALITY}-")]
    before, start = _peak(), time.perf_counter()
    registry = Registry.open(store, key=KEY)
    opened = time.perf_counter()
    return {
        "open": opened - start,
        "memory": _peak() - before,
        "slug": _each(lambda slug: registry.cell_of(slug=slug), [slug for _, slug in here]),
        "id": _each(lambda id_: registry.cell_of(id=id_), [id_ for id_, _ in here]),
        "elsewhere": _each(lambda slug: registry.locality_of(slug=slug), there),
        "nobody": _each(lambda slug: registry.locality_of(slug=slug), [f"x-{slug}" for slug in there], known=False),
    }


def _sample(path: Path) -> Iterator[list[str]]:
    """The id, slug and cell of about 5,000 tenants, or of all."""
    chance = random.Random(1)
    rows_of_40_bytes = path.stat().st_size / 40
    with path.open() as file:
        next(file)
        for line in file:
            if chance.random() < 5_000 / rows_of_40_bytes:
                yield line.split(",")[:3]


def _each(ask: Callable[[str], object], names: Sequence[str], *, known: bool = True) -> float:
    """Nanoseconds for each name, of which all are known or none is."""
    start = time.perf_counter_ns()
    for name in names:
        if (ask(name) is None) is known:
            raise AssertionError(name)
    return (time.perf_counter_ns() - start) / len(names)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))))

"""What the registry of one locality takes, from 10,000 to 1,000,000 tenants, and how fast a reader of it answers.

Each figure is of a process of its own (registry_work.py), the fastest of three rounds, and the most memory of any. Half
of the tenants live in the locality whose registry it is; of the others it has hashes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks import fleets

CELLS: Final = 1_000
TENANTS: Final = (10_000, 100_000, 1_000_000)
ROUNDS: Final = 3


def main() -> None:
    written: dict[int, dict[str, float]] = {}
    read: dict[int, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for tenants in TENANTS:
            print(f"{tenants:,} tenants ...", file=sys.stderr, flush=True)
            inventory = fleets.write(Path(folder) / str(tenants), CELLS, tenants)
            store = inventory.parent / "store"
            store.mkdir()
            written[tenants] = _best([_work("write", inventory, store) for _ in range(ROUNDS)])
            read[tenants] = _best([_work("read", inventory, store) for _ in range(ROUNDS)])
    print("| tenants | snapshot | bundle | each further 100,000 | shards | stored | memory beyond the tenants |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    before, took = 0, 0.0
    for tenants, cost in written.items():
        seconds = cost["snapshot"] + cost["bundle"]
        further = f"{(seconds - took) * 100_000 / (tenants - before):.2f} s" if before else ""
        print(
            f"| {tenants:,} | {cost['snapshot']:.2f} s | {cost['bundle']:.2f} s | {further} | {cost['shards']:.0f} |"
            f" {cost['stored'] / 2**20:.1f} MiB | {cost['memory']:.0f} MiB |"
        )
        before, took = tenants, seconds
    print("\n| tenants | open | memory | cell of a slug | cell of an id | locality of a slug elsewhere | of nobody |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for tenants, cost in read.items():
        print(
            f"| {tenants:,} | {cost['open']:.2f} s | {cost['memory']:.0f} MiB | {cost['slug']:.0f} ns |"
            f" {cost['id']:.0f} ns | {cost['elsewhere']:.0f} ns | {cost['nobody']:.0f} ns |"
        )


def _work(verb: str, inventory: Path, store: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.registry_work", verb, str(inventory), str(store)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-4000:]}")
    costs: dict[str, float] = json.loads(done.stdout)
    return costs


def _best(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: (max if name == "memory" else min)(one[name] for one in rounds) for name in rounds[0]}


if __name__ == "__main__":
    main()

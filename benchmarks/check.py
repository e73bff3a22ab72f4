"""What `cellfleet check` takes, beside the least that reading takes, and beside schema checkers of others.

- `bare`: the same files parsed by the same parsers and held against the same model, and nothing else (bare.py).
- `cue vet`: CUE 0.17.1 with the format as a CUE schema (cells.cue): cells.yaml alone, no tenants, no names, no zones.
- `check-jsonschema`: with schemas/cells.schema.json, once: a minute for the largest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from benchmarks import fleets
from benchmarks.measure import Cost, side_by_side

ROOT: Final = Path(__file__).parents[1]
BIN: Final = Path(sys.executable).parent
CUE: Final = ROOT / ".cellfleet" / "bin" / "cue"
CUE_MODULE: Final = "cuelang.org/go/cmd/cue@v0.17.1"
SCHEMA: Final = ROOT / "schemas" / "cells.schema.json"

SIZES: Final = [(10, 0), (100, 0), (1_000, 0), (10_000, 0), (1_000, 100_000), (1_000, 1_000_000), (10_000, 1_000_000)]
"""Cells and tenants."""

OURS, BARE, CUE_VET, JSONSCHEMA = "cellfleet check", "bare", "cue vet", "check-jsonschema"


def main() -> None:
    """Measure, and write a table and what it says of the targets to the standard output."""
    cue = _cue()
    measured: dict[str, dict[str, Cost]] = {}
    with tempfile.TemporaryDirectory() as folder:
        inventories = {"the example": ROOT / "cells.yaml"}
        for cells, tenants in SIZES:
            inventories[_title(cells, tenants)] = fleets.write(Path(folder) / f"{cells}-{tenants}", cells, tenants)
        _run(inventories["the example"], cue, 1)  # so that nobody is measured with cold caches
        for title, inventory in inventories.items():
            print(f"{title} ...", file=sys.stderr, flush=True)
            measured[title] = _run(inventory, cue, 3 if inventory.stat().st_size > 1_000_000 else 8)
    print("\n".join(_table(measured)))
    print("\nSeconds on the clock / seconds of processors / peak memory; the ratios are of seconds on the clock.\n")
    print("\n".join(_targets(measured)))


def _run(inventory: Path, cue: str, rounds: int) -> dict[str, Cost]:
    commands = {
        OURS: [str(BIN / "cellfleet"), "check", "--inventory", str(inventory)],
        BARE: [sys.executable, "-m", "benchmarks.bare", str(inventory)],
    }
    if cue:
        schema = str(ROOT / "benchmarks" / "cells.cue")
        commands[CUE_VET] = [cue, "vet", "-c", "-d", "#Inventory", schema, str(inventory)]
    costs = side_by_side(commands, rounds)
    if inventory.parent == ROOT or not (inventory.parent / "tenants.csv").exists():
        command = [str(BIN / "check-jsonschema"), "--schemafile", str(SCHEMA), str(inventory)]
        costs |= side_by_side({JSONSCHEMA: command}, 1)
    return costs


def _title(cells: int, tenants: int) -> str:
    return f"{cells:,} cells" + (f", {tenants:,} tenants" if tenants else "")


def _cue() -> str:
    """The CUE command, built where it is not there yet; empty where it cannot be."""
    if CUE.exists():
        return str(CUE)
    go = shutil.which("go")
    if go is None:
        print("no Go to build CUE with: its column stays empty", file=sys.stderr)
        return ""
    print(f"building {CUE_MODULE} ...", file=sys.stderr, flush=True)
    CUE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [go, "install", CUE_MODULE], check=True, cwd=folder, env={**os.environ, "GOBIN": str(CUE.parent)}
        )
    return str(CUE)


def _table(measured: Mapping[str, Mapping[str, Cost]]) -> list[str]:
    columns = [OURS, BARE, CUE_VET, JSONSCHEMA]
    rows = [["fleet", *columns, "check : bare", "check : cue vet"], ["---", *["---:"] * 6]]
    for title, costs in measured.items():
        rows.append(
            [
                title,
                *(
                    f"{cost.seconds:.2f} s / {cost.processor:.2f} s / {cost.mebibytes:.0f} MiB" if cost else ""
                    for cost in map(costs.get, columns)
                ),
                _ratio(costs, BARE),
                _ratio(costs, CUE_VET),
            ]
        )
    return [f"| {' | '.join(row)} |" for row in rows]


def _ratio(costs: Mapping[str, Cost], other: str) -> str:
    return f"{costs[OURS].seconds / costs[other].seconds:.2f}" if other in costs else ""


def _targets(measured: Mapping[str, Mapping[str, Cost]]) -> list[str]:
    """What was to be reached, and whether it was: on the clock, with the processors' seconds in brackets."""
    example = measured["the example"][OURS]
    thousand = measured[_title(1_000, 100_000)]
    ratio = thousand[OURS].seconds / thousand[BARE].seconds
    busy = thousand[OURS].processor / thousand[BARE].processor
    none, million = measured[_title(1_000, 0)][OURS], measured[_title(1_000, 1_000_000)][OURS]
    added = million.seconds - none.seconds
    said = [
        _target("the example in 0.7 s", f"{example.seconds:.2f} s ({example.processor:.2f} s)", example.seconds <= 0.7),
        _target("3 times the bare reading of 1,000 cells and 100,000 tenants", f"{ratio:.2f} ({busy:.2f})", ratio <= 3),
        _target(
            "1,000,000 tenants add about a second",
            f"{added:.2f} s ({million.processor - none.processor:.2f} s)",
            added <= 1.3,
        ),
    ]
    ten_thousand = measured[_title(10_000, 0)]
    if CUE_VET in ten_thousand:
        ours, cue = ten_thousand[OURS], ten_thousand[CUE_VET]
        seen = f"{ours.seconds:.2f} s and {ours.mebibytes:.0f} MiB, it {cue.seconds:.2f} s and {cue.mebibytes:.0f} MiB"
        less = ours.seconds < cue.seconds and ours.mebibytes < cue.mebibytes
        said.append(_target("10,000 cells faster and in less memory than cue vet", seen, less))
    return said


def _target(title: str, seen: str, met: bool) -> str:
    return f"- {title}: {seen}, {'met' if met else 'NOT met'}"


if __name__ == "__main__":
    main()

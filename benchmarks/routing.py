"""What the proof of routing takes for more cells and tenants, and what it takes to write and to ask one router's files.

Each figure is of `cellfleet` as a person runs it, beside `cellfleet check`, which reads the same fleet and does nothing
for routing: the difference is what routing takes. All fleets have three localities and 50 routes, by slug, id, cell and
nobody, in hosts, paths, queries and headers.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from benchmarks import fleets
from benchmarks.measure import Cost, side_by_side

BIN: Final = Path(sys.executable).parent
ROUTES: Final = 50
PROVED: Final = [(10, 0), (100, 0), (1_000, 0), (1_000, 10_000), (1_000, 100_000), (1_000, 1_000_000)]
"""Cells and tenants."""
RENDERED: Final = [10_000, 100_000, 1_000_000]
"""Tenants, of 1,000 cells; half of them live in the locality that is rendered."""
CHECK, PROOF, RENDER, ROUTE = "check", "check --routes", "render envoy", "route"
PROOF_SECONDS, RENDER_SECONDS, RENDER_MIB = 5.0, 10.0, 1536


def main() -> None:
    """Measure, and write two tables and what they say of the targets to the standard output."""
    with tempfile.TemporaryDirectory() as folder:
        every = {(cells, tenants): _written(Path(folder), cells, tenants) for cells, tenants in PROVED}
        print("| cells x routes, tenants | check | check --routes | the proof | of 1,000 cells x routes | memory |")
        print("|---|---:|---:|---:|---:|---:|")
        proved = {size: _run(inventory, CHECK, PROOF) for size, inventory in every.items()}
        print("\n".join(_of_proofs(proved)))
        print("\n| tenants | check | render envoy | writing | each further 100,000 | memory | map | route | memory |")
        print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
        inventories = {tenants: every[1_000, tenants] for tenants in RENDERED}
        rendered = {tenants: _run(inventory, CHECK, RENDER, ROUTE) for tenants, inventory in inventories.items()}
        print("\n".join(_of_files(rendered, inventories)))
    proof = _beyond(proved[1_000, 0], PROOF)
    written = rendered[1_000_000][RENDER]
    print(
        f"\n- the proof of 1,000 cells x {ROUTES} routes in a few seconds: {proof:.2f} s, {_met(proof, PROOF_SECONDS)}"
    )
    seen = f"{written.seconds:.2f} s, {_met(written.seconds, RENDER_SECONDS)}"
    print(f"- a million tenants written in some ten seconds: {seen}")
    seen = f"{written.mebibytes:.0f} MiB, {_met(written.mebibytes, RENDER_MIB)}"
    print(f"- in less than 1.5 GiB: {seen}")


def _written(folder: Path, cells: int, tenants: int) -> Path:
    # so large a locality is more than is deployed well (RTE-12); what is asked here is how long it takes to prove
    inventory = fleets.write(folder / f"{cells}-{tenants}", cells, tenants, ROUTES)
    with inventory.open("a") as file:
        file.write("policies: {RTE-12: {config_map_bytes: 4194304, map_files: 256}}\n")
    return inventory


def _run(inventory: Path, *names: str) -> dict[str, Cost]:
    print(f"{inventory.parent.name} ...", file=sys.stderr, flush=True)
    of, out = ("--inventory", str(inventory)), str(inventory.parent / "out")
    arguments: Mapping[str, tuple[str, ...]] = {
        CHECK: ("check", *of),
        PROOF: ("check", "--routes", *of),
        RENDER: ("render", "envoy", "--locality", "us", "--out", out, *of),
        ROUTE: ("route", "https://us.acme.io/api/0/organizations/tenant-0/x", *of),
    }
    return side_by_side({name: [str(BIN / "cellfleet"), *arguments[name]] for name in names}, 3)


def _of_proofs(proved: Mapping[tuple[int, int], Mapping[str, Cost]]) -> Iterator[str]:
    for (cells, tenants), costs in proved.items():
        took = _beyond(costs, PROOF)
        title = f"{cells:,} x {ROUTES}" + (f", {tenants:,}" if tenants else "")
        each = "" if tenants else f"{took / cells / ROUTES * 1e6:.0f} ms"
        memory = costs[PROOF].mebibytes
        yield (
            f"| {title} | {costs[CHECK].seconds:.2f} s | {costs[PROOF].seconds:.2f} s | {took:.2f} s | {each} |"
            f" {memory:.0f} MiB |"
        )


def _of_files(rendered: Mapping[int, Mapping[str, Cost]], inventories: Mapping[int, Path]) -> Iterator[str]:
    before = took_before = 0.0
    for tenants, costs in rendered.items():
        took = _beyond(costs, RENDER)
        further = f"{(took - took_before) * 100_000 / (tenants - before):.2f} s" if before else ""
        shards = [file.stat().st_size for file in (inventories[tenants].parent / "out").glob("map-*")]
        yield (
            f"| {tenants:,} | {costs[CHECK].seconds:.2f} s | {costs[RENDER].seconds:.2f} s | {took:.2f} s | {further} |"
            f" {costs[RENDER].mebibytes:.0f} MiB | {len(shards)} files, {sum(shards) / 2**20:.1f} MiB |"
            f" {costs[ROUTE].seconds:.2f} s | {costs[ROUTE].mebibytes:.0f} MiB |"
        )
        before, took_before = tenants, took


def _beyond(costs: Mapping[str, Cost], name: str) -> float:
    """Seconds on the clock that a command takes beyond `check`."""
    return costs[name].seconds - costs[CHECK].seconds


def _met(seen: float, wanted: float) -> str:
    return "met" if seen <= wanted else "NOT met"


if __name__ == "__main__":
    main()

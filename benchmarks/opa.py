"""What `cellfleet check` takes beside OPA, through conftest 0.71.1, for rules that Rego can say (opa.rego).

That ranges do not overlap is said in three ways, because it decides the time:

- `pairs`: net.cidr_intersects asked of each pair, as its documentation suggests.
- `matches`: one call of net.cidr_contains_matches, which compares each pair too, but not in Rego.
- `prefixes`: no pairs, but an index of prefixes made by hand.

Before anything is measured, each rule is broken once, and both have to find it. `cellfleet check` measures many rules
more meanwhile. The figures are medians.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import fleets
from benchmarks.measure import Cost, side_by_side

ROOT: Final = Path(__file__).parents[1]
CELLFLEET: Final = Path(sys.executable).with_name("cellfleet")
CONFTEST: Final = ROOT / ".cellfleet" / "benchmarks" / "conftest"
MODULE: Final = "github.com/open-policy-agent/conftest@v0.71.1"

ROUNDS: Final = {10: 9, 100: 9, 1_000: 9, 10_000: 1}
"""By cells."""
LIMIT: Final = 300.0
"""Seconds for one run."""
WAYS: Final = ("pairs", "matches", "prefixes")
WANTED: Final = {1_000: 5, 10_000: 100}
"""How many times faster, by cells."""
OURS: Final = "cellfleet check"

_TOMBSTONE: Final = "tombstones: [{name: us-old, id: 1, cidr: 10.255.0.0/20, removed: 2026-05-01}]\n"
_WAIVER: Final = "waivers: [{rule: CAP-10, subjects: [localities.de], owner: a, reason: b, expires: 2026-01-31}]\n"
_SERVICE: Final = "{host: a.acme.io, needed_at_run_time: true}"
_SERVICES: Final = "".join(f"    more-{name}: {_SERVICE}\n" for name in "abcd")
BROKEN: Final = [  # a text of a fleet of 10 cells, what stands there instead, the rule, and what OPA says
    ("class: small\n    ring", "class: smal\n    ring", "INV-10", "there is no class smal"),
    ("    locality: jp", "    locality: fr", "INV-10", "there is no locality fr"),
    ("    ring: canary", "    ring: none", "INV-10", "there is no ring none"),
    ("    id: 5\n", "    id: 4\n", "INV-11", "id 4 is given to"),
    ("10.0.32.0/20", "10.0.32.0/24", "INV-15", "is less than a /20"),
    ('"100000000004"', '"100000000000"', "ISO-01", "account 100000000000 is that of"),
    ('"100000000004"', '"999999999999"', "ISO-01", "is in a control account"),
    ("  shared_services:\n", f"  shared_services:\n{_SERVICES}", "ISO-03", "needed at run time"),
    ("10.0.16.0/20", "10.0.0.0/20", "ISO-04", "overlap"),
    ("10.0.32.0/20", "172.16.0.0/20", "ISO-04", "is inside no supernet"),
    ("[10.0.0.0/8, 16.0.0.0/5]", "[10.0.0.0/17, 10.0.128.0/19]", "ISO-04", "a quarter of the supernets"),
    ("region: us-east-2", "region: us-west-2", "ISO-09", "in its own region"),
    ("['1', '2', '3']", "['1']", "CAP-07", "has 1 zone"),
    ("ring: broad\n    state: active", "ring: broad\n    state: cordoned", "CAP-10", "less than two cells"),
    ("routes:\n", f"{_TOMBSTONE}routes:\n", "LIF-06", "us-old was removed"),
    ("new_tenants: de-00003", "new_tenants: us-00000", "LIF-11", "new tenants go to no cell"),
    ("routes:\n", f"{_WAIVER}routes:\n", "LIF-21", "the waiver of CAP-10 has expired"),
]


def main() -> None:
    """Measure, and write a table and what it says of the targets to the standard output."""
    conftest = _conftest()
    if not conftest:
        return
    measured: dict[int, dict[str, Cost]] = {}
    with tempfile.TemporaryDirectory() as folder:
        small = fleets.write(Path(folder) / "small", 10)
        for text, instead, rule, said in BROKEN:
            _both_find(small, conftest, (text, instead), rule, said)
        for cells, rounds in ROUNDS.items():
            print(f"{cells:,} cells ...", file=sys.stderr, flush=True)
            commands = _commands(conftest, fleets.write(Path(folder) / str(cells), cells))
            measured[cells] = side_by_side(commands, rounds, pick=median, limit=LIMIT)
    print("\n".join(_table(measured)))
    print("\nSeconds on the clock / of processors / peak memory; ratios likewise, those of processors in brackets.\n")
    print("\n".join(_targets(measured)))


def _commands(conftest: str, inventory: Path) -> dict[str, list[str]]:
    rego = [conftest, "test", "--no-color", "--policy", str(ROOT / "benchmarks/opa.rego")]
    ours = {OURS: [str(CELLFLEET), "check", "--as-of", "2026-11-24", "--inventory", str(inventory)]}
    return ours | {way: [*rego, "--policy", str(ROOT / f"benchmarks/opa_{way}.rego"), str(inventory)] for way in WAYS}


def _both_find(inventory: Path, conftest: str, change: tuple[str, str], rule: str, said: str) -> None:
    """Raises SystemExit where one of the two does not find what is broken: a rule that finds nothing costs nothing."""
    content = inventory.read_text()
    assert change[0] in content, change
    broken = inventory.with_name("broken.yaml")
    start, end = content.rsplit(change[0], 1)  # the last of them, so that it is of a locality with two cells
    broken.write_text(start + change[1] + end)
    for way, command in _commands(conftest, broken).items():
        ours = way == OURS
        done = subprocess.run([*command, *(["--output", "json"] if ours else [])], capture_output=True, text=True)
        found = {one["rule"] for one in json.loads(done.stdout)["findings"]} if ours else done.stdout
        if (rule if ours else said) not in found:
            raise SystemExit(f"{way} does not find {rule} where {change[0]!r} is {change[1]!r}: {found}")


def _conftest() -> str:
    """The conftest command, built where it is not there yet; empty where it cannot be."""
    if CONFTEST.exists():
        return str(CONFTEST)
    go = shutil.which("go")
    if go is None:
        print("There is no Go to build conftest with, so nothing is measured.", file=sys.stderr)
        return ""
    print(f"building {MODULE} ...", file=sys.stderr, flush=True)
    CONFTEST.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "GOBIN": str(CONFTEST.parent), "GOFLAGS": "-mod=mod"}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([go, "install", MODULE], check=True, cwd=folder, env=environment)
    return str(CONFTEST)


def _table(measured: Mapping[int, Mapping[str, Cost]]) -> Iterator[str]:
    yield f"| cells | {OURS} | {' | '.join(WAYS)} | {' | '.join(f'{way} : check' for way in WAYS)} |"
    yield f"|{'---:|' * (2 + 2 * len(WAYS))}"
    for cells, costs in measured.items():
        row = [f"{cells:,}", *(_cost(costs[name]) for name in (OURS, *WAYS))]
        yield f"| {' | '.join([*row, *(_ratio(costs[way], costs[OURS])[0] for way in WAYS)])} |"


def _cost(cost: Cost) -> str:
    seconds = f"{cost.seconds:.2f} s" if cost.ended else f"over {LIMIT:.0f} s"
    return f"{seconds} / {cost.processor:.2f} s / {cost.mebibytes:.0f} MiB"


def _ratio(theirs: Cost, ours: Cost) -> tuple[str, float]:
    """How many times as long theirs takes, on the clock and, in brackets, of processors; and the former as a number."""
    over = "" if theirs.ended else "over "
    ratio = theirs.seconds / ours.seconds
    return f"{over}{ratio:.1f} ({over}{theirs.processor / ours.processor:.1f})", ratio


def _targets(measured: Mapping[int, Mapping[str, Cost]]) -> Iterator[str]:
    for cells, wanted in WANTED.items():
        for way in WAYS:
            shown, ratio = _ratio(measured[cells][way], measured[cells][OURS])
            met = "met" if ratio >= wanted else "NOT met"
            yield f"- {wanted} times faster than `{way}` at {cells:,} cells: {shown}, {met}"


if __name__ == "__main__":
    main()

"""`cellfleet tenant move` and `place`: rows of the tenant file change where it decides, and nowhere else."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from cellfleet.cli import main

EXAMPLE = Path(__file__).parents[2] / "tenants.csv"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tenant(example: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `cellfleet tenant` on a copy of the example, which is in the current folder."""
    monkeypatch.chdir(example.parent)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["tenant", *arguments, "--as-of", "2026-11-24"])
        return code, *capsys.readouterr()

    return run


def rows(content: str) -> dict[str, str]:
    return {line.split(",")[0]: line for line in content.splitlines()}


def test_tenants_move_to_the_best_cell_or_the_one_that_is_named(tenant: Run) -> None:
    before = rows(Path("tenants.csv").read_text())
    code, shown, _ = tenant("move", "jolly-otter-1001", "1002", "--diff")
    assert code == 0
    assert shown == snapshot("""\
--- tenants.csv
+++ tenants.csv
@@ -2,2 +2,2 @@
-1001,jolly-otter-1001,us-legacy,,1.70,0.567,,
+1001,jolly-otter-1001,us-canary-1,,1.70,0.567,,
-1002,keen-otter-1002,us-legacy,,2.29,1.069,,
+1002,keen-otter-1002,us-canary-1,,2.29,1.069,,
  2 tenants from us-legacy to us-canary-1
  us-canary-1 is then 40% -> 40% full of what it may hold (tenants)
2 lines of tenants.csv would change; nothing is written.
""")
    assert tenant("move", "jolly-otter-1001", "1002", "--to", "us-gcp-1")[0] == 0
    after = rows(Path("tenants.csv").read_text())
    assert {id for id, row in after.items() if row != before[id]} == {"1001", "1002"}
    assert all(after[id] == before[id].replace("us-legacy", "us-gcp-1") for id in ("1001", "1002"))
    assert tenant("move", "1001", "--to", "us-gcp-1")[1] == "No line is to be changed.\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("move", "jolly-otter-1001", "--to", "de-aws-1"), 5, "the tenant's data stays in us"),
        (("move", "jolly-otter-1001", "1002", "--to", "us-globex-1"), 5, "it is dedicated, and has its tenant"),
        (("move", "jolly-otter-1001", "--to", "us-legacy-9"), 2, "Did you mean us-legacy?"),
        (("move", "nobody"), 2, "There is no tenant 'nobody'."),
        (("place", "new-one", "--id", "9001"), 2, "Say which: --locality, one of us, de, jp."),
        (("place", "new-one", "--id", "1001", "--locality", "de"), 2, "There is a tenant of the id '1001' already."),
        (
            ("place", "jolly-otter-1001", "--id", "9001", "--locality", "de"),
            2,
            "of the slug 'jolly-otter-1001' already.",
        ),
        (("place", "formerly-brisk-lagoon-1201", "--id", "9001", "--locality", "de"), 2, "of the slug"),
        (("place", "Not A Label", "--id", "9001", "--locality", "de"), 2, "error INV-53"),
        (("place", "new-one", "--id", "9001", "--locality", "de", "--storage-gib", "-1"), 2, "-1 is no load."),
        (("place", "new-one", "--id", "9001", "--locality", "de", "--storage-gib", "inf"), 2, "inf is no load."),
        (
            ("place", "huge", "--id", "9001", "--locality", "de", "--requests-per-second", "1e5"),
            5,
            "What would help: add",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    tenant: Run, arguments: tuple[str, ...], code: int, said: str
) -> None:
    refused, _, told = tenant(*arguments)
    assert refused == code
    assert said in told
    assert Path("tenants.csv").read_bytes() == EXAMPLE.read_bytes()


def test_a_new_tenant_goes_where_its_locality_puts_new_ones(tenant: Run) -> None:
    asked = ("--requests-per-second", "12.5", "--storage-gib", "3", "--group", "pair-1")
    code, shown, _ = tenant("place", "new-one", "--id", "9001", "--locality", "de", *asked)
    assert code == 0
    assert shown == snapshot("""\
  1 tenant to de-aws-1
  de-aws-1 is then 52% -> 52% full of what it may hold (tenants)
1 line of tenants.csv changed.
""")
    assert Path("tenants.csv").read_bytes() == EXAMPLE.read_bytes() + b"9001,new-one,de-aws-1,pair-1,12.5,3,,\n"


def test_a_packed_file_is_packed_again(tenant: Run) -> None:
    Path("tenants.csv.gz").write_bytes(gzip.compress(EXAMPLE.read_bytes()))
    inventory = Path("cells.yaml")
    inventory.write_text(inventory.read_text().replace("file: tenants.csv,", "file: tenants.csv.gz,"))
    assert tenant("move", "1001", "--to", "us-gcp-1")[0] == 0
    unpacked = gzip.decompress(Path("tenants.csv.gz").read_bytes())
    assert unpacked == EXAMPLE.read_bytes().replace(b"jolly-otter-1001,us-legacy", b"jolly-otter-1001,us-gcp-1")


def test_where_the_directory_decides_the_file_stays_as_it_is(tenant: Run) -> None:
    inventory = Path("cells.yaml")
    inventory.write_text(inventory.read_text().replace("authority: inventory", "authority: directory"))
    code, _, told = tenant("move", "1001")
    assert (code, told) == snapshot(
        (
            1,
            """\
The product's directory decides who lives where, and tenants.csv is a snapshot of it.
Have the directory do it. The plan is shown with --diff, and with --output json.
""",
        )
    )
    code, shown, _ = tenant("move", "1001", "--output", "json")
    assert code == 0
    assert json.loads(shown) == snapshot(
        {
            "format_version": 1,
            "written": False,
            "authority": "directory",
            "changed_lines": {},
            "moves": [{"tenant": "1001", "slug": "jolly-otter-1001", "from": "us-legacy", "to": "us-canary-1"}],
            "unplaced": [],
            "left": 0,
            "remedy": "",
            "findings": [],
        }
    )
    assert tenant("place", "new-one", "--id", "1001", "--locality", "de", "--output", "json")[0] == 2, "it is there"
    code, shown, _ = tenant("place", "new-one", "--id", "9001", "--locality", "de", "--diff")
    assert (code, shown) == snapshot(
        (
            0,
            """\
  1 tenant to de-aws-1
  de-aws-1 is then 52% -> 52% full of what it may hold (tenants)
The directory decides who lives where: have it do this (--output json lists them).
No line is to be changed.
""",
        )
    )
    assert Path("tenants.csv").read_bytes() == EXAMPLE.read_bytes()

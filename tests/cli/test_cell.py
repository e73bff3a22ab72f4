"""`cellfleet cell`: cells are edited line by line, and what an edit would violate is refused with the finding."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from cellfleet.cli import edited, main
from cellfleet.inventory.load import load

AS_OF = ("--as-of", "2026-11-24")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cell(example: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `cellfleet cell` on a copy of the example, which is in the current folder."""
    monkeypatch.chdir(example.parent)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["cell", *arguments, *AS_OF])
        return code, *capsys.readouterr()

    return run


def changed(before: Path, after: Path) -> tuple[int, int]:
    """How many lines went, and how many came."""
    done = subprocess.run(
        ["git", "diff", "--no-index", "--numstat", str(before), str(after)], capture_output=True, text=True, check=False
    )
    come, gone = done.stdout.split()[:2] if done.stdout else ("0", "0")
    return int(gone), int(come)


EXAMPLE = Path(__file__).parents[2]


def test_a_cell_like_another_is_added_behind_it(cell: Run) -> None:
    code, shown, _ = cell("add", "us-aws-2", "--like", "us-aws-1", "--account", "777777777777", "--diff")
    assert code == 0
    assert shown == snapshot("""\
--- cells.yaml
+++ cells.yaml
@@ -111,6 +111,19 @@
     state: active
     backup: {region: us-east-2}
     replication: {region: us-east-2, rpo_minutes: 5, rto_minutes: 60}
+
+  us-aws-2:
+    id: 15
+    locality: us
+    provider: aws
+    account: "777777777777"
+    region: us-west-2
+    zones: [us-west-2a, us-west-2b, us-west-2c]
+    cidr: 10.0.192.0/20
+    class: medium
+    state: planned
+    backup: {region: us-east-2}
+    replication: {region: us-east-2, rpo_minutes: 5, rto_minutes: 60}
 \n\
   us-gcp-1:
     id: 4
us-aws-2 is like us-aws-1, with the id 15 and the range 10.0.192.0/20; it is planned.
13 lines of cells.yaml would change; nothing is written.
""")
    assert changed(EXAMPLE / "cells.yaml", Path("cells.yaml")) == (0, 0)
    assert cell("add", "us-aws-2", "--like", "us-aws-1", "--account", "777777777777")[0] == 0
    assert changed(EXAMPLE / "cells.yaml", Path("cells.yaml")) == (0, 13)
    assert main(["check"]) == 0


def test_in_another_region_backups_and_the_standby_are_where_the_other_cell_is(cell: Run) -> None:
    asked = ("--account", "777777777777", "--region", "us-east-2", "--ring", "early", "--class", "small")
    assert cell("add", "us-aws-2", "--like", "us-aws-1", *asked, "--label", "cost=y")[0] == 0
    made = load(Path("cells.yaml")).cells["us-aws-2"]
    assert made.model_dump(include={"region", "zones", "ring", "class_", "labels"}) == {
        "region": "us-east-2",
        "zones": ("us-east-2a", "us-east-2b", "us-east-2c"),
        "class_": "small",
        "ring": "early",
        "labels": {"team": "ctrl", "cost": "y"},
    }
    assert made.model_dump()["backup"]["region"] == made.model_dump()["replication"]["region"] == "us-west-2"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("us-aws-2", "--like", "us-aws-1"), 2, "A cell needs an AWS account of its own."),
        (("us-aws-1", "--like", "us-aws-1", "--account", "777777777777"), 2, "There is a cell us-aws-1 already."),
        (("x", "--like", "us-aws-9", "--account", "777777777777"), 2, "Did you mean us-aws-1?"),
        (("x", "--like", "us-legacy", "--account", "777777777777"), 2, "us-legacy is run by other means"),
        (("x", "--like", "us-k8s-1", "--account", "c", "--region", "here"), 2, "--zone"),
        (("x", "--like", "us-aws-1", "--account", "777777777777", "--cidr", "10.0.1.0/20"), 2, "has host bits set"),
        (("x", "--like", "us-aws-1", "--account", "777777777777", "--label", "x"), 2, "--label x is not understood"),
        (("x", "--like", "us-aws-1", "--account", "7"), 2, "error INV-12"),
        (("X_1", "--like", "us-aws-1", "--account", "777777777777"), 2, "error INV-"),
        (("x", "--like", "us-aws-1", "--account", "777777777777", "--ring", "brod"), 2, "did you mean broad?"),
        (("us-old-1", "--like", "us-aws-1", "--account", "777777777777"), 5, "error LIF-06"),
    ],
)
def test_a_cell_that_cannot_be_is_refused(cell: Run, arguments: tuple[str, ...], code: int, said: str) -> None:
    refused, shown, told = cell("add", *arguments)
    assert (refused, shown) == (code, "")
    assert said in told
    assert changed(EXAMPLE / "cells.yaml", Path("cells.yaml")) == (0, 0)


def test_where_the_supernets_are_full_the_range_has_to_be_named(cell: Run) -> None:
    inventory = Path("cells.yaml")
    inventory.write_text(inventory.read_text().replace("[10.0.0.0/12]", "[10.0.0.0/17, 10.0.128.0/18]"))
    code, _, told = cell("add", "us-aws-2", "--like", "us-aws-1", "--account", "777777777777")
    assert code == 1
    assert "No /20 is free in 10.0.0.0/17, 10.0.128.0/18." in told


def test_a_range_rests_as_long_as_the_fleet_says(cell: Run) -> None:
    inventory = Path("cells.yaml")
    inventory.write_text(inventory.read_text() + "policies: {LIF-06: {days: 400}}\n")
    code, shown, _ = cell("add", "us-aws-2", "--like", "us-aws-1", "--account", "777777777777")
    assert (code, "10.0.208.0/20" in shown) == (0, True), "10.0.192.0/20 was us-old-1's, less than 400 days ago"
    assert "and its range for 400 days." in cell("remove", "us-k8s-1")[1]


def test_a_finding_of_an_edit_shows_the_line_as_it_would_be(cell: Run) -> None:
    code, shown, told = cell("set-state", "us-gcp-1", "draining")
    assert (code, shown) == (5, "")
    assert "error LIF-01: us-gcp-1 goes from active to draining" in told
    assert "125 |     state: draining" in told
    assert "nothing is written" in told
    assert changed(EXAMPLE / "cells.yaml", Path("cells.yaml")) == (0, 0)


def test_a_step_is_one_line(cell: Run) -> None:
    code, shown, _ = cell("set-state", "us-gcp-1", "cordoned")
    assert code == 0
    assert shown == snapshot("""\
us-gcp-1: active -> cordoned. Next comes active or draining.
1 line of cells.yaml changed.
""")
    assert changed(EXAMPLE / "cells.yaml", Path("cells.yaml")) == (1, 1)
    assert cell("set-state", "us-gcp-1", "cordoned")[1] == "us-gcp-1 is cordoned already.\n"


def test_the_cell_of_new_tenants_is_not_cordoned_by_itself(cell: Run) -> None:
    code, _, told = cell("set-state", "us-aws-1", "cordoned")
    assert code == 5
    assert "LIF-11: new tenants of us go to us-aws-1, which is cordoned" in told


def test_a_cell_is_drained_retired_and_removed_change_by_change(cell: Run) -> None:
    assert cell("drain", "us-azure-1", "--most", "40")[1] == snapshot("""\
us-azure-1 is draining.
  8 tenants from us-azure-1 to us-aws-1
  15 tenants from us-azure-1 to us-canary-1
  17 tenants from us-azure-1 to us-gcp-1
  us-aws-1 is then 47% -> 47% full of what it may hold (tenants)
  us-canary-1 is then 40% -> 47% full of what it may hold (requests per second)
  us-gcp-1 is then 46% -> 47% full of what it may hold (tenants)
Run it again to go on. 300 of its tenants stay in it for now.
40 lines of tenants.csv changed.
""")
    assert changed(EXAMPLE / "tenants.csv", Path("tenants.csv")) == (40, 40)
    assert cell("set-state", "us-azure-1", "retired")[0] == 5
    code, shown, _ = cell("drain", "us-azure-1")
    assert code == 0
    assert "Once nobody is left in it: cellfleet cell set-state us-azure-1 retired" in shown
    assert changed(EXAMPLE / "tenants.csv", Path("tenants.csv")) == (340, 340)
    assert changed(EXAMPLE / "cells.yaml", Path("cells.yaml")) == (0, 0)
    assert cell("set-state", "us-azure-1", "retired")[0] == 0
    assert cell("remove", "us-azure-1")[1] == snapshot("""\
us-azure-1 is removed; its tombstone keeps the id 5 and the name for ever, and its range for 90 days.
14 lines of cells.yaml changed.
""")
    assert (
        Path("cells.yaml")
        .read_text()
        .endswith("  - {name: us-azure-1, id: 5, cidr: 10.0.48.0/20, removed: 2026-11-24}\n")
    )
    assert main(["check"]) == 0


def test_a_cell_that_restored_another_leaves_a_tombstone_of_the_same_id(cell: Run) -> None:
    inventory = Path("cells.yaml")
    inventory.write_text(inventory.read_text().replace("    id: 7\n", "    id: 9\n    restores: us-old-1\n"))
    assert cell("remove", "us-k8s-1")[0] == 0
    assert "{name: us-k8s-1, id: 9, cidr: 10.0.80.0/20, removed: 2026-11-24}" in inventory.read_text()
    assert main(["check"]) == 0


def test_a_removal_that_was_interrupted_behind_the_tombstone_is_completed(cell: Run) -> None:
    inventory = Path("cells.yaml")
    stone = "  - {name: us-k8s-1, id: 7, cidr: 10.0.80.0/20, removed: 2026-11-24}\n"
    inventory.write_text(inventory.read_text() + stone)
    assert cell("remove", "us-k8s-1")[0] == 0
    assert inventory.read_text().count("us-k8s-1") == 1
    assert inventory.read_text().endswith(stone)


def test_an_active_cell_is_cordoned_first_and_new_tenants_go_elsewhere(cell: Run) -> None:
    first = cell("drain", "us-aws-1", "--most", "2")
    assert first[1] == snapshot("""\
us-aws-1: active -> cordoned.
New tenants of us go to us-gcp-1.
  2 tenants from us-aws-1 to us-canary-1
  us-canary-1 is then 40% -> 41% full of what it may hold (requests per second)
Run it again to go on. 558 of its tenants stay in it for now.
2 lines of cells.yaml and 2 lines of tenants.csv changed.
""")
    assert "us-aws-1: cordoned -> draining." in cell("drain", "us-aws-1", "--most", "0")[1]


def test_a_lack_of_room_stops_no_drain(cell: Run) -> None:
    code, _, told = cell("drain", "de-aws-1")
    assert code == 0
    assert "error CAP-" in told


def test_a_drain_that_can_go_no_further_says_so(cell: Run) -> None:
    inventory = Path("cells.yaml")
    closed = inventory.read_text().replace("us-gcp-1:\n", "us-gcp-1:\n    fenced: true\n")
    closed = closed.replace("us-aws-1:\n", "us-aws-1:\n    fenced: true\n")
    inventory.write_text(closed.replace("new_tenants: us-aws-1", "new_tenants: us-canary-1"))
    assert cell("drain", "us-azure-1")[0] == 0, "some find a place in us-canary-1"
    code, shown, told = cell("drain", "us-azure-1")
    assert code == 5
    assert "Run it again once there is room. " in shown
    assert "have no place to go to" in told
    assert cell("drain", "us-azure-1", "--most", "0", "--output", "json")[0] == 5


def test_what_was_violated_before_stops_no_edit(cell: Run) -> None:
    inventory = Path("cells.yaml")
    content = inventory.read_text().replace("new_tenants: de-aws-1", "new_tenants: de-gcp-1")
    inventory.write_text(content)  # which is not active: LIF-11
    assert main(["check"]) == 5
    code, _, told = cell("set-state", "us-gcp-1", "cordoned")
    assert (code, "LIF-11" in told) == (0, False)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("remove", "us-gcp-1"), 5, "LIF-10: 550 tenants live in us-gcp-1."),
        (("remove", "de-gcp-1"), 5, "LIF-04"),
        (("remove", "us-nowhere"), 2, "There is no cell us-nowhere."),
        (("drain", "us-k8s-1"), 2, "us-k8s-1 is retired: nobody lives there."),
        (("drain", "us-aws-1", "--most", "-1"), 2, "--most -1 is no number of tenants."),
    ],
)
def test_what_cannot_be_done_is_said(cell: Run, arguments: tuple[str, ...], code: int, said: str) -> None:
    refused, _, told = cell(*arguments)
    assert refused == code
    assert said in told
    for file in ("cells.yaml", "tenants.csv"):
        assert changed(EXAMPLE / file, Path(file)) == (0, 0)


def test_where_no_other_cell_takes_tenants_a_drain_says_so(cell: Run) -> None:
    inventory = Path("cells.yaml")
    inventory.write_text(inventory.read_text().replace("de-k8s-1:", "de-k8s-1:\n    fenced: true"))
    code, _, told = cell("drain", "de-aws-1")
    assert code == 5
    assert "LIF-11" in told
    assert "no other cell of de takes any" in told


def test_where_the_directory_decides_a_drain_is_a_plan_for_it(cell: Run) -> None:
    inventory = Path("cells.yaml")
    inventory.write_text(inventory.read_text().replace("authority: inventory", "authority: directory"))
    code, shown, _ = cell("drain", "us-gcp-1", "--most", "3", "--output", "json")
    assert code == 0
    plan = json.loads(shown)
    assert plan["authority"] == "directory"
    assert plan["changed_lines"] == {"cells.yaml": 1}
    assert len(plan["moves"]) == 3
    assert changed(EXAMPLE / "tenants.csv", Path("tenants.csv")) == (0, 0)
    assert "have it do this" in cell("drain", "us-gcp-1")[1]


def test_the_bytes_that_a_file_begins_and_its_lines_end_with_stay(cell: Run) -> None:
    inventory = Path("cells.yaml")
    inventory.write_bytes(b"\xef\xbb\xbf" + inventory.read_bytes().replace(b"\n", b"\r\n"))
    inventory.chmod(0o600)
    before = inventory.read_bytes()
    assert cell("set-state", "us-gcp-1", "cordoned")[0] == 0
    assert inventory.read_bytes() == before.replace(b"early\r\n    state: active", b"early\r\n    state: cordoned", 1)
    assert inventory.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("step", ["stage", "_judged"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1001,jolly-otter-1001,us-legacy", "1001,jolly-otter-1001,us-gcp-1"),
        ("us-azure-1", "us-gcp-1"),
        ("2728,ivory-kestrel-2728,us-azure-1", "2728,ivory-kestrel-2728,us-aws-1"),  # one of the three
    ],
)
def test_who_changes_the_tenant_file_meanwhile_loses_nothing(
    cell: Run, step: str, before: str, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, file = getattr(edited, step), Path("tenants.csv")
    theirs = file.read_text().replace(before, after)

    def meanwhile(*arguments: object) -> object:
        file.write_text(theirs)
        return real(*arguments)

    monkeypatch.setattr(edited, step, meanwhile)
    code, _, told = cell("drain", "us-azure-1", "--most", "3")
    assert code == 1
    assert told.endswith("tenants.csv is not what it was when it was read.\nRun the command again.\n")
    assert file.read_text() == theirs
    assert changed(EXAMPLE / "cells.yaml", Path("cells.yaml")) == (0, 0)


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "x-1", "--like", "us-k8s-1", "--account", "onprem-x"),
        ("set-state", "us-gcp-1", "cordoned"),
        ("remove", "jp-azure-1"),
        ("drain", "us-aws-1", "--most", "100"),
    ],
)
def test_what_is_shown_is_what_would_be_written(cell: Run, arguments: tuple[str, ...], tmp_path: Path) -> None:
    _, shown, _ = cell(*arguments, "--diff")
    patch = tmp_path / "shown.patch"
    patch.write_text("".join(line for line in shown.splitlines(keepends=True) if line[0] in "+-@ \\"))
    written = [(EXAMPLE / file).read_text() for file in ("cells.yaml", "tenants.csv")]
    assert written == [Path(file).read_text() for file in ("cells.yaml", "tenants.csv")]
    subprocess.run(["git", "apply", "-p0", "--unidiff-zero", str(patch)], check=True, capture_output=True)
    patched = [Path(file).read_text() for file in ("cells.yaml", "tenants.csv")]
    for file, content in zip(("cells.yaml", "tenants.csv"), written, strict=True):
        Path(file).write_text(content)
    assert cell(*arguments)[0] == 0
    assert [Path(file).read_text() for file in ("cells.yaml", "tenants.csv")] == patched


def test_a_diff_cannot_command_the_terminal(cell: Run) -> None:
    inventory = Path("cells.yaml")
    content = inventory.read_text().replace(
        "ring: early\n    state: active", "ring: early # \u202e\n    state: active", 1
    )
    inventory.write_text(content)
    shown = cell("set-state", "us-gcp-1", "cordoned", "--diff")[1]
    assert r"# \u202e" in shown
    assert "\u202e" not in shown

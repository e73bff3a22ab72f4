"""What a program judges before it registers anything: recorded, and with the real engine over the sandbox."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pulumi
import pytest

from cellfleet.engine.record import Recording, record
from cellfleet.failure import Failure
from cellfleet.inventory.stack import Stack
from stacks import __main__ as plain
from stacks.guard import ACCEPT, AS_OF, guarded
from tests.fleets import fleet, text

STACK = "cell-us-k8s-1"
PROJECT = "acme-production"
OVERLAP = {"cells.us-k8s-1.cidr": "10.0.16.0/20"}  # us-gcp-1's
ELSEWHERE = {"cells.us-aws-1.cidr": "10.0.16.0/20"}
WAIVER = {"rule": "ISO-04", "subjects": ["cells.us-k8s-1"], "owner": "ctrl", "reason": "soon", "expires": "2027-01-31"}


class Plain:
    """What plain Pulumi runs, of an inventory that a test changes."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "cells.yaml"

    def declare(self, changes: dict[str, Any]) -> None:
        self.file.write_text(text(changes))

    def run(self, stack: str = STACK) -> Recording:
        """What is registered; raises pulumi.RunError where a rule refuses it."""
        return record(plain.main, stack=stack, project=PROJECT)

    def refused(self, stack: str = STACK) -> tuple[str, Recording]:
        """What a program is refused with, and what it has registered until then."""
        told = []

        def main() -> None:
            try:
                plain.main()
            except pulumi.RunError as error:
                told.append(str(error))

        registered = record(main, stack=stack, project=PROJECT)
        assert told, "it was not refused"
        return told[0], registered


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plain:
    made = Plain(tmp_path)
    monkeypatch.setenv("CELLFLEET_INVENTORY", str(made.file))
    monkeypatch.setenv(AS_OF, "2026-11-24")
    monkeypatch.delenv(ACCEPT, raising=False)
    return made


def test_a_range_of_another_cells_stops_a_plain_program_before_it_registers_anything(program: Plain) -> None:
    program.declare(OVERLAP)
    told, registered = program.refused()
    assert told.startswith("Refused by the fleet's rules:")
    place = re.search(r"cells\.yaml:(\d+):(\d+): ISO-04 ", told)
    assert place, told
    line = program.file.read_text().splitlines()[int(place[1]) - 1]
    assert line.strip() == "cidr: 10.0.16.0/20", "the place is that of the range"
    assert "Give the cell " in told, "it says what to do"
    assert f"set {ACCEPT}=RULE=reason" in told
    assert registered == Recording((), {})


def test_cellfleets_own_engine_is_refused_the_same(program: Plain) -> None:
    with pytest.raises(Failure, match="Refused by the fleet's rules") as refused:
        record(guarded(fleet(OVERLAP), Stack.parse(STACK)), stack=STACK, project=PROJECT)
    assert refused.value.exit_code == 5
    assert "ISO-04" in refused.value.message
    assert program.file.name == "cells.yaml"


def test_what_is_wrong_with_another_cell_stops_nothing_here(program: Plain) -> None:
    program.declare(ELSEWHERE)
    assert program.run().resources
    assert program.refused("cell-us-aws-1")[1].resources == ()


def test_a_waived_finding_stops_nothing(program: Plain) -> None:
    program.declare(OVERLAP | {"waivers": [WAIVER]})
    registered = program.run()
    assert registered.resources
    assert "accepted" not in registered.outputs, "a waiver is in the inventory already"


def test_what_is_accepted_is_in_the_stacks_outputs(program: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    program.declare(OVERLAP)
    monkeypatch.setenv(ACCEPT, "CAP-07=for a week\nISO-04=us-gcp-1 goes today, a=b")
    registered = program.run()
    assert registered.resources
    assert registered.outputs["accepted"] == {"ISO-04": "us-gcp-1 goes today, a=b"}, "what nothing needed is not told"


def test_accepting_one_rule_accepts_no_other(program: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    program.declare(OVERLAP | {"cells.us-k8s-1.zones": ["rack-1"]})
    monkeypatch.setenv(ACCEPT, "ISO-04=us-gcp-1 goes today")
    told, registered = program.refused()
    assert "CAP-07" in told
    assert "ISO-04" not in told
    assert registered.resources == ()


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        (ACCEPT, "ISO-09=we know", "Findings of 'ISO-09' cannot be accepted: it cannot be waived."),
        (ACCEPT, "INV-01=we know", "Findings of 'INV-01' cannot be accepted: it cannot be waived."),
        (ACCEPT, "ISO-99=we know", "Findings of 'ISO-99' cannot be accepted: there is no such rule."),
        (ACCEPT, "ISO-04", "No reason is given for accepting ISO-04."),
        (ACCEPT, "ISO-04= ", "No reason is given for accepting ISO-04."),
        (AS_OF, "tomorrow", "CELLFLEET_AS_OF is 'tomorrow', which is no day. Write it as 2026-12-31."),
        (AS_OF, "2026-02-30", "CELLFLEET_AS_OF is '2026-02-30', which is no day."),
    ],
)
def test_what_is_set_wrongly_is_told_before_anything_is_registered(
    program: Plain, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    program.declare({})
    monkeypatch.setenv(variable, value)
    said, registered = program.refused()
    assert said.startswith(told)
    assert registered.resources == ()


def test_the_day_to_judge_for_decides_whether_a_waiver_still_holds(
    program: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.declare(OVERLAP | {"waivers": [WAIVER]})
    monkeypatch.setenv(AS_OF, "2027-01-31")
    assert program.run().resources
    monkeypatch.setenv(AS_OF, "2027-02-01")
    assert "ISO-04" in program.refused()[0]


@pytest.mark.parametrize("content", [None, "id,slug\n1,acme\n", b"\xff\xfe\x00"], ids=["none", "columns", "no text"])
def test_tenants_that_cannot_be_read_stop_what_holds_them_and_no_cell(
    program: Plain, content: str | bytes | None
) -> None:
    program.declare({"tenants": {"file": "tenants.csv", "authority": "inventory"}})
    if content is not None:
        file = program.file.with_name("tenants.csv")
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert program.run().resources
    assert program.run("workload-us-k8s-1").resources
    assert "tenants.csv" in program.refused("registry-us")[0]

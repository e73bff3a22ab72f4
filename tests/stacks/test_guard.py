"""What a program judges before it registers anything: recorded, and with the real engine over the sandbox."""

from __future__ import annotations

import gc
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest

from cellfleet.engine import install
from cellfleet.engine.record import Recording, record
from cellfleet.failure import Failure
from cellfleet.inventory.stack import Stack
from policies.asked import ACCEPT, AS_OF
from sandbox import process
from stacks import __main__ as plain
from stacks.guard import guarded
from tests.checkout import Checkout
from tests.engine.tiny import ROOT
from tests.fleets import fleet, text
from tests.sandbox.engine import Engine

pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.xdist_group("guard"),
]

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


# --- with the real engine ---------------------------------------------------------------------------------------------

NEW = "us-k8s-3"
# Of one zone, in a locality that is to have five cells: its own shortage, and one of all that stands already.
SHORT: dict[str, Any] = {
    "policies": {"CAP-10": {"cells": 5}},
    f"cells.{NEW}": {
        "id": 50, "locality": "us", "provider": "kubernetes", "account": "onprem-us-3", "region": "reston",
        "country": "US", "zones": ["rack-1"], "cidr": "10.0.112.0/20", "class": "small", "ring": "canary",
        "state": "provisioning", "backup": {"region": "dallas"}, "pod_cidr": "100.64.0.0/14",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A fleet of two cells that stands; no test relies on what another has deployed."""
    checkout = Checkout.make(tmp_path_factory.mktemp("guard") / "checkout")
    checkout.report("up", "--yes")
    yield checkout
    checkout.close()


@pytest.fixture
def checkout(standing: Checkout) -> Iterator[Checkout]:
    yield standing
    standing.declare()
    gc.collect()  # what pulumi left open goes with the test that opened it


def results(report: dict[str, Any]) -> dict[str, str]:
    return {stack["stack"]: stack["result"] for stack in report["stacks"]}


def test_what_stands_is_changed_in_a_locality_that_is_short_of_room(checkout: Checkout) -> None:
    """A rollback, a cordon and a repair at once; none of them makes the shortage any worse."""
    checkout.declare(
        {
            "policies": {"CAP-07": {"zones": 4}, "CAP-10": {"cells": 5}},
            "fleet.rings": [{"name": "canary", "release": "26.9.0"}, {"name": "broad", "release": "26.9.0"}],
            "cells.us-k8s-2.state": "cordoned",
            "cells.us-k8s-1.labels": {"team": "other"},
        }
    )
    came = results(checkout.report("up", "--yes", "--refresh"))
    assert {stack for stack, result in came.items() if result == "deployed"} >= {
        *("cell-us-k8s-1", "cell-us-k8s-2", "workload-us-k8s-1", "workload-us-k8s-2", "registry-us"),
    }
    assert set(came.values()) <= {"deployed", "unchanged"}


def test_a_new_cell_is_refused_alone_until_somebody_takes_it_upon_himself(checkout: Checkout) -> None:
    checkout.declare(SHORT)
    code, out, err = checkout.run("up", "--sandbox", "--yes", "--output", "json")
    assert code == 5, err
    came = {stack["stack"]: stack for stack in json.loads(out)["stacks"]}
    assert came[f"cell-{NEW}"]["result"] == "refused"
    assert "CAP-07" in came[f"cell-{NEW}"]["message"]
    assert "CAP-10" not in came[f"cell-{NEW}"]["message"], "of that it is the cure"
    others = {name: one["result"] for name, one in came.items() if not name.endswith(NEW)}
    assert set(others.values()) <= {"deployed", "unchanged"}, others
    assert not [urn for urn in checkout.made() if f":cell-{NEW}::" in urn]

    came_then = results(
        checkout.report("up", f"*-{NEW}", "dns", "--yes", "--accept", "CAP-07=the second rack comes in May")
    )
    assert came_then[f"cell-{NEW}"] == came_then[f"workload-{NEW}"] == "deployed"
    assert accepted(checkout, f"cell-{NEW}") == {"CAP-07": "the second rack comes in May"}


def accepted(checkout: Checkout, stack: str) -> dict[str, str]:
    """What Pulumi says that somebody has accepted."""
    told = subprocess.run(
        [install.find(ROOT).executable, "stack", "output", "accepted", "--json", "-s", stack],
        cwd=checkout.folder / ".cellfleet/sandboxed/work" / stack,
        env=os.environ | process.environment(checkout.sandbox),
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    reasons: dict[str, str] = json.loads(told.stdout)
    return reasons


def test_a_cell_never_becomes_another(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    before = checkout.made()
    checkout.declare({"cells.us-k8s-1.account": "onprem-us-9"})
    code, _, err = checkout.run("up", "--sandbox", "--yes")
    assert code == 5
    assert "LIF-02" in err
    assert "the account of us-k8s-1 was onprem-us-1" in err

    monkeypatch.setenv("CELLFLEET_INVENTORY", str(checkout.folder / "cells.yaml"))
    stack = Engine(checkout.sandbox, PROJECT).stack(STACK, plain.main)
    with pytest.raises(Exception, match="LIF-02 the account of us-k8s-1 was onprem-us-1"):
        stack.up(color="never")
    assert checkout.made() == before

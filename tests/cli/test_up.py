"""`cellfleet preview`, `up`, `drift` and `destroy` as a person runs them, with the real engine over the sandbox."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.books import Books
from tests.checkout import Checkout

pytestmark = pytest.mark.xdist_group("up")
STACKS = [
    *("cell-us-k8s-1", "cell-us-k8s-2", "dns", "workload-us-k8s-1", "workload-us-k8s-2"),
    *("registry-us", "routing-us"),
]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A fleet that stands; tests put back what they change."""
    checkout = Checkout.make(tmp_path_factory.mktemp("up") / "checkout")
    report = checkout.report("up", "--yes")
    assert [stack["stack"] for stack in report["stacks"]] == STACKS
    assert {stack["result"] for stack in report["stacks"]} == {"deployed"}
    yield checkout
    checkout.close()


def changing(report: dict[str, Any]) -> list[str]:
    return [stack["stack"] for stack in report["stacks"] if stack["result"] != "unchanged"]


def test_a_second_up_changes_nothing_and_prints_the_fleet(deployed: Checkout) -> None:
    code, out, err = deployed.run("up", "--sandbox", "--yes")
    assert code == 0, err
    assert "us-k8s-1   kubernetes   ashburn   active   cell-us-k8s-1" in out
    assert "7 stacks in" in out
    assert ": 0 create, 0 update, 0 replace, 0 delete, " in out
    assert "cell-us-k8s-1: unchanged in" in err, "progress goes to stderr"


def test_a_resize_names_that_cells_stacks_and_what_its_locality_knows_of_it(deployed: Checkout) -> None:
    deployed.declare({"cells.us-k8s-2.class": "large"})
    meant = ("--accept", "CAP-04=the other cell follows")
    try:
        report = deployed.report("preview", *meant)
        assert changing(report) == ["cell-us-k8s-2", "workload-us-k8s-2", "registry-us", "routing-us"]
        assert report["format_version"] == 1
        deployed.report("preview", "--expect-no-changes", *meant, code=7)
    finally:
        deployed.declare()


def test_a_release_touches_the_workloads_of_its_ring_and_their_records_alone(deployed: Checkout) -> None:
    rings = [{"name": "canary", "release": "26.13.0", "bake_minutes": 60}, {"name": "broad", "release": "26.11.0"}]
    deployed.declare({"fleet.rings": rings})
    try:
        assert changing(deployed.report("preview")) == ["workload-us-k8s-2", "registry-us"]
    finally:
        deployed.declare()


def test_drift_says_what_differs_and_ends_with_7(deployed: Checkout) -> None:
    assert changing(deployed.report("drift")) == []
    with Books(deployed.sandbox) as books:
        (service, *_) = books.all(matching="kubernetes:core/v1:Service::us-k8s-1-web")
        edited = {"metadata": {**service.inputs["metadata"], "labels": {"edited": "by-hand"}}}
        with books.transaction():
            books.write(replace(service, inputs=service.inputs | edited, outputs=service.outputs | edited))
        report = deployed.report("drift", "*-us-k8s-1", code=7)
        assert changing(report) == ["workload-us-k8s-1"]
        (stack,) = [stack for stack in report["stacks"] if stack["stack"] == "workload-us-k8s-1"]
        assert [change["urn"] for change in stack["changes"]] == [service.urn]
        with books.transaction():
            books.write(service)
    assert changing(deployed.report("drift")) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("preview", "cell-us-k8-1", "--sandbox"), "Did you mean cell-us-k8s-1?"),
        (("up", "cell-us-k8s-1", "--sandbox", "--parallel", "-1"), "1 or more"),
        (("destroy", "*-us-k8s-1", "--sandbox", "--yes"), "us-k8s-1 is active"),
        (("destroy", "dns", "--sandbox"), "Give --yes"),
        (("up", "--sandbox", "--accept", "loss=us-k8s-1"), "there is no such rule"),
        (("up", "--sandbox", "--adopt", "vpc"), "Write --adopt NAME=ID"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_sentences(
    deployed: Checkout, arguments: tuple[str, ...], told: str
) -> None:
    code, out, err = deployed.run(*arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [("preview",), ("drift",), ("check", "--deployed")])
def test_who_has_not_logged_in_is_told_to(
    deployed: Checkout, arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    for variable in ("PULUMI_ACCESS_TOKEN", "PULUMI_BACKEND_URL"):
        monkeypatch.delenv(variable, raising=False)
    code, _, err = deployed.run(*arguments)
    assert code == 1
    assert err.endswith(
        "Log in to the backend that holds the state (`pulumi login`, or PULUMI_ACCESS_TOKEN), or use --sandbox.\n"
    )
    assert "Traceback" not in err


def test_a_cell_is_retired_destroyed_and_forgotten(deployed: Checkout) -> None:
    before = deployed.made()
    deployed.declare({"cells.us-k8s-2.state": "retired"})
    deployed.report("up", "--yes", code=5)  # LIF-01: first it is cordoned and drained
    deployed.report("up", "--yes", "--accept", "LIF-01=a test of the end")
    both = ("cell-us-k8s-2", "workload-us-k8s-2")

    assert "still stands" in deployed.run("destroy", "cell-us-k8s-2", "--sandbox", "--yes")[2]
    assert "--accept destroy=us-k8s-2" in deployed.run("destroy", *both, "--sandbox", "--yes")[2]
    report = deployed.report("destroy", *both, "--yes", "--accept", "destroy=us-k8s-2")
    assert [stack["result"] for stack in report["stacks"]] == ["destroyed", "destroyed"]
    assert not [urn for urn in deployed.made() if "us-k8s-2" in urn.partition("::")[0]]
    assert changing(deployed.report("up", "--yes")) == [], "a retired cell is not made again"

    deployed.declare()
    deployed.report("up", "--yes")
    assert deployed.made() == before
    deployed.declare({"cells.us-k8s-2": ...})
    report = deployed.report("preview", "cell-us-k8s-1")
    assert report["strays"] == ["cell-us-k8s-2", "workload-us-k8s-2"]
    deployed.declare()


def test_ctrl_c_ends_in_order_with_8_and_the_next_up_goes_on(deployed: Checkout) -> None:
    deployed.declare({"fleet.rings": [{"name": "canary", "release": "27.1.0"}, {"name": "broad", "release": "27.1.0"}]})
    try:
        with deployed.begin("up", "--sandbox", "--yes", "--parallel", "1") as run:
            assert run.stderr is not None
            for line in run.stderr:
                if "deploying" in line:
                    break
            run.send_signal(signal.SIGINT)
            out, err = run.communicate()
        assert run.returncode == 8, out + err
        assert "operations that are under way end first" in err
        report = deployed.report("up", "--yes")
        assert not [line for stack in report["stacks"] for line in stack["recovered"]], "no lock was left"
        assert changing(deployed.report("up", "--yes")) == []
    finally:
        deployed.declare()
        deployed.report("up", "--yes")

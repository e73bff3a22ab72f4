"""`cellfleet check --deployed` and `cell witness --deployed`: what stands is measured, not what programs would make."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cellfleet.cli import BAD_INVOCATION, VIOLATED
from sandbox.books import Books
from tests.checkout import Checkout

pytestmark = pytest.mark.xdist_group("deployed")
CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A fleet of which the routers are still to be deployed; tests put back what they change."""
    made = Checkout.make(tmp_path_factory.mktemp("deployed") / "checkout")
    made.report("up", "cell-*", "dns", "workload-*", "--yes")
    yield made
    made.close()


def drifted(checkout: Checkout, type_: str, changes: dict[str, Any]) -> str:
    """Change the first thing of a type in the state, as a console and a refresh after it would; the whole state, to
    put back."""
    file = next((checkout.folder / ".cellfleet/state").rglob("workload-us-k8s-1.json"))
    before = file.read_text()
    state = json.loads(before)
    resources = state["checkpoint"]["latest"]["resources"]
    resource = next(one for one in resources if one["type"] == type_)
    for part, values in changes.items():
        resource[part] |= values
    file.write_text(json.dumps(state))
    return before


def test_what_stands_as_declared_is_clean_and_what_is_still_to_be_deployed_is_said(checkout: Checkout) -> None:
    code, out, err = checkout.run("check", "--deployed", "--sandbox")
    assert code == 0, out + err
    assert "of 5 stacks, as they are deployed; 2 of 7 stacks are not deployed: registry-us, routing-us" in out
    figures = checkout.report("check", "--deployed")["summary"]["deployed"]
    assert (figures["stacks"], figures["not_deployed"]) == (5, ["registry-us", "routing-us"])


def test_a_certificate_that_the_cloud_let_run_out_is_found_in_what_is_deployed_alone(checkout: Checkout) -> None:
    ending = datetime.now(UTC) + timedelta(days=5, hours=1)
    with Books(checkout.sandbox) as books:
        (made, *_) = books.all(matching=CERTIFICATE)
        told = {"status": {"notAfter": f"{ending:%Y-%m-%dT%H:%M:%SZ}"}}
        with books.transaction():
            books.write(replace(made, outputs={**made.outputs, **told}))
        stack = made.urn.split("::")[0].removeprefix("urn:pulumi:")
        checkout.report("up", stack, "--refresh", "--yes")
        report = checkout.report("check", "--deployed", "--resources", code=VIOLATED)
        (finding,) = report["findings"]
        assert (finding["rule"], finding["resource"]) == ("ISO-11", made.urn)
        assert {"resources", "deployed"} <= report["summary"].keys()
        with books.transaction():
            books.write(made)
        checkout.report("up", stack, "--refresh", "--yes")
    checkout.report("check", "--deployed")


def test_what_was_edited_by_hand_is_found_and_no_waiver_is_called_unused(checkout: Checkout) -> None:
    waiver = {
        "rule": "ISO-14", "subjects": ["cells.us-k8s-2"], "owner": "team-cells", "reason": "Until the next release.",
        "expires": f"{datetime.now(UTC) + timedelta(days=20):%Y-%m-%d}",
    }  # fmt: skip
    checkout.declare({"waivers": [waiver]})
    before = ""
    file = next((checkout.folder / ".cellfleet/state").rglob("workload-us-k8s-1.json"))
    try:
        type_ = "kubernetes:core/v1:Namespace"
        labels = {"metadata": {"name": "edited", "labels": {"pod-security.kubernetes.io/enforce": "privileged"}}}
        before = drifted(checkout, type_, {"inputs": labels, "outputs": labels})
        report = checkout.report("check", "--deployed", code=VIOLATED)
        rules = {finding["rule"] for finding in report["findings"]}
        assert "ISO-15" in rules
        assert not {rule for rule in rules if rule.startswith("LIF-")}, "programs that nobody recorded may need it"
    finally:
        if before:
            file.write_text(before)
        checkout.declare()


def test_the_witness_looks_at_what_is_deployed(checkout: Checkout) -> None:
    code, out, err = checkout.run("cell", "witness", "--deployed", "--sandbox")
    assert code == 0, err
    lines = out.splitlines()
    assert lines[0].startswith("no way leads from any cell to another: ")
    assert lines[1].endswith(" resources of 5 stacks, as they are deployed")
    report = checkout.report("cell", "witness", "us-k8s-1", "us-k8s-2", "--deployed")
    assert report["summary"]["deployed"]["stacks"] == 5


@pytest.mark.parametrize("command", [("check",), ("cell", "witness")])
def test_the_sandbox_has_nothing_to_tell_of_programs(checkout: Checkout, command: tuple[str, ...]) -> None:
    code, out, err = checkout.run(*command, "--sandbox")
    assert (code, out) == (BAD_INVOCATION, "")
    assert "Give --deployed" in err

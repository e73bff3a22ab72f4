"""`cellfleet check --deployed` and `cell witness --deployed`: what stands is measured, not what programs would make."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cellfleet.cli import BAD_INVOCATION, VIOLATED
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


@contextmanager
def drifted(checkout: Checkout, stack: str, type_: str, changes: dict[str, Any]) -> Iterator[str]:
    """The first thing of a type is in the state as the engine's refresh has it after the cloud changed it; its URN."""
    (file,) = (checkout.folder / ".cellfleet/state/.pulumi/stacks").rglob(f"{stack}.json")
    before = file.read_text()
    state = json.loads(before)
    resource = next(one for one in state["checkpoint"]["latest"]["resources"] if one["type"] == type_)
    for part, values in changes.items():
        resource[part] |= values
    file.write_text(json.dumps(state))
    try:
        yield resource["urn"]
    finally:
        file.write_text(before)


def test_what_stands_as_declared_is_clean_and_what_is_still_to_be_deployed_is_said(checkout: Checkout) -> None:
    code, out, err = checkout.run("check", "--deployed", "--sandbox")
    assert code == 0, out + err
    assert "of 5 stacks, as they are deployed; 2 of 7 stacks are not deployed: registry-us, routing-us" in out
    figures = checkout.report("check", "--deployed")["summary"]["deployed"]
    assert (figures["stacks"], figures["not_deployed"]) == (5, ["registry-us", "routing-us"])


def test_a_certificate_that_the_cloud_let_run_out_is_found_in_what_is_deployed_alone(checkout: Checkout) -> None:
    ending = datetime.now(UTC) + timedelta(days=5)
    status = {"outputs": {"status": {"notAfter": f"{ending:%Y-%m-%dT%H:%M:%SZ}"}}}
    with drifted(checkout, "cell-us-k8s-1", CERTIFICATE, status) as urn:
        report = checkout.report("check", "--deployed", "--resources", code=VIOLATED)
    (finding,) = report["findings"]
    assert (finding["rule"], finding["resource"]) == ("ISO-11", urn)
    assert {"resources", "deployed"} <= report["summary"].keys()


def test_what_was_edited_by_hand_is_found_and_no_waiver_is_called_unused(checkout: Checkout) -> None:
    ends = f"{datetime.now(UTC) + timedelta(days=20):%Y-%m-%d}"
    reason = {"owner": "team-cells", "reason": "Until the next release.", "expires": ends}
    checkout.declare({"waivers": [{"rule": "ISO-14", "subjects": ["cells.us-k8s-2"], **reason}]})
    labels = {"metadata": {"name": "edited", "labels": {"pod-security.kubernetes.io/enforce": "privileged"}}}
    edited = {"inputs": labels, "outputs": labels}
    try:
        with drifted(checkout, "cell-us-k8s-1", "kubernetes:core/v1:Namespace", edited) as urn:
            report = checkout.report("check", "--deployed", code=VIOLATED)
    finally:
        checkout.declare()
    found = {(finding["rule"], finding["resource"]) for finding in report["findings"]}
    assert ("ISO-15", urn) in found
    assert not {rule for rule, _ in found if rule.startswith("LIF-")}, "programs that nobody recorded may need it"


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

"""What a release changes, and what is the same on every provider."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from cellfleet.engine.record import Recording, record
from cellfleet.inventory.stack import Kind, Stack, stacks_of
from stacks import program_of
from tests.fleets import fleet
from tests.stacks.test_cell import PROVIDERS


@functools.cache
def _workload(cell: str, release: str = "") -> Recording:
    stack = Stack(Kind.WORKLOAD, cell)
    changes = {f"cells.{cell}.release": release} if release else {}
    return record(program_of(fleet(changes), stack), stack=stack.name, project="acme-production")


def _inputs(recording: Recording) -> dict[str, Any]:
    """Resources are registered in no certain order."""
    return {each.urn: each.inputs for each in recording.resources}


@pytest.mark.parametrize("cell", PROVIDERS)
def test_it_reads_its_own_cells_stack_and_no_other(cell: str) -> None:
    references = [each for each in _workload(cell).resources if each.type == "pulumi:pulumi:StackReference"]
    assert {each.name for each in references} <= {f"cell-{cell}"}


@pytest.mark.parametrize("cell", PROVIDERS)
def test_services_are_the_same_on_every_provider(cell: str) -> None:
    def of_a_service(name: str) -> list[str]:
        names = [
            each.name for each in _workload(name).resources if each.name.startswith((f"{name}-web", f"{name}-ingest"))
        ]
        # Where pods ask for their cloud identity is the cloud's own.
        cloud = ("-pod-identity", "-metadata", "-metadata-v2")
        return sorted(each.removeprefix(name) for each in names if not each.endswith(cloud))

    assert of_a_service(cell) == of_a_service("us-k8s-1")


# What differs: cell, type of the Service before the proxies, its fixed port, operators brought along, who signs.
DIFFERENCES = [
    ("us-aws-1", "NodePort", 30443, {"envoy-gateway"}, "acm.services.k8s.aws/v1alpha1"),
    ("us-gcp-1", "LoadBalancer", None, {"cert-manager", "envoy-gateway"}, "cert-manager.io/v1"),
    ("us-azure-1", "LoadBalancer", None, {"cert-manager", "envoy-gateway"}, "cert-manager.io/v1"),
    ("us-k8s-1", "ClusterIP", None, set(), "cert-manager.io/v1"),
]


@pytest.mark.parametrize(("cell", "service_type", "node_port", "operators", "signer"), DIFFERENCES)
def test_what_differs_by_provider(
    cell: str, service_type: str, node_port: int | None, operators: set[str], signer: str
) -> None:
    recording = _workload(cell)
    by_name = {each.name: each for each in recording.resources if each.custom}
    service = by_name[f"{cell}-gateway-proxies"].inputs["spec"]["provider"]["kubernetes"]["envoyService"]
    assert service["type"] == service_type
    ports = service.get("patch", {}).get("value", {}).get("spec", {}).get("ports", [{}])
    assert ports[0].get("nodePort") == node_port
    releases = {each.inputs["name"] for each in recording.resources if each.type == "kubernetes:helm.sh/v3:Release"}
    assert releases == operators
    assert by_name[f"{cell}-gateway-certificate"].inputs["apiVersion"] == signer


def test_a_release_bump_of_one_ring_changes_only_its_workloads() -> None:
    rings = [{"name": "canary", "release": "26.12.0"}, {"name": "broad", "release": "26.12.0"}]
    canary = {"cells.us-k8s-1.ring": "canary"}
    kubernetes = [stack for stack in stacks_of(fleet()) if stack.subject in ("us-k8s-1", "us-aws-1")]
    changed = set()
    for stack in kubernetes:
        before, after = (
            _inputs(record(program_of(fleet(changes), stack), stack=stack.name, project="acme-production"))
            for changes in (canary, {**canary, "fleet.rings": rings})
        )
        if before != after:
            changed.add(stack.name)
    assert changed == {"workload-us-aws-1"}


def test_a_release_bump_changes_the_image_and_what_pods_are_told() -> None:
    before, after = (
        _inputs(_workload("us-k8s-1")),
        _inputs(_workload("us-k8s-1", "26.12.9")),
    )
    assert before.keys() == after.keys()
    changed = {urn.rsplit("::", 1)[1] for urn in before if before[urn] != after[urn]}
    assert changed == {
        "us-k8s-1-workload",
        *(f"us-k8s-1-{service}-{part}" for service in ("web", "ingest") for part in ("deployment", "cell")),
    }

"""Every object of every cell and router is one that the API server and the operators' definitions take; pods are
restricted."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cellfleet.inventory.load import load
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Kind, stacks_of
from cellfleet.inventory.types import Provider
from tests.fleets import fleet
from tests.kube.objects import Sent, objects, pods
from tests.kube.server import RefusedError, Server

_CA = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
_SIZE = {"nodes": {"count": 1, "vcpus": 2, "memory_gib": 8}, "replicas": {"web": 1, "ingest": 1}}
_CHANGES: dict[str, dict[str, Any]] = {
    "as it is": {},
    "larger": {f"cells.{name}.class": "large" for name in ("us-aws-1", "us-gcp-1", "us-azure-1", "us-k8s-1")},
    "one machine": {f"classes.small.{part}": value for part, value in _SIZE.items()},
    "with the routers' CA": {"routers.us.client_ca": _CA},
    "shared, with a standby": {
        "cells.us-k8s-1.isolation": "soft",
        "cells.us-k8s-1.replication": {"region": "dallas", "rpo_minutes": 5, "rto_minutes": 60},
    },
}


def _stacks() -> Iterator[Any]:
    """The stacks with objects of Kubernetes: of the example in the repository, and of one cell a provider, changed."""
    fleets = {"of the example": load(Path(__file__).parents[2] / "cells.yaml")}
    fleets |= {
        name: fleet({**changes, "cells.de-gcp-1.state": "planned", "cells.de-gcp-2.state": "planned"})
        for name, changes in _CHANGES.items()
    }
    for name, declared in fleets.items():
        for stack in stacks_of(declared):
            on_a_cluster = {cell.name for cell in declared.managed() if cell.provider is Provider.KUBERNETES}
            made_of_objects = stack.kind in (Kind.WORKLOAD, Kind.REGISTRY, Kind.ROUTING)
            if made_of_objects or (stack.kind is Kind.CELL and stack.subject in on_a_cluster):
                yield pytest.param(declared, stack.name, id=f"{stack.name} {name}")


@pytest.mark.parametrize(("declared", "stack"), list(_stacks()))
def test_every_object_is_taken(api: Server, declared: Fleet, stack: str) -> None:
    refused = {}
    sent = objects(declared, stack)
    for each in sent:
        _ensure_namespace(api, each)
        try:
            api.apply(_path(api, each), each.body, dry=not each.judges)
        except RefusedError as error:
            refused[each.name] = str(error)
    assert sent
    assert refused == {}
    _wait_for_quotas(api, sent)
    for pod in pods(sent):
        api.ask("POST", f"/api/v1/namespaces/{pod.namespace}/pods?dryRun=All&fieldValidation=Strict", pod.body)


def test_a_field_that_is_none_is_refused(api: Server) -> None:
    service = next(each for each in objects(fleet(), "workload-us-k8s-1") if each.kind == "HTTPRoute")
    _ensure_namespace(api, service)
    service.body["spec"]["rules"][0]["backends"] = []
    with pytest.raises(RefusedError, match="backends"):
        api.apply(_path(api, service), service.body, dry=True)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"hostNetwork": True}, "host namespaces"),
        ({"securityContext": {}}, "runAsNonRoot"),
        ({"volumes": [{"name": "tmp", "hostPath": {"path": "/"}}]}, "hostPath"),
    ],
)
def test_a_pod_that_is_not_restricted_is_refused(api: Server, change: dict[str, Any], why: str) -> None:
    sent = objects(fleet(), "workload-us-k8s-1")
    for each in sent:
        if each.judges:
            api.apply(_path(api, each), each.body, dry=False)
    _wait_for_quotas(api, sent)
    pod = next(pods(sent))
    pod.body["spec"].update(change)
    with pytest.raises(RefusedError, match=why):
        api.ask("POST", f"/api/v1/namespaces/{pod.namespace}/pods?dryRun=All", pod.body)


def _ensure_namespace(api: Server, sent: Sent) -> None:
    """Make the namespace of an object whose namespace another stack makes."""
    if sent.namespace:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": sent.namespace}}
        try:
            api.ask("GET", f"/api/v1/namespaces/{sent.namespace}")
        except RefusedError:
            api.ask("POST", "/api/v1/namespaces", body)


def _wait_for_quotas(api: Server, sent: list[Sent]) -> None:
    """Wait until the controller has counted: before that a quota lets no pod in."""
    deadline = time.monotonic() + 60
    for quota in (each for each in sent if each.kind == "ResourceQuota"):
        while (
            api.ask("GET", _path(api, quota)).get("status", {}).get("used", {}).keys()
            != quota.body["spec"]["hard"].keys()
        ):
            assert time.monotonic() < deadline, f"{quota.name} was not counted"
            time.sleep(0.1)


def _path(api: Server, sent: Sent) -> str:
    """Where the server keeps the object."""
    version = sent.body["apiVersion"]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    plural, namespaced = _kinds(api, root)[sent.kind]
    place = f"/namespaces/{sent.namespace}" if namespaced else ""
    return f"{root}{place}/{plural}/{sent.body['metadata']['name']}"


@functools.cache
def _kinds(api: Server, root: str) -> dict[str, tuple[str, bool]]:
    return {
        each["kind"]: (each["name"], each["namespaced"])
        for each in api.ask("GET", root)["resources"]
        if "/" not in each["name"]
    }

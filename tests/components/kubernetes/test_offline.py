"""Every built-in kind that a program makes is of the API's own schema; `make test-kube` asks a real server of all."""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import Any

import jsonschema
import pytest
import referencing

from tests.fleets import fleet
from tests.kube.objects import objects

_SCHEMAS = resources.files("kubernetes_validate") / "kubernetes-json-schema" / "v1.36.0-local-strict"
_OPERATORS = (
    "acm.services.k8s.aws", "barmancloud.cnpg.io", "cert-manager.io", "externaldns.k8s.io", "gateway.envoyproxy.io",
    "gateway.networking.k8s.io", "monitoring.coreos.com", "objectbucket.io", "postgresql.cnpg.io",
)  # fmt: skip
"""Groups whose schemas are the operators' own."""


@pytest.mark.parametrize(
    "stack",
    [
        "cell-us-k8s-1",
        *(f"workload-us-{name}-1" for name in ("aws", "gcp", "azure", "k8s")),
        "registry-us",
        "routing-us",
    ],
)
def test_built_in_kinds_are_of_their_schema(stack: str) -> None:
    wrong = {}
    for sent in objects(fleet(), stack):
        group, _, version = sent.body["apiVersion"].rpartition("/")
        if group not in _OPERATORS:
            problem = jsonschema.exceptions.best_match(_validator(group, version, sent.kind).iter_errors(sent.body))
            if problem:
                wrong[sent.name] = f"{problem.json_path}: {problem.message}"
    assert wrong == {}


def test_a_field_that_is_none_is_found() -> None:
    service = next(each for each in objects(fleet(), "workload-us-k8s-1") if each.kind == "Service")
    service.body["spec"]["prots"] = service.body["spec"].pop("ports")
    assert list(_validator("", "v1", "Service").iter_errors(service.body))


@functools.cache
def _validator(group: str, version: str, kind: str) -> jsonschema.Draft202012Validator:
    """The schemas that kubernetes-validate ships; its own function reads all 5 MB of them again for each object."""
    prefix = f"{group.split('.')[0]}-" if group else ""
    schema: Any = json.loads((_SCHEMAS / f"{kind.lower()}-{prefix}{version}.json").read_text())
    return jsonschema.Draft202012Validator(schema, registry=_definitions())


@functools.cache
def _definitions() -> referencing.Registry[Any]:
    return (
        referencing.Resource.from_contents(json.loads((_SCHEMAS / "_definitions.json").read_text()))
        @ referencing.Registry()
    )

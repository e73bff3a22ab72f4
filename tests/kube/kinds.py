"""The operators' own definitions of their kinds, from the Go modules that tools/kube/crds pins."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.kube.server import RefusedError, Server

_TOOLS = Path(__file__).parents[2] / "tools" / "kube"
_ESTABLISHED_SECONDS = 60
_WHERE = (
    ("sigs.k8s.io/gateway-api", "config/crd/standard/gateway.networking.k8s.io_*.yaml"),
    ("github.com/envoyproxy/gateway", "charts/gateway-helm/charts/crds/crds/generated/*_envoyproxies.yaml"),
    ("github.com/cert-manager/cert-manager", "deploy/crds/cert-manager.io_*.yaml"),
    ("github.com/cloudnative-pg/cloudnative-pg", "config/crd/bases/*_clusters.yaml"),
    ("github.com/cloudnative-pg/cloudnative-pg", "config/crd/bases/*_scheduledbackups.yaml"),
    ("github.com/cloudnative-pg/plugin-barman-cloud", "config/crd/bases/*.yaml"),
    ("github.com/prometheus-operator/prometheus-operator", "example/prometheus-operator-crd/*_podmonitors.yaml"),
    ("github.com/rook/rook", "deploy/examples/crds.yaml"),
    ("sigs.k8s.io/external-dns", "charts/external-dns/crds/*.yaml"),
)
_ONLY = {"github.com/rook/rook": "objectbucketclaims.objectbucket.io"}
"""The one kind of a file of many that a cell uses."""


def install(server: Server) -> None:
    """Define every kind that a cell's objects are of, and wait until the server serves them."""
    names = []
    for definition in _definitions():
        server.ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
        names.append(definition["metadata"]["name"])
    deadline = time.monotonic() + _ESTABLISHED_SECONDS
    for name in names:
        while not _established(server, name):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name} was not served within {_ESTABLISHED_SECONDS} s")
            time.sleep(0.1)


def _definitions() -> Iterator[dict[str, Any]]:
    folders = _modules()
    for module, pattern in _WHERE:
        found = sorted(folders[module].glob(pattern))
        assert found, f"{module} has no {pattern}"
        for file in found:
            for document in yaml.load_all(file.read_text(), yaml.CSafeLoader):
                if document and document["kind"] == "CustomResourceDefinition":
                    name = document["metadata"]["name"]
                    yield from [document] if _ONLY.get(module, name) == name else []
    # Its module is on no proxy: so this one is our reading of its documentation.
    yield yaml.load((Path(__file__).parent / "acm.yaml").read_text(), yaml.CSafeLoader)


def _modules() -> dict[str, Path]:
    """Where the pinned modules lie; they are fetched where they do not yet."""
    listed = subprocess.run(
        ["go", "mod", "download", "-json"],
        cwd=_TOOLS / "crds",
        env={**os.environ, "GOFLAGS": "-mod=readonly"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    decoder = json.JSONDecoder()
    folders, at = {}, 0
    while at < len(listed.rstrip()):
        module, end = decoder.raw_decode(listed, at)
        folders[module["Path"]] = Path(module["Dir"])
        at = end + 1
    return folders


def _established(server: Server, name: str) -> bool:
    try:
        definition = server.ask("GET", f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}")
        conditions = definition.get("status", {}).get("conditions", [])
        if not any(each["type"] == "Established" and each["status"] == "True" for each in conditions):
            return False
        spec = definition["spec"]
        version = spec["versions"][0]["name"]
        server.ask("GET", f"/apis/{spec['group']}/{version}/{spec['names']['plural']}?limit=1")
    except RefusedError:
        return False
    return True

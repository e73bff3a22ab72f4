"""A registry's copy in the clusters of routers."""

from __future__ import annotations

import base64
import gzip
import json

from tests.components.registries import registry

KUBERNETES = registry("kubernetes")
MEBIBYTE = 1 << 20


def test_each_cluster_has_shards_that_never_change_and_a_head_that_does() -> None:
    maps = KUBERNETES.of("core/v1:ConfigMap")
    for cluster in ("gke-us-a", "gke-us-b"):
        own = {each.inputs["metadata"]["name"]: each for each in maps if cluster in each.name}
        head = json.loads(own.pop("head").inputs["data"]["head.json"])
        assert {f"{entry['sha256']}.json.gz" for entry in head["shards"]} == own.keys()
        for name, shard in own.items():
            assert shard.inputs["immutable"]
            assert "binaryData" in shard.secrets, "what a ConfigMap holds is in Pulumi's state"
            body = base64.b64decode(shard.inputs["binaryData"][name])
            assert len(body) < MEBIBYTE
            assert gzip.decompress(body)


def test_the_reader_reads_configmaps_of_its_namespace_and_nothing_else() -> None:
    for role in KUBERNETES.of("rbac.authorization.k8s.io/v1:Role"):
        assert role.inputs["metadata"]["namespace"] == "acme-registry-us"
        assert role.inputs["rules"] == [
            {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}
        ]
    (account, _) = KUBERNETES.of("core/v1:ServiceAccount")
    assert account.inputs["automountServiceAccountToken"] is False

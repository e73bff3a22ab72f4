"""A registry's shards as files on this machine, which is how Pulumi takes what stores keep as objects.

The engine keeps of a file no more than its hash in the state: placements of tenants are in no state in the open, and a
state stays as small as it is without them. What is given as text would be in it, once a copy.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import pulumi

from cellfleet.registry.bundle import Bundle, Shard

LARGEST = 900 * 1024
"""Bytes; a ConfigMap holds 1 MiB with its metadata
(https://kubernetes.io/docs/concepts/configuration/configmap/, seen 2026-11), and every copy has the same shards."""


def objects(bundle: Bundle) -> tuple[Shard, ...]:
    """A bundle's shards, each content once: two sections of a small fleet may have the same, and so one name."""
    return tuple({shard.name: shard for shard in bundle.shards}.values())


def asset(shard: Shard) -> pulumi.FileAsset:
    """A shard as a file that lasts as long as this process."""
    path = Path(_folder().name) / shard.name
    if not path.exists():
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(shard.body)
        Path(file.name).replace(path)  # whole, or not there: programs of several stacks run at a time
    return pulumi.FileAsset(path)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Only this user's, and gone with the process."""
    return tempfile.TemporaryDirectory(prefix="cellfleet-registry-")

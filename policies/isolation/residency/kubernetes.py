"""Kubernetes: the object stores that buckets and backups are in, by the names under which a cluster offers them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policies.isolation.residency.whereabouts import Whereabouts
from policies.isolation.values import at
from policies.resource import Resource, Resources

BUCKET_CLASS: Final = "cellfleet-bucket-"
"""With a region's name after it: the class of buckets in that region's object store (docs/kubernetes-cells.md)."""
_STORE: Final = re.compile(r"https://objects\.([^./]+)\.")


def whereabouts(resource: Resource, resources: Resources) -> Iterator[Whereabouts]:  # noqa: ARG001 (each cloud's takes the same)
    """Where an object of Kubernetes puts data outside its cluster."""
    match resource.type.rpartition(":")[2]:
        case "ObjectBucketClaim":
            for name in at(resource.inputs, "spec.storageClassName"):
                if isinstance(name, str):
                    region = name.removeprefix(BUCKET_CLASS) if name.startswith(BUCKET_CLASS) else ""
                    yield Whereabouts(f"spec.storageClassName: {name}", region)
        case "ObjectStore":
            for url in at(resource.inputs, "spec.configuration.endpointURL"):
                if isinstance(url, str):
                    store = _STORE.match(url)
                    yield Whereabouts(f"spec.configuration.endpointURL: {url}", store[1] if store else "")
        case _:
            pass

"""The registry of `us` in the test fleet, with a copy on each cloud, and what every copy has to be."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from cellfleet.engine.record import Recording
from cellfleet.inventory.stack import Kind
from tests.components.recorded import Resources, recorded

PLACES = [
    {"provider": "aws", "region": "us-east-1"},
    {"provider": "gcp", "region": "us-central1"},
    {"provider": "azure", "region": "eastus2"},
]
CHANGES: dict[str, Any] = {"routers.us.places": PLACES}
NOBODY_SERVES = {f"cells.us-{provider}-1.state": "retired" for provider in ("aws", "gcp", "azure", "k8s")}


@functools.cache
def _recording(empty: bool) -> Recording:
    changes = {**CHANGES, **(NOBODY_SERVES if empty else {})}
    return recorded("aws", "us", changes, Kind.REGISTRY).recording


def registry(sdk: str, *, empty: bool = False) -> Resources:
    """What the stack makes of one SDK's types; `empty`: where no cell of the locality serves any more."""
    return Resources(sdk, _recording(empty))


def inputs(resources: Resources, kind: str) -> list[Mapping[str, Any]]:
    return [each.inputs for each in resources.of(kind)]

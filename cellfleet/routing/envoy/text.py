"""Envoy's resources as text: JSON, in one order, with the types that the files of its file subscriptions have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

TYPE: Final = "@type"
Resource = dict[str, Any]


def typed(message: str, /, **fields: Any) -> Resource:
    """A message of Envoy's v3 API that stands where any may stand: `typed("config.route.v3.RouteConfiguration", …)`."""
    return {TYPE: f"type.googleapis.com/envoy.{message}", **fields}


def extension(name: str, message: str, /, **fields: Any) -> Resource:
    """An extension by its name, with its configuration."""
    return {"name": name, "typed_config": typed(message, **fields)}


def resources(some: Sequence[Resource]) -> str:
    """A file of resources, as Envoy's file subscriptions read it."""
    return text({"resources": list(some)})


def lines(some: Sequence[Resource]) -> str:
    """The same with a resource a line: half as large, and a changed resource is a changed line."""
    written = ",\n".join(json.dumps(one, separators=(",", ":"), sort_keys=True) for one in some)
    return f'{{"resources":[\n{written}\n]}}\n'


def text(message: Resource) -> str:
    return json.dumps(message, indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def from_file(name: str) -> Resource:
    """A subscription to a file that is read again when its folder changes, as a mounted ConfigMap's does."""
    path = {"path": name, "watched_directory": {"path": "."}}
    return {"path_config_source": path, "resource_api_version": "V3"}

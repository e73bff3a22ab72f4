"""ISO-06: each resource of a cell's stacks that takes tags has the cell's, once; what is shared has none.

Which types take tags is in `taggable.json`, which `make docs` reads off the SDKs: a resource without any could not be
told from one that takes none by what it was given.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from cellfleet.inventory.stack import Kind
from policies.isolation.owner import CELLS
from policies.isolation.places import cell_of, path_of
from policies.isolation.rules import TAGS
from policies.isolation.values import known_at, setting
from policies.resource import UNKNOWN, Resource, Resources
from policies.rule import Facts, Violation

CELL: Final = "cell"
LOCALITY: Final = "locality"
_MEAN_THE_CELL: Final = frozenset({"cell", "cellname", "cellid"})
"""Keys of a second cell tag, in whatever letters and with whatever between them."""

_TABLE: Final = Path(__file__).parent / "taggable.json"
_INNER: Final[Mapping[str, str]] = {
    "aws:ec2/launchTemplate:LaunchTemplate": "tagSpecifications.tags",
    "gcp:container/nodePool:NodePool": "nodeConfig.resourceLabels",
    "gcp:sql/databaseInstance:DatabaseInstance": "settings.userLabels",
}
"""Where a resource takes tags inside another argument: of what it makes in turn, or because the API has them there."""
_CONTENT: Final = frozenset(
    (
        "aws:s3/bucketObject:BucketObject",
        "aws:s3/bucketObjectv2:BucketObjectv2",
        "aws:s3/objectCopy:ObjectCopy",
        "azure-native:appconfiguration:KeyValue",
    )
)
"""What is in a store, rather than beside it: whose it is, the store's own tag says."""
_BY_DEFAULT: Final = {"aws": "defaultTags", "gcp": "defaultLabels", "azure-native": ""}
"""The setting of a provider that adds tags to all that it makes."""


def own_tag(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """Resources of a cell's stacks without the cell's tag, with another's or with two; of shared stacks, with one."""
    stack = resources.stack
    cell = cell_of(facts.fleet, stack)
    if cell is None and stack.kind in CELLS:
        return
    for resource in resources.every:
        for where, tags in _tagged(resource, resources):
            if cell is not None:
                yield from _of_cell(resource, where, tags, cell.name, resources)
            else:
                yield from _shared(resource, where, tags, resources)


def _of_cell(
    resource: Resource, where: str, tags: Mapping[str, Any], name: str, resources: Resources
) -> Iterator[Violation]:
    keys = _cell_keys(tags)
    if not keys:
        yield _violation(
            resource, resources, f"{resource.name} has no cell tag", f"{where} without it", f"cell: {name}"
        )
    elif len(keys) > 1 or keys[0] != CELL:
        told = ", ".join(f"{key}: {tags[key]}" for key in keys)
        message = f"{resource.name} says in more than one way, or in an odd one, whose it is"
        yield _violation(resource, resources, message, told, f"cell: {name}, and no other")
    elif tags[CELL] not in (name, UNKNOWN):
        message = f"{resource.name} has another cell's tag"
        yield _violation(resource, resources, message, f"cell: {tags[CELL]}", f"cell: {name}")


def _shared(resource: Resource, where: str, tags: Mapping[str, Any], resources: Resources) -> Iterator[Violation]:
    stack = resources.stack
    if keys := _cell_keys(tags):
        message = f"{resource.name} is shared by cells, and has one cell's tag"
        yield _violation(resource, resources, message, f"{keys[0]}: {tags[keys[0]]}", "no cell tag")
    elif stack.kind is not Kind.DNS and tags.get(LOCALITY) not in (stack.subject, UNKNOWN):
        measured = f"locality: {tags[LOCALITY]}" if tags.get(LOCALITY) else f"{where} without it"
        message = f"{resource.name} does not say which locality's it is"
        yield _violation(
            resource,
            resources,
            message,
            measured,
            f"locality: {stack.subject}",
            "tag it with components.tags.locality_tags",
        )


def _cell_keys(tags: Mapping[str, Any]) -> list[str]:
    return sorted(key for key in tags if "".join(filter(str.isalnum, key)).lower() in _MEAN_THE_CELL)


def _tagged(resource: Resource, resources: Resources) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each place where the resource takes tags, and what it has there with what its provider adds.

    Nothing where tags are not known before a deploy.
    """
    if not resource.custom or resource.type in _CONTENT:
        return
    if resource.type.startswith("kubernetes:"):
        metadata = resource.inputs.get("metadata")
        if isinstance(metadata, Mapping) and metadata.get("labels") is not UNKNOWN:
            yield "metadata.labels", metadata.get("labels") or {}
        return
    added = _added(resource, resources)
    if argument := _taggable().get(resource.type):
        value = resource.inputs.get(argument)
        if value is not UNKNOWN:
            yield argument, {**added, **_mapping(value)}
    if path := _INNER.get(resource.type):
        around, _, last = path.rpartition(".")
        for holder in known_at(resource.inputs, around):
            if isinstance(holder, Mapping) and holder.get(last) is not UNKNOWN:
                yield path, _mapping(holder.get(last))


def _mapping(value: Any) -> Mapping[str, Any]:
    """Tags as a mapping; Auto Scaling has a list of them."""
    if isinstance(value, list):
        return {str(each.get("key")): each.get("value") for each in value if isinstance(each, Mapping)}
    return value if isinstance(value, Mapping) else {}


def _added(resource: Resource, resources: Resources) -> Mapping[str, Any]:
    name = _BY_DEFAULT.get(resource.type.partition(":")[0])
    provider = resources.provider_of(resource)
    defaults = setting(provider, name) if provider is not None and name else None
    if isinstance(defaults, Mapping):
        return _mapping(defaults.get("tags", {}) if name == "defaultTags" else defaults)
    return {}


@cache
def _taggable() -> Mapping[str, str]:
    """The argument that takes tags, by type."""
    table: Mapping[str, Mapping[str, list[str]]] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return {
        module + rest: argument
        for argument, modules in table.items()
        for module, some in modules.items()
        for rest in some
    }


def _violation(
    resource: Resource, resources: Resources, message: str, measured: str, limit: str, remedy: str = ""
) -> Violation:
    return Violation(TAGS, path_of(resources.stack), message, measured, limit, remedy, resource=resource.urn)

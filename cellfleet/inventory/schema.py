"""The JSON Schema of cells.yaml, made from the model, so that an editor helps while one types.

The model describes an inventory once `defaults` and `include` are merged; the schema describes the file before that.
What a schema cannot say is found by the loader alone: names that are not declared, ids given twice, a provider's own
terms (accounts, regions, zones), what only the text shows (YAML 1.1, duplicate keys, tags), host bits and octets of a
range, days that the calendar has not, numbers that are not finite or that are whole but written with a point, and
what included files hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from cellfleet.inventory.docstring import description
from cellfleet.inventory.mismatch import OWN
from cellfleet.inventory.model import Declared, Fleet

ID: Final = "urn:cellfleet:schema:cells:1"
_PARTIAL: Final = ("Backup", "Replication")
"""What a cell may have in part, the rest from `defaults`."""
_IS_UNMANAGED: Final = {"properties": {"managed": {"const": False}}, "required": ["managed"]}


def schema() -> dict[str, Any]:
    """The schema, draft 2020-12."""
    model = Fleet.model_json_schema(by_alias=True)
    definitions: dict[str, Any] = model["$defs"]
    for declared in _models(Declared):
        _describe(declared, model if declared is Fleet else definitions.get(declared.__name__, {}))
    needed = [*_needed(definitions)]
    cell = definitions["ManagedCell"]
    del cell["properties"]["name"]
    del definitions["UnmanagedCell"]["properties"]["name"]
    definitions["UnmanagedCell"]["required"].remove("name")
    cell["required"] = [name for name in cell["required"] if name in OWN and name != "name"]
    for name in _PARTIAL:
        del definitions[name]["required"]
    definitions["Defaults"] = {
        "description": "What managed cells have unless they say otherwise; mappings are merged key by key.",
        "type": ["object", "null"],
        "properties": {name: field for name, field in cell["properties"].items() if name not in OWN},
        "additionalProperties": False,
    }
    definitions["Route"]["oneOf"] = [{"required": ["service"]}, {"required": ["redirect"]}]
    properties = model["properties"]
    properties["cells"]["patternProperties"] = {
        pattern: {"if": _IS_UNMANAGED, "then": _definition("UnmanagedCell"), "else": _definition("ManagedCell")}
        for pattern in properties["cells"]["patternProperties"]
    }
    properties["defaults"] = _definition("Defaults")
    properties["include"] = {
        "type": ["array", "null"],
        "items": {"type": "string", "minLength": 1},
        "description": "Patterns of further files with cells, relative to this one; such a file holds `cells:` alone.",
        "examples": [["cells/*.yaml"]],
    }
    document: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "cells.yaml",
        "description": "A fleet of cells: everything in one inventory.",
        "type": "object",
        "properties": properties,
        "required": [name for name in model["required"] if name != "cells"],
        "anyOf": [{"required": ["cells"]}, {"required": ["include"]}],
        "allOf": [_unless_default(path) for path in needed],
        "additionalProperties": False,
        "$defs": dict(sorted(definitions.items())),
    }
    _tidy(document)
    return document


def text() -> str:
    """The schema as the file has it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _models(declared: type[Declared]) -> Iterator[type[Declared]]:
    for each in declared.__subclasses__():
        yield each
        yield from _models(each)


def _describe(declared: type[Declared], schema: dict[str, Any]) -> None:
    """Say what each of a mapping's keys is; keys of schemas stay in alphabetical order, as pydantic writes them."""
    properties: dict[str, dict[str, Any]] = schema.get("properties", {})
    for name, field in declared.model_fields.items():
        key = field.alias or name
        text = description(declared, name)
        if key in properties and text:
            properties[key] = dict(sorted({**properties[key], "description": text}.items()))


def _definition(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


def _needed(definitions: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """The paths that a managed cell needs and may have from `defaults`."""
    yield from ((name,) for name in definitions["ManagedCell"]["required"] if name not in OWN)
    for name in _PARTIAL:
        yield from ((name.lower(), key) for key in definitions[name]["required"])


def _unless_default(path: tuple[str, ...]) -> dict[str, Any]:
    """Every managed cell has a path of its own, unless `defaults` has it."""
    missing = [_managed_cells({"required": [path[-1]]})]
    if len(path) == 2:
        mapping, key = path
        of_its_own = {"if": {"type": "object"}, "then": {"required": [key]}}
        # A mapping that the defaults have in part is in every cell, so each has to complete it.
        completed = {"if": _in_defaults((mapping,)), "then": _managed_cells({"required": [mapping]})}
        missing = [_managed_cells({"properties": {mapping: of_its_own}}), completed]
    return {"if": _in_defaults(path), "else": {"allOf": missing}}


def _in_defaults(path: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object"} if len(path) == 1 and path[0] in map(str.lower, _PARTIAL) else {}
    for key in reversed(("defaults", *path)):
        found = {"type": "object", "properties": {key: found}, "required": [key]}
    return found


def _managed_cells(rule: dict[str, Any]) -> dict[str, Any]:
    managed = {"if": {"type": "object", "not": _IS_UNMANAGED}, "then": rule}
    return {"properties": {"cells": {"additionalProperties": managed}}}


def _tidy(schema: Any) -> None:
    """Close mappings to names that do not have their names' form, and drop titles that only repeat a key."""
    if isinstance(schema, list):
        for inner in schema:
            _tidy(inner)
    elif isinstance(schema, dict):
        if "patternProperties" in schema:
            names = schema.pop("propertyNames", {})
            schema.setdefault("description", names.get("description", ""))
            schema["additionalProperties"] = False
        for key, inner in schema.items():
            if key in ("properties", "$defs", "patternProperties"):
                for named in inner.values():
                    named.pop("title", None)
                    _tidy(named)
            elif key not in ("default", "examples", "const", "enum", "required"):
                _tidy(inner)

"""Where a document does not fit the model: what pydantic found, as faults in the words of the inventory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Final, TypeAlias, Union, get_args, get_origin

from pydantic import ValidationError

from cellfleet.inventory import rules
from cellfleet.inventory.fault import Fault, Path, dotted, listed, seen, similar
from cellfleet.inventory.model import Declared, Fleet, ManagedCell, UnmanagedCell

_NEEDED: Final = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "model_type": "a mapping",
    "mapping_type": "a mapping",
    "dict_type": "a mapping",
}
_BOUNDS: Final = {
    "greater_than": "more than {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than": "less than {lt}",
    "less_than_equal": "{le} or less",
    "string_too_long": "up to {max_length} characters",
    "string_too_short": "{min_length} characters or more",
    "too_short": "{min_length} or more",
    "too_long": "{max_length} or fewer",
}
_MODELS: Final[Mapping[str | int, type[Declared]]] = {"managed": ManagedCell, "unmanaged": UnmanagedCell}
"""By the tag that pydantic puts into the path of what is wrong with a cell."""
OWN: Final = ("name", "managed", "id", "id_ranges", "cidr", "restores")
"""What tells one cell from another, and so is not for `defaults`."""
_INJECTED: Final = [(tag, "name") for tag in _MODELS]
"""The field of a cell that its key under `cells:` says."""

_Field: TypeAlias = tuple[type[Declared], str]
"""A model, and the name that a field of it has in Python."""


def mismatches(error: ValidationError, within: Path = ()) -> Iterator[Fault]:
    """One fault for each thing that pydantic found.

    `within` is the path of what was validated: `()` for a whole document, `("defaults",)` for a managed cell's
    defaults.
    """
    for detail in error.errors(include_url=False):
        location = detail["loc"]
        model: type[Declared] | None = None
        if within:
            location, model = (*within, *location), ManagedCell
        elif location[:1] == ("cells",) and len(location) > 2:
            model = _MODELS.get(location[2])
            if location[2:] in _INJECTED:
                continue  # said of the key already
        path, at_key = _path(location)
        yield _fault(path, at_key, detail["type"], detail["msg"], detail["input"], detail.get("ctx", {}), model)


def _path(location: tuple[str | int, ...]) -> tuple[Path, bool]:
    """The path that pydantic means, without its tag of a cell's kind, and whether it means the key."""
    if len(location) > 2 and location[0] == "cells" and location[2] in _MODELS:
        location = (*location[:2], *location[3:])
    if location[-1:] == ("[key]",):
        return location[:-1], True
    return location, False


def _fault(
    path: Path,
    at_key: bool,
    kind: str,
    message: str,
    value: Any,
    context: Mapping[str, Any],
    cell: type[Declared] | None,
) -> Fault:
    name = f"`{path[-1]}`" if path and isinstance(path[-1], str) else dotted(path) or "the inventory"
    field = None if at_key else _field_at(path, cell)
    example = _example(field)
    if at_key:
        key = path[-1]
        if not isinstance(key, str):
            limit = "a name, in quotes where it looks like a number"
            return Fault(rules.TYPE, path, "a key is not text", seen(key), limit, at_key=True)
        if kind == "enum":
            return _choice(path, f"{name} is not one of its keys", key, context, at_key=True)
        limit = "lower-case letters, digits and hyphens, from a letter to a letter or digit, and not too long"
        return Fault(
            rules.VALUE, path, f"{name} cannot be a name here", _length(key), _form(context, limit), at_key=True
        )
    if kind == "missing" and path and isinstance(path[-1], int):
        return Fault(
            rules.VALUE, path[:-1], f"{dotted(path[:-1])} is too short", seen(value), "two numbers, first and last"
        )
    match kind:
        case "extra_forbidden":
            return _unknown(path, name, cell)
        case "missing":
            return Fault(
                rules.MISSING,
                path,
                f"{dotted(path[:-1]) or 'the inventory'} has no {name}",
                limit=_described(field),
                remedy=_added(path, example, cell),
                at_key=True,
            )
        case "literal_error" | "enum":
            return _choice(path, f"{name} has a value that it cannot have", value, context)
        case "string_pattern_mismatch":
            return Fault(
                rules.VALUE,
                path,
                f"{name} is not of the right form",
                _length(value),
                _form(context, _described(field)),
                _such_as(example),
            )
        case "value_error":
            return Fault(
                rules.VALUE,
                path,
                f"{name} is not of the right form",
                seen(value),
                _sentence(context, message),
                _such_as(example),
            )
        case _ if kind in _NEEDED:
            needed = _NEEDED[kind]
            return Fault(
                rules.TYPE, path, f"{name} is not {needed}", seen(value), needed, _retyped(kind, value, example)
            )
        case _ if kind in _BOUNDS:
            return Fault(rules.VALUE, path, f"{name} is out of bounds", seen(value), _BOUNDS[kind].format(**context))
        case _:
            return Fault(rules.VALUE, path, f"{name}: {message[:1].lower()}{message[1:]}", seen(value))


def _unknown(path: Path, name: str, cell: type[Declared] | None) -> Fault:
    """A key that the model does not have, with the one that was probably meant."""
    known = keys_at(path[:-1], cell)
    around = dotted(path[:-1]) or "an inventory"
    if cell is UnmanagedCell and path[-1] in _keys(ManagedCell):
        message, remedy = f"{name} is for managed cells only", "remove it, or `managed: false`"
    else:
        message, remedy = f"{around} has no key {name}", similar(path[-1], known)
    return Fault(rules.UNKNOWN_KEY, path, message, "", listed(known), remedy, at_key=True)


def _choice(path: Path, message: str, value: Any, context: Mapping[str, Any], *, at_key: bool = False) -> Fault:
    expected = str(context.get("expected", ""))
    if expected in ("True", "False"):  # which of the two decides between the models
        expected = "true or false"
    names = re.findall(r"'([^']*)'", expected)
    return Fault(
        rules.VALUE, path, message, seen(value), expected.replace("'", ""), similar(value, names), at_key=at_key
    )


def _length(value: Any) -> str:
    return f"{seen(value)}, {len(value)} characters" if isinstance(value, str) and len(value) > 15 else seen(value)


def _form(context: Mapping[str, Any], described: str) -> str:
    pattern = context.get("pattern")
    return f"{described} ({pattern})" if pattern and described else str(pattern or described)


def _sentence(context: Mapping[str, Any], message: str) -> str:
    return str(context.get("error", message.removeprefix("Value error, ")))


def _described(field: _Field | None) -> str:
    """What a field is, by its docstring's first sentence."""
    from cellfleet.inventory.docstring import description

    text = description(*field) if field else ""
    return re.split(r"[.;](?:\s|$)", " ".join(text.split()), maxsplit=1)[0]


def _example(field: _Field | None) -> str:
    """A field's first example, as YAML has it."""
    examples = (field[0].model_fields[field[1]].examples or []) if field else []
    if not examples:
        return ""
    return f"[{', '.join(examples[0])}]" if isinstance(examples[0], list) else str(examples[0])


def _added(path: Path, example: str, cell: type[Declared] | None) -> str:
    line = f"add `{path[-1]}: {example}`" if example else f"add `{path[-1]}:`"
    in_defaults = cell is ManagedCell and path[-1] not in OWN
    return f"{line}, here or for all cells under `defaults:`" if in_defaults else line


def _such_as(example: str) -> str:
    return f"write it like {example}" if example else ""


def _retyped(kind: str, value: Any, example: str) -> str:
    """How the value that was seen has to be written to have the type that is needed."""
    match kind, value:
        case "string_type", bool() | int() | float():
            return "put it in quotes"
        case "int_type" | "float_type", str() if re.fullmatch(r"[-+]?[0-9]+(\.[0-9]+)?", value):
            return f"write {value} without quotes"
        case "bool_type", str() if value.lower() in ("yes", "on", "y", "true", "no", "off", "n", "false"):
            return f"write {str(value.lower() in ('yes', 'on', 'y', 'true')).lower()}, without quotes"
        case "tuple_type", str() | int() | float():
            return f"write it as a list: [{value}]" if len(str(value)) < 60 else "write it as a list"
        case _:
            return _such_as(example)


def keys_at(path: Path, cell: type[Declared] | None = None) -> list[str]:
    """The keys that the mapping at a path may have; none where any name may stand.

    `cell` is the kind of cell that the path is in, where it is known.
    """
    keys = [key for model in _models_at(path, cell) for key in _keys(model)]
    return list(dict.fromkeys(keys if path else [*keys, "defaults", "include"]))


def _field_at(path: Path, cell: type[Declared] | None) -> _Field | None:
    if not path:
        return None
    fields = ((model, name, of) for model in _models_at(path[:-1], cell) for name, of in model.model_fields.items())
    return next(((model, name) for model, name, of in fields if (of.alias or name) == path[-1]), None)


def _keys(model: type[Declared]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items() if not field.exclude]


def _models_at(path: Path, cell: type[Declared] | None) -> list[type[Declared]]:
    """The models that a mapping at a path may be: more than one where a cell may be managed or not."""
    types: list[Any] = [Fleet]
    if path[:1] == ("defaults",):
        types, path = [ManagedCell], path[1:]
    for part in path:
        types = [inner for outer in types for inner in _inside(outer, part)]
        if cell in types:
            types = [cell]
    return [model for model in types if isinstance(model, type) and issubclass(model, Declared)]


def _inside(outer: Any, part: str | int) -> Iterator[Any]:
    if isinstance(outer, type) and issubclass(outer, Declared):
        for name, field in outer.model_fields.items():
            if (field.alias or name) == part:
                yield from _plain(field.annotation)
        return
    arguments = get_args(outer)
    if get_origin(outer) is tuple:
        yield from _plain(arguments[0])
    elif arguments:
        yield from _plain(arguments[-1])


def _plain(annotation: Any) -> Iterator[Any]:
    """The types that an annotation stands for, without what annotates them."""
    if get_origin(annotation) is Annotated:
        yield from _plain(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for member in get_args(annotation):
            yield from _plain(member)
    else:
        yield annotation

"""Check the inputs of a resource against the SDK's own argument types, as the provider behind the SDK would.

Takes the engine's wire form, with its special signature keys, and a recording's plain form alike: whatever is no JSON
value (a recorder's sentinel, say) stands for what only a deploy can tell, and is let through. Not checked: rules that
span several arguments, and the values of strings.
"""

from __future__ import annotations

import difflib
import inspect
import json
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi.runtime import rpc

from sandbox import types

_LONGEST_SHOWN: Final = 80
# What the engine adds to a provider's arguments, to find the plugin by.
_ENGINES_OWN: Final = ("version", "pluginDownloadURL", "pluginChecksums")


@dataclass(frozen=True, slots=True)
class Problem:
    """One argument that the provider would refuse."""

    path: str
    """`ingress[0].fromPort`; the first part is the resource's own argument."""
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


def problems(token: str, inputs: Mapping[str, Any]) -> list[str]:
    """What is wrong with the inputs of one resource, a sentence each; empty where nothing is.

    `token` is a resource's type or an explicit provider's (`pulumi:providers:aws`); Pulumi's own types are let through.
    """
    return [str(problem) for problem in check(token, inputs)]


def check(token: str, inputs: Mapping[str, Any]) -> list[Problem]:
    """Like `problems`, in parts."""
    if token.startswith("pulumi:pulumi:"):
        return []
    try:
        taken = types.arguments(token)
    except types.NoSuchTypeError:
        return [Problem("", f"there is no type {token} in the SDKs of {', '.join(types.SDKS)}")]
    if types.is_provider(token):
        own = {name: value for name, value in inputs.items() if name not in _ENGINES_OWN}
        inputs = {name: _decoded(value, taken.get(name)) for name, value in own.items()}
    if types.is_custom_kind(token):
        return [*_custom_kind(token, inputs), *_fields("", inputs, taken, token, open_ended=True)]
    return list(_fields("", inputs, taken, token))


def _custom_kind(token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    _, api_version, kind = token.split(":")
    for name, expected in (("apiVersion", api_version), ("kind", kind)):
        if isinstance(inputs.get(name), str) and inputs[name] != expected:
            yield Problem(name, f"{inputs[name]!r} is not {expected!r}, which the type says")


def _decoded(value: Any, field: types.Field | None) -> Any:
    """A provider's argument: the wire has anything but a string as JSON text."""
    if field is None or not isinstance(value, str) or value == rpc.UNKNOWN or str in field.alternatives:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _fields(
    path: str, given: Mapping[str, Any], taken: Mapping[str, types.Field], of: str, *, open_ended: bool = False
) -> Iterator[Problem]:
    for name in sorted(given.keys() - taken.keys()):
        if not open_ended and not name.startswith("__"):
            near = difflib.get_close_matches(name, taken, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield Problem(_join(path, name), f"not an argument of {of}{hint}")
    for name, field in taken.items():
        if given.get(name) is not None:
            yield from _value(_join(path, name), given[name], field.alternatives)
        elif field.required:
            yield Problem(_join(path, name), f"required by {of}, but not given")


def _value(path: str, value: Any, alternatives: Sequence[Any], *, secret: bool = False) -> list[Problem]:
    """The problems of a value as the alternative that it fits best."""
    if value is not None and not isinstance(value, str | bool | int | float | list | tuple | Mapping):
        return []
    if value == rpc.UNKNOWN:
        return []
    if isinstance(value, Mapping) and (signature := value.get(rpc._special_sig_key)):
        return _special(path, value, signature, alternatives)
    best: list[Problem] | None = None
    for alternative in alternatives:
        found = _as(path, value, alternative, secret=secret)
        if not found and found is not None:
            return []
        if found is not None and (best is None or len(found) < len(best)):
            best = found
    if best is not None:
        return best
    shown = "the secret" if secret else _shown(value)
    expected = " or ".join(dict.fromkeys(_described(each) for each in alternatives if each is not type(None)))
    return [Problem(path, f"{shown} is not {expected}")]


def _special(path: str, value: Mapping[str, Any], signature: str, alternatives: Sequence[Any]) -> list[Problem]:
    match signature:
        case rpc._special_secret_sig:
            return _value(path, value.get("value"), alternatives, secret=True)
        case rpc._special_output_value_sig:
            return _value(path, value["value"], alternatives, secret=True) if "value" in value else []
        case rpc._special_asset_sig | rpc._special_archive_sig:
            wanted = (pulumi.Asset, pulumi.Archive)
            if any(each is Any or (inspect.isclass(each) and issubclass(each, wanted)) for each in alternatives):
                return []
            return [Problem(path, "an asset is not taken here")]
        case _:
            return []


def _as(path: str, value: Any, alternative: Any, *, secret: bool) -> list[Problem] | None:
    """The problems of a value taken as one type; None where it is of another kind altogether."""
    origin = typing.get_origin(alternative)
    arguments = typing.get_args(alternative)
    fits = False
    if alternative is Any:
        fits = True
    elif alternative is type(None):
        fits = value is None
    elif origin is typing.Literal:
        fits = value in arguments
    elif types.is_enum(alternative):
        fits = any(value == each.value for each in alternative)
    elif alternative in (bool, str):
        fits = isinstance(value, alternative)
    elif alternative is float:
        fits = _is_number(value)
    elif alternative is int:
        fits = _is_number(value) and float(value).is_integer()
    elif isinstance(value, list | tuple) and _is_sequence(alternative, origin):
        inner = types.alternatives(arguments[0]) if arguments else [Any]
        return [each for n, item in enumerate(value) for each in _value(f"{path}[{n}]", item, inner, secret=secret)]
    elif isinstance(value, Mapping) and types.is_object(alternative):
        return list(_fields(path, value, types.fields(alternative), alternative.__name__.removesuffix("Args")))
    elif isinstance(value, Mapping) and _is_mapping(alternative, origin):
        inner = types.alternatives(arguments[1]) if arguments else [Any]
        return [each for name, item in value.items() for each in _value(_join(path, name), item, inner, secret=secret)]
    return [] if fits else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_sequence(alternative: Any, origin: Any) -> bool:
    kind = origin or alternative
    return inspect.isclass(kind) and issubclass(kind, Sequence) and kind is not str


def _is_mapping(alternative: Any, origin: Any) -> bool:
    kind = origin or alternative
    return inspect.isclass(kind) and issubclass(kind, Mapping)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _described(alternative: Any) -> str:
    origin = typing.get_origin(alternative)
    if origin is typing.Literal:
        return " or ".join(map(repr, typing.get_args(alternative)))
    if types.is_enum(alternative):
        return f"one of {', '.join(str(each.value) for each in alternative)}"
    if _is_sequence(alternative, origin):
        return "a list"
    if types.is_object(alternative):
        return f"an object {alternative.__name__.removesuffix('Args')}"
    if _is_mapping(alternative, origin):
        return "a mapping"
    if inspect.isclass(alternative) and issubclass(alternative, pulumi.Asset | pulumi.Archive):
        return "an asset or archive"
    return {bool: "a boolean", str: "a string", int: "a whole number", float: "a number"}.get(
        alternative, str(alternative)
    )

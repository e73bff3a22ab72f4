"""The types of a resource, read off the SDK's own Python classes: what it takes and what it gives.

The SDKs import lazily and not safely from several threads, so everything that may import stands behind one lock, and
only the modules of the types asked for are ever imported: all of the four SDKs together are gigabytes.
"""

from __future__ import annotations

import enum
import fnmatch
import functools
import importlib
import inspect
import sys
import threading
import types
import typing
import warnings
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi import _types as pulumi_types  # private, and the only place that knows wire names; the SDK is pinned
from pulumi.runtime import rpc

SDKS: Final = {
    "aws": "pulumi_aws",
    "gcp": "pulumi_gcp",
    "azure-native": "pulumi_azure_native",
    "kubernetes": "pulumi_kubernetes",
}
_PROVIDER_PREFIX: Final = "pulumi:providers:"
_importing = threading.RLock()


@dataclass(frozen=True, slots=True)
class Field:
    """One named value of a resource or of an object inside one."""

    alternatives: tuple[Any, ...]
    """The types that a known value may have: a Python type, an enum, a literal, a generic sequence or mapping."""
    required: bool


class NoSuchTypeError(LookupError):
    """The SDK has no resource of this token."""


def sdk_of(token: str) -> str:
    """The package of a token: `aws` of `aws:ec2/vpc:Vpc` and of `pulumi:providers:aws`."""
    return token.removeprefix(_PROVIDER_PREFIX).split(":")[0]


def is_provider(token: str) -> bool:
    return token.startswith(_PROVIDER_PREFIX)


def is_custom_kind(token: str) -> bool:
    """Whether the token, `kubernetes:<apiVersion>:<Kind>`, is of a CustomResourceDefinition: the SDK lacks it."""
    return sdk_of(token) == "kubernetes" and not is_provider(token) and token not in _classes("kubernetes")


def any_like(pattern: str) -> bool:
    """Whether the SDKs have a resource whose token is a pattern, `aws:rds/*`; any kind may be one of Kubernetes."""
    sdk = sdk_of(pattern)
    if sdk == "kubernetes" and pattern.count(":") == 2:
        return True
    return any(fnmatch.filter(_classes(each), pattern) for each in ([sdk] if sdk in SDKS else SDKS))


@functools.cache
def arguments(token: str) -> Mapping[str, Field]:
    """What a resource takes, by wire name; raises NoSuchTypeError."""
    with _importing:
        taken = _arguments_class(_class_of(token))
        return fields(taken) if taken is not None else {}


@functools.cache
def results(token: str) -> Mapping[str, Field]:
    """What a resource gives, by wire name, its `id` and `urn` left out; raises NoSuchTypeError."""
    with _importing:
        given = fields(_class_of(token))
    return {name: field for name, field in given.items() if name not in ("id", "urn")}


@functools.cache
def fields(cls: type) -> Mapping[str, Field]:
    """The fields of a class that pulumi's code generator wrote."""
    with _importing:
        hints = pulumi_types._raw_return_hints(cls)
        required = pulumi_types._required_property_names(cls)
    return {name: Field(tuple(alternatives(hint)), name in required) for name, hint in hints.items()}


def is_object(cls: Any) -> bool:
    """Whether a type is an object with named fields of its own."""
    return inspect.isclass(cls) and (pulumi_types.is_input_type(cls) or pulumi_types.is_output_type(cls))


def is_enum(cls: Any) -> typing.TypeGuard[type[enum.Enum]]:
    return inspect.isclass(cls) and issubclass(cls, enum.Enum)


def alternatives(hint: Any) -> list[Any]:
    """The types that a known, plain value may have by an annotation, which also has what may be awaited."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return [each for part in typing.get_args(hint) for each in alternatives(part)]
    if origin is pulumi.Output:
        return [each for each in alternatives(typing.get_args(hint)[0]) if each is not type(None)]
    return [] if origin is Awaitable else [hint]


@functools.cache
def _classes(sdk: str) -> Mapping[str, tuple[str, str]]:
    """The module and class of each token of an SDK."""
    with _importing:
        importlib.import_module(SDKS[sdk])
        described: list[dict[str, Any]] = [
            vars(module)["mod_info"] for modules in rpc._RESOURCE_MODULES.values() for module in modules
        ]
    return {
        token: (each["fqn"], name)
        for each in described
        if each["pkg"] == sdk
        for token, name in each["classes"].items()
    }


def _class_of(token: str) -> type:
    sdk = sdk_of(token)
    if sdk not in SDKS:
        raise NoSuchTypeError(token)
    if is_provider(token):
        module, name = SDKS[sdk], "Provider"
    elif token in _classes(sdk):
        module, name = _classes(sdk)[token]
    elif sdk == "kubernetes" and token.count(":") == 2:
        module, name = "pulumi_kubernetes.apiextensions", "CustomResource"
    else:
        raise NoSuchTypeError(token)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the SDKs warn of modules of their own
        return typing.cast(type, getattr(importlib.import_module(module), name))


def _arguments_class(cls: type) -> type | None:
    """The class of the one object that a resource's constructor takes; a custom kind's stands beside it."""
    if cls.__name__ == "CustomResource":
        return typing.cast(type, vars(sys.modules[cls.__module__])["CustomResourceArgs"])
    for overload in typing.get_overloads(cls.__init__):  # type: ignore[misc]
        hint = overload.__annotations__.get("args")
        if hint is None:
            continue
        names = dict(vars(sys.modules[cls.__module__]))
        resolved = eval(hint, names) if isinstance(hint, str) else hint
        for each in typing.get_args(resolved) or (resolved,):
            if each is not type(None):
                taken = eval(each.__forward_arg__, names) if isinstance(each, typing.ForwardRef) else each
                return typing.cast(type, taken)
    return None

"""Values as the engine sends them, turned into plain Python and back.

Secrets and unknowns stay marked, each as the engine marks it: a secret is an object with a signature, an unknown a
string that is no other. What is written to disk is veiled first: a secret's keyed digest in the place of its value.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

UNKNOWN: Final = rpc.UNKNOWN
_SIGNATURE: Final = rpc._special_sig_key
_SECRET: Final = rpc._special_secret_sig
_VEILED: Final = "sandbox:secret"
Values = dict[str, Any]


def plain(struct: struct_pb2.Struct) -> Values:
    """The fields of a message; whole numbers are ints. Several times faster than protobuf's own way through JSON."""
    return {name: _plain(value) for name, value in struct.fields.items()}


def _plain(value: struct_pb2.Value) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "list_value":
            return [_plain(each) for each in value.list_value.values]
        case "struct_value":
            return plain(value.struct_value)
        case _:
            return None


def struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """The message of some values; an absent value and None are the same."""
    message = struct_pb2.Struct()
    message.update({name: value for name, value in values.items() if value is not None})
    return message


def opened(value: Any) -> Any:
    """The value with every secret in it in the open: to compare and to compute with, never to be written down."""
    match value:
        case {rpc._special_sig_key: rpc._special_secret_sig, "value": secret}:
            return opened(secret)
        case dict():
            return {name: opened(inner) for name, inner in value.items()}
        case list():
            return [opened(inner) for inner in value]
        case _:
            return value


def is_unknown(value: Any) -> bool:
    """Whether a value, or anything in it, can only be told by a deploy."""
    match value:
        case dict():
            return any(map(is_unknown, value.values()))
        case list():
            return any(map(is_unknown, value))
        case _:
            return bool(value == UNKNOWN)


def veiled(value: Any, key: bytes) -> Any:
    """The value with the digest, under `key`, of every secret in its place."""
    match value:
        case {rpc._special_sig_key: rpc._special_secret_sig, "value": secret}:
            text = json.dumps(opened(secret), sort_keys=True, default=str)
            return {_VEILED: hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}
        case dict():
            return {name: veiled(inner, key) for name, inner in value.items()}
        case list():
            return [veiled(inner, key) for inner in value]
        case _:
            return value


def unveiled(value: Any, known: Any, key: bytes) -> Any:
    """A stored value with its secrets taken from `known`, the caller's own copy, where that has the same ones.

    A secret that the caller does not know is answered with a marked placeholder: a cloud does not read passwords back.
    """
    match value:
        case {"sandbox:secret": digest}:
            if veiled(known, key) == {_VEILED: digest}:
                return known
            return {_SIGNATURE: _SECRET, "value": "(not readable)"}
        case dict():
            own = known if isinstance(known, dict) else {}
            return {name: unveiled(inner, own.get(name), key) for name, inner in value.items()}
        case list():
            items = known if isinstance(known, list) and len(known) == len(value) else [None] * len(value)
            return [unveiled(inner, item, key) for inner, item in zip(value, items, strict=True)]
        case _:
            return value

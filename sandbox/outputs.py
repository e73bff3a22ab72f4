"""What a cloud answers with once something is made: its inputs, and plausible values for everything else of its type.

The values derive from the thing's seed alone, so that reading it again and updating it give the same ones.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sandbox import types
from sandbox.cloud import Cloud, Draft, Template
from sandbox.naming import DEFAULTS
from sandbox.wire import UNKNOWN, Values

CREATED: Final = "2026-11-24T00:00:00Z"
_DEEPEST: Final = 4


class _Absent(dict[str, Any]):
    """Inputs by name; what was not given reads as empty text."""

    def __missing__(self, name: str) -> str:
        return ""


def made_up(cloud: Cloud, draft: Draft, inputs: Mapping[str, Any]) -> Values:
    """The outputs of a resource whose wire-form `inputs` are known."""
    outputs = {name: value for name, value in inputs.items() if name != DEFAULTS and value is not None}
    own = cloud.outputs(draft.token)
    for name, field in types.results(draft.token).items():
        if name in outputs:
            outputs[name] = _shaped(name, outputs[name], field.alternatives, draft)
        if name in own:
            outputs[name] = _merged(filled(own[name], draft), outputs.get(name))
        elif name in outputs:
            continue
        elif name in cloud.common_outputs:
            outputs[name] = filled(cloud.common_outputs[name], draft)
        elif field.required:
            outputs[name] = _generic(name, field.alternatives, draft, _DEEPEST)
    return outputs


def foreseen(cloud: Cloud, token: str, inputs: Mapping[str, Any]) -> Values:
    """The outputs of a resource that a preview would make: what is no input is unknown."""
    outputs: Values = dict.fromkeys(types.results(token), UNKNOWN)
    partly = {name for name in cloud.outputs(token) if isinstance(inputs.get(name), dict | list)}
    return outputs | {name: value for name, value in _given(token, inputs).items() if name not in partly}


def foreseen_after(token: str, inputs: Mapping[str, Any], was: Mapping[str, Any], before: Mapping[str, Any]) -> Values:
    """The outputs of a resource that a preview would update: those of before, but for what changes in its inputs."""
    changed = {name: value for name, value in inputs.items() if value != was.get(name)}
    return {**before, **{name: _merged(before.get(name), value) for name, value in _given(token, changed).items()}}


def _given(token: str, inputs: Mapping[str, Any]) -> Values:
    """The inputs as outputs, in a preview."""
    taken = types.results(token)
    return {
        name: _shaped(name, value, taken[name].alternatives, None) if name in taken else value
        for name, value in inputs.items()
        if name != DEFAULTS and value is not None
    }


def filled(template: Template, draft: Draft) -> Any:
    """A template with the draft's values in it."""
    match template:
        case str():
            if "{" not in template:
                return template
            words = {name: getattr(draft, name) for name in _WORDS if "{" + name in template}
            return template.format(inputs=_Absent(draft.inputs), **words)
        case dict():
            return {name: filled(inner, draft) for name, inner in template.items()}
        case list():
            return [filled(inner, draft) for inner in template]
        case _ if callable(template):
            return template(draft)
        case _:
            return template


_WORDS: Final = ("account", "digits", "guid", "id", "ip", "logical", "name", "region", "seed")


def _merged(made: Any, given: Any) -> Any:
    """What was made up, under what was given."""
    if isinstance(made, dict) and isinstance(given, dict):
        return {**made, **{name: _merged(made.get(name), value) for name, value in given.items()}}
    if isinstance(made, list) and isinstance(given, list) and len(made) == len(given):
        return [_merged(one, other) for one, other in zip(made, given, strict=True)]
    return made if given is None else given


def _shaped(name: str, value: Any, alternatives: Sequence[Any], draft: Draft | None) -> Any:
    """What was given, in the form that is given back: Azure takes a list of identities and answers with a mapping.

    In a preview there is no draft, and what the cloud would add is unknown.
    """
    if not alternatives or not isinstance(value, dict | list):
        return value
    first = alternatives[0]
    origin = typing.get_origin(first) or first
    arguments = typing.get_args(first)
    if isinstance(value, dict) and types.is_object(first):
        inner = types.fields(first)
        return {
            each: _shaped(each, one, inner[each].alternatives, draft) if each in inner else one
            for each, one in value.items()
        }
    if isinstance(value, list) and arguments and inspect.isclass(origin):
        if issubclass(origin, Mapping):
            return (
                UNKNOWN
                if draft is None
                else {key: _generic(name, types.alternatives(arguments[1]), draft, _DEEPEST) for key in value}
            )
        if issubclass(origin, Sequence):
            return [_shaped(name, one, types.alternatives(arguments[0]), draft) for one in value]
    return value


def _generic(name: str, alternatives: Sequence[Any], draft: Draft, deep: int) -> Any:
    """A value of one of the types, that the field's name makes likely."""
    if not alternatives or deep == 0:
        return None
    first = alternatives[0]
    origin = typing.get_origin(first) or first
    if origin is typing.Literal:
        return typing.get_args(first)[0]
    if types.is_enum(first):
        return next(iter(first)).value
    if first is str:
        return _text(name, draft)
    if first in (int, float):
        return 0
    if first is bool:
        return False
    if types.is_object(first):
        return {
            inner: _generic(inner, field.alternatives, draft, deep - 1)
            for inner, field in types.fields(first).items()
            if field.required
        }
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        return {}
    if inspect.isclass(origin) and issubclass(origin, Sequence):
        return []
    return None


def _text(name: str, draft: Draft) -> str:
    lower = name.lower()
    if lower in ("name", "fullname"):
        return draft.name
    if lower.endswith("arn"):
        return (
            draft.id if draft.id.startswith("arn:") else f"arn:aws:{lower}:{draft.region}:{draft.account}:{draft.name}"
        )
    if lower in ("region", "location", "project", "account", "accountid", "ownerid"):
        return draft.region if lower in ("region", "location") else draft.account
    if any(part in lower for part in ("time", "createdat", "date", "timestamp")):
        return CREATED
    if lower.endswith(("status", "state")):
        return "ACTIVE"
    if lower.endswith(("uri", "url", "link", "endpoint")):
        return f"https://{draft.seed[:12]}.example.com"
    if lower.endswith(("ip", "ipaddress", "address")):
        return draft.ip
    if lower.endswith(("guid", "uuid", "tenantid", "principalid", "clientid")):
        return draft.guid
    return f"{draft.name}-{draft.seed[:8]}"

"""A bad and a good example of each rule, as files of data (`policies/examples/<ID>.yaml`) that tests run.

An example has one sentence, `says`, and either `text`, a snippet that is shown as it is, or the keys of a case: what is
changed in a fleet that violates nothing, in what its programs register, and in the files that are rendered of it
(`tests/policies/case.py`). Of an inventory in several files, `files` are the others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml_rs

FOLDER: Final = Path(__file__).parent / "examples"
_WIDEST: Final = 88
"""Columns of a line of what is shown."""
_PLAIN: Final = re.compile(r"(?!(?:true|false|null|~|yes|no|on|off)$)[A-Za-z/][\w ./*@+-]*(?<! )", re.IGNORECASE)
"""Text that YAML reads as itself without quotes."""
_NUMBERED: Final = re.compile(r"\d+(\.\d+){3}(/\d+)?|\d{4}-\d\d-\d\d")
"""Addresses and days, which need none either."""
_TENANT: Final = "id,slug,cell,group,requests_per_second,storage_gib"
_INVENTORIES: Final = {"before": "cells.yaml before the change", "change": "cells.yaml"}
_RENDERED: Final = {
    "envoy": "what `cellfleet render envoy` writes for {locality}",
    "synapse": "what `cellfleet render synapse` writes for {locality}",
    "dns": "what `cellfleet render dns` writes",
    "certificate": "the certificate of the routers of {locality}",
}
_TENANT_FILES: Final = {"tenants_before": "tenants.csv before the change", "tenants": "tenants.csv"}


@dataclass(frozen=True, slots=True)
class Example:
    """What a rule finds something in, or nothing."""

    says: str
    content: Mapping[str, Any]
    """Its case, or `text`."""

    @property
    def is_case(self) -> bool:
        return "text" not in self.content

    def lines(self) -> Iterator[str]:
        """The example as a person reads it: YAML and CSV, each after a comment that tells what file it stands in."""
        if not self.is_case:
            yield from str(self.content["text"]).rstrip().splitlines()
            return
        if "as_of" in self.content:
            yield f"# on {self.content['as_of']}"
        for key, title in _INVENTORIES.items():
            if self.content.get(key):
                after = " after the change" if key == "change" and "before" in self.content else ""
                yield from (f"# {title}{after}", *_block(self.content[key]))
        for name, text in self.content.get("files", {}).items():
            yield from (f"# {name}", *text.splitlines())
        for key, title in _TENANT_FILES.items():
            if key in self.content:
                yield from (f"# {title}", _TENANT, *(",".join(map(str, row)) for row in self.content[key]))
        if "stack" in self.content:
            yield from _resources(self.content)
        if "target" in self.content:
            yield from _rendered(self.content)


@dataclass(frozen=True, slots=True)
class Examples:
    """The two examples of one rule."""

    bad: Example
    good: Example


def examples_of(rule: str) -> Examples | None:
    """Those of a rule; None where it has none."""
    file = FOLDER / f"{rule}.yaml"
    if not file.is_file():
        return None
    pair: Any = yaml_rs.loads(file.read_text(encoding="utf-8"), parse_datetime=False)
    return Examples(_example(pair["bad"]), _example(pair["good"]))


def _example(content: Mapping[str, Any]) -> Example:
    return Example(content["says"], {key: value for key, value in content.items() if key != "says"})


def _resources(case: Mapping[str, Any]) -> Iterator[str]:
    changed = any(case.get(key) for key in ("set", "refer", "add", "remove"))
    verb = "has deployed" if case.get("deployed") else "registers"
    yield f"# what stack {case['stack']} {verb}{'' if changed else ', as it is'}"
    for one in case.get("set", ()):
        yield f"{_resource(one)}:"
        yield from _block({one["path"]: one["value"]}, "  ")
    for one in case.get("refer", ()):
        yield f"{_resource(one)}:"
        yield from _block({one["path"]: f"(that of {one['to']} {one.get('to_name', '')}".rstrip() + ")"}, "  ")
    for one in case.get("add", ()):
        came = {name: f"(that of the stack's {kind})" for name, kind in one.get("refers", {}).items()}
        yield f"{_resource(one)}:  # one more"
        yield from _block({**one.get("inputs", {}), **came}, "  ")
    for one in case.get("remove", ()):
        yield f"{_resource(one)}: null  # there is none"


def _rendered(case: Mapping[str, Any]) -> Iterator[str]:
    """A target's files, as a patch to them."""
    what = _RENDERED[case["target"]].format(locality=case.get("locality"))
    if not case.get("edit"):
        yield f"# {what}, as it is"
    for edit in case.get("edit", ()):
        yield f"# {what}, but in {edit['file']}"
        yield from (f"- {line}" for line in edit["find"].splitlines())
        yield from (f"+ {line}" for line in edit["replace"].splitlines())


def _resource(one: Mapping[str, Any]) -> str:
    name = one.get("name", "*")
    return one["type"] if name == "*" else f"{one['type']} {name}"


def _block(content: Mapping[str, Any], margin: str = "") -> Iterator[str]:
    """A mapping, with each value on the line of its key where it fits."""
    for key, value in content.items():
        line = f"{margin}{_scalar(key)}: {_flow(value)}"
        if len(line) <= _WIDEST or not value or not isinstance(value, dict | list):
            yield line
            continue
        yield f"{margin}{_scalar(key)}:"
        if isinstance(value, dict):
            yield from _block(value, f"{margin}  ")
        else:
            yield from (f"{margin}  - {_flow(item)}" for item in value)


def _flow(value: Any) -> str:
    match value:
        case dict():
            return f"{{{', '.join(f'{_scalar(key)}: {_flow(one)}' for key, one in value.items())}}}"
        case list():
            return f"[{', '.join(map(_flow, value))}]"
        case _:
            return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str) and (_PLAIN.fullmatch(value) or _NUMBERED.fullmatch(value)):
        return value
    return json.dumps(value, ensure_ascii=False)

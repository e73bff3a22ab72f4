"""Which resources of the clouds take tags, read off the SDKs' sources: to import all of them would take gigabytes."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SDKS: Final = {
    "pulumi_aws": ("tags",),
    "pulumi_gcp": ("user_labels", "resource_labels", "labels"),
    "pulumi_azure_native": ("tags",),
}
"""The arguments that hold tags. Where a type has several, the first: `labels` then are settings."""

_TOKEN: Final = re.compile(r"super\(\w+, __self__\)\.__init__\(\s*'([^']+)',")
_ARGUMENTS: Final = re.compile(r"^class \w+Args:\n    def __init__\(__self__, \*,(.*?)\):\n", re.DOTALL | re.MULTILINE)
# A mapping that is asked for is no place for tags but what the resource is about (a group's kind, say).
_OPTIONAL: Final = r"^ +{}: pulumi\.Input\[Optional\[({}|{})"
_TAGS: Final = (r"Mapping\[str, pulumi\.Input\[_builtins\.str\]\]", r"Sequence\[pulumi\.Input\['GroupTagArgs'\]\]")


def taggable() -> str:
    """The types as JSON: by argument, by module, the rest of each token."""
    found: dict[str, dict[str, list[str]]] = {}
    for package, names in SDKS.items():
        for token, name in _types(package, names):
            module, _, rest = token.rpartition("/" if "/" in token else ":")
            found.setdefault(_wire(name), {}).setdefault(module + token[len(module)], []).append(rest)
    for modules in found.values():
        for module in modules:
            modules[module] = sorted(modules[module])
    text = json.dumps(found, sort_keys=True, indent=1)
    # One module a line, so that a new version of an SDK changes few lines.
    return re.sub(r"\[\n\s+|,\n\s+(?=\"[^\"]+\"(,|\n\s+\]))|\n\s+\]", _unbroken, text) + "\n"


def _unbroken(broken: re.Match[str]) -> str:
    return {"[": "[", ",": ", "}.get(broken[0][0], "]")


def _types(package: str, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    spec = importlib.util.find_spec(package)
    assert spec, package
    assert spec.origin, package
    for source in sorted(Path(spec.origin).parent.rglob("*.py")):
        text = source.read_text(encoding="utf-8")
        token, arguments = _TOKEN.search(text), _ARGUMENTS.search(text)
        if token is None or arguments is None:
            continue
        for name in names:
            if re.search(_OPTIONAL.format(name, *_TAGS), arguments[1], re.MULTILINE):
                yield token[1], name
                break


def _wire(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))

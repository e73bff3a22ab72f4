"""The form that Envoy brings a request's path into before it looks for a route.

With `normalize_path`, escapes of unreserved characters are undone and some other characters are escaped, backslashes
are slashes, and dot segments are resolved: escaped ones too, and plain ones with parameters (`..;x`). An escaped slash
stays one. Seen in Envoy 1.40, 2026-11; the tests hold it to a running one.
"""

from __future__ import annotations

import re
from typing import Final

_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPED: Final = str.maketrans({sign: f"%{ord(sign):02X}" for sign in '"<>^`{|}'})
_SLASHES: Final = re.compile("/{2,}")
_PARAMETERS: Final = re.compile(r"(/\.\.?);[^/]*")
"""Of a dot segment that is not escaped; up to the next slash that is none."""
_BROKEN: Final = re.compile(r"%(?=[0-9A-Fa-f]{2}\Z)")


def normal(path: str) -> str | None:
    """The path in its normal form, or None where it is none that Envoy takes."""
    if not path.startswith("/"):
        return None
    kept: list[str] = []
    segments = _PARAMETERS.sub(r"\1", path)[1:].replace("\\", "/").split("/")
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        plain = _unescaped(segment)
        if plain in (".", ".."):
            if plain == ".." and kept:
                kept.pop()
            if last:
                kept.append("")
        elif "%00" in segment:
            return None
        else:
            kept.append(plain.translate(_ESCAPED))
    return "/" + "/".join(kept)


def merged(path: str) -> str:
    """The path with no two slashes beside each other."""
    return _SLASHES.sub("/", path)


def parameters(query: str) -> dict[str, str]:
    """The first value of each parameter, as it was sent."""
    found: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if pair:
            found.setdefault(name, value)
    return found


def _unescaped(segment: str) -> str:
    """The segment with escapes of unreserved characters undone.

    Where that would make an escape of what was none (`%2%41`), the percent sign before it is escaped.
    """
    made, end = "", 0
    for escape in _ESCAPE.finditer(segment):
        made += segment[end : escape.start()]
        end = escape.end()
        sign = chr(int(escape[1], 16))
        if sign not in _UNRESERVED:
            made += escape[0]
            continue
        made += sign
        made = _BROKEN.sub("%25", made) if _BROKEN.search(made) else made
    return made + segment[end:]

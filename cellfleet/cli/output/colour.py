"""Whether colours are wanted, and their escape sequences."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final, TextIO


@dataclass(frozen=True, slots=True)
class Palette:
    """Escape sequences, or empty strings."""

    bold: str = ""
    red: str = ""
    yellow: str = ""
    blue: str = ""
    green: str = ""
    dim: str = ""
    plain: str = ""
    """Back to the terminal's own."""


_COLOURS: Final = Palette("\033[1m", "\033[1;31m", "\033[1;33m", "\033[34m", "\033[32m", "\033[2m", "\033[0m")


def palette(stream: TextIO) -> Palette:
    """Colours where the stream is a terminal that has them, or FORCE_COLOR asks for them; NO_COLOR forbids them."""
    if os.environ.get("NO_COLOR"):
        return Palette()
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return _COLOURS
    return _COLOURS if stream.isatty() and os.environ.get("TERM") != "dumb" else Palette()

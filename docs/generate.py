"""Writes the generated pages of docs/ and what rules know of the SDKs; with `--check` only says which are stale."""

from __future__ import annotations

import sys
from pathlib import Path

from cellfleet.inventory.load import load
from docs.picture import picture
from docs.resources import resources
from docs.rules import rules
from docs.taggable import taggable

ROOT = Path(__file__).parent.parent


def main() -> int:
    fleet = load(ROOT / "cells.yaml")
    pages = {
        ROOT / "docs/resources.md": resources(fleet),
        ROOT / "docs/fleet.svg": picture(fleet),
        ROOT / "docs/rules.md": rules(),
        ROOT / "policies/isolation/taggable.json": taggable(),
    }
    if "--check" not in sys.argv:
        for path, text in pages.items():
            path.write_text(text)
        return 0
    stale = [path.relative_to(ROOT) for path, text in pages.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        print(f"{path} is stale: run `make docs` and commit what it writes", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())

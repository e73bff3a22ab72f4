"""From cells.yaml to a `Fleet`."""

from __future__ import annotations

from pathlib import Path

import yaml_rs

from cellfleet.inventory.model import Fleet


def load(path: Path) -> Fleet:
    """Read an inventory.

    Raises Invalid with everything that is wrong with it.
    """
    document = yaml_rs.loads(path.read_text(), parse_datetime=False)
    defaults = document.pop("defaults", {})
    document.pop("include", None)
    for name, cell in document["cells"].items():
        document["cells"][name] = {**(defaults if cell.get("managed", True) else {}), **cell, "name": name}
    return Fleet.model_validate(document)

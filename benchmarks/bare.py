"""The least that any reader of the same files has to do: parse them, and hold them against the model.

No name is looked up, no region known, no place of a fault kept.
`python -m benchmarks.bare CELLS_YAML`
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml_rs

from cellfleet.inventory.model import Fleet


def main(path: Path) -> None:
    document = yaml_rs.loads(path.read_text(), parse_datetime=False)
    assert isinstance(document, dict)
    defaults = document.pop("defaults", {})
    for name, cell in document["cells"].items():
        document["cells"][name] = {**(defaults if cell.get("managed", True) else {}), **cell, "name": name}
    fleet = Fleet.model_validate(document)
    if fleet.tenants is not None:
        from pyarrow import csv

        csv.read_csv(path.parent / fleet.tenants.file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""`cellfleet schema`: the JSON Schema that editors and CI check cells.yaml by."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cellfleet.cli import FAILED
from cellfleet.inventory.schema import text


def schema(
    *, check: Annotated[bool, Parameter(negative="")] = False, to: Path = Path("schemas/cells.schema.json")
) -> int:
    """Write the JSON Schema of the inventory.

    Parameters
    ----------
    check
        Write nothing; fail where the file is not what would be written.
    to
        The file to write.
    """
    if not check:
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text(), encoding="utf-8")
        print(f"{to} is written")
        return 0
    if to.is_file() and to.read_text(encoding="utf-8") == text():
        print(f"{to} is up to date")
        return 0
    print(f"{to} is not what `cellfleet schema` writes: run it, and commit the result")
    return FAILED

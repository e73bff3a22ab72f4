"""What is not destroyed, whatever is accepted; that the rest is, `test_up` shows over the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from cellfleet.cli.destroy import _refuse
from cellfleet.failure import Failure
from cellfleet.inventory.load import load
from tests.fleets import text

BOTH: Final = ("cell-us-k8s-1", "workload-us-k8s-1")
LISTED: Final = "id,slug,cell,group,requests_per_second,storage_gib\n1,acme,{cell},,1.0,1.0\n"
RETIRED: Final[dict[str, Any]] = {
    "cells.us-k8s-1.state": "retired",
    "tenants": {"file": "tenants.csv", "authority": "inventory"},
}


def refused(folder: Path, cell: str | None) -> Failure | None:
    """What refuses to destroy a retired cell while a tenant is listed in a cell; None where nothing does."""
    (folder / "cells.yaml").write_text(text(RETIRED))
    if cell:
        (folder / "tenants.csv").write_text(LISTED.format(cell=cell))
    try:
        _refuse(load(folder / "cells.yaml"), BOTH, frozenset(BOTH), frozenset({"us-k8s-1"}))
    except Failure as failure:
        return failure
    return None


def test_a_retired_cell_with_tenants_in_it_is_not_destroyed(tmp_path: Path) -> None:
    assert (failure := refused(tmp_path, "us-k8s-1")) is not None
    assert "(LIF-10)" in failure.message
    assert "lists 1 in us-k8s-1." in failure.message
    assert failure.exit_code == 5
    assert refused(tmp_path, "us-aws-1") is None


def test_tenants_that_cannot_be_read_keep_nobody_from_destroying(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(tmp_path, None) is None
    assert "is not known" in capsys.readouterr().err

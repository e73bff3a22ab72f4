"""What stops a run before it begins; the runs themselves are in `test_up`."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellfleet.cli.deploy import session
from cellfleet.inventory.finding import Invalid
from tests.fleets import text


def test_a_number_that_no_rule_understands_is_told_once_and_not_by_each_program(tmp_path: Path) -> None:
    (tmp_path / "cells.yaml").write_text(text({"policies": {"CAP-07": {"zone": 2}}}))
    with pytest.raises(Invalid) as told, session(tmp_path / "cells.yaml", (), sandbox=False, parallel=0):
        pass
    assert [(one.rule, one.subject) for one in told.value.findings] == [("INV-22", "policies.CAP-07.zone")]

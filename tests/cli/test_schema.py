"""`cellfleet schema`: writes the schema, and tells when it is stale."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cellfleet.cli import main


def test_it_is_written_and_then_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["schema", "--check"]) == 1
    assert main(["schema"]) == 0
    assert main(["schema", "--check"]) == 0
    written = tmp_path / "schemas" / "cells.schema.json"
    assert json.loads(written.read_text())["title"] == "cells.yaml"
    written.write_text(written.read_text().replace("cells.yaml", "cell.yaml", 1))
    assert main(["schema", "--check"]) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("schemas/cells.schema.json is not what")


def test_the_committed_schema_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    assert main(["schema", "--check"]) == 0

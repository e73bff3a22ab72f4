"""How programs find their tenants, and by which key those of other localities are hashed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest

from cellfleet.failure import Failure
from cellfleet.inventory.load import load
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.pseudonym import VARIABLE
from stacks import tenants
from stacks.tenants import deployment_key, tenants_of
from tests.fleets import fleet, text

HEADER = "id,slug,cell,group,requests_per_second,storage_gib\n"
NAMED = {"tenants": {"file": "tenants.csv", "authority": "inventory"}}


@pytest.fixture
def listed(tmp_path: Path) -> Callable[[str], Fleet]:
    """A fleet whose tenant file, beside its inventory, has these rows."""

    def make(rows: str) -> Fleet:
        (tmp_path / "tenants.csv").write_text(HEADER + rows)
        (tmp_path / "cells.yaml").write_text(text(NAMED))
        return load(tmp_path / "cells.yaml")

    return make


@pytest.fixture(params=[True, False], ids=["preview", "deployment"])
def preview(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: request.param)
    return bool(request.param)


def test_a_fleet_that_names_no_file_has_no_tenants() -> None:
    assert tenants_of(fleet()) is None


def test_the_file_lies_beside_the_inventory_wherever_one_stands(listed: Callable[[str], Fleet]) -> None:
    found = tenants_of(listed("1,otter,us-aws-1,,1,1\n"))
    assert found is not None
    assert found.rows["slug"].to_pylist() == ["otter"]


def test_a_file_is_read_once_until_it_changes(listed: Callable[[str], Fleet]) -> None:
    first = listed("1,otter,us-aws-1,,1,1\n")
    assert tenants_of(first) is tenants_of(first)
    changed = tenants_of(listed("1,otter,us-aws-1,,1,1\n2,newt,us-gcp-1,,1,1\n"))
    assert changed is not None
    assert len(changed) == 2


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("1,otter,us-aws-9,,1,1\n", r"tenants\.csv:2:9: INV-55 there is no such cell\."),
        ("1,otter,us-aws-1,,1,1\n1,newt,us-aws-1,,1,1\n2,otter,us-aws-1,,1,1\n", r"INV-54 .* \(and 1 more\)\."),
    ],
)
def test_a_file_with_errors_is_not_deployed_from(listed: Callable[[str], Fleet], rows: str, told: str) -> None:
    with pytest.raises(Failure, match=told) as failure:
        tenants_of(listed(rows))
    assert failure.value.remedy.endswith("`cellfleet check` tells everything that is wrong with it.")


def test_a_file_that_is_not_there_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "cells.yaml").write_text(text(NAMED))
    with pytest.raises(Failure, match="INV-50 there is no such file"):
        tenants_of(load(tmp_path / "cells.yaml"))


def test_hashes_are_deployed_with_a_secret_key_only(preview: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    warned: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", warned.append)
    tenants._warn.cache_clear()  # it is said once a process
    if preview:
        assert not deployment_key(fleet(NAMED)).secret
        assert "not those of a deployment" in warned[0]
    else:
        with pytest.raises(Failure, match=f"no secret, for {VARIABLE} is not set"):
            deployment_key(fleet(NAMED))
    monkeypatch.setenv(VARIABLE, "k" * 64)
    assert deployment_key(fleet(NAMED)).secret


@pytest.mark.parametrize("changes", [{}, {**NAMED, "cells.de-gcp-1": ..., "cells.de-gcp-2": ...}])
def test_where_nothing_is_hashed_any_key_will_do(
    preview: bool, changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    warned: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", warned.append)
    assert not deployment_key(fleet(changes)).secret
    assert (preview, warned) == (preview, [])

"""The inventory that a change started from is read out of a real git repository, whatever is checked out."""

from __future__ import annotations

import os
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from cellfleet.cli.base import base
from cellfleet.failure import Failure
from cellfleet.inventory.load import load
from cellfleet.inventory.types import State
from policies.lifecycle.before import of_fleet
from policies.lifecycle.removal import tombstones
from policies.rule import Facts
from tests.fleets import document, fleet, text

TENANTS = "id,slug,cell,group,requests_per_second,storage_gib\n1001,acme,{cell},,1.0,1.0\n"
SOURCE = {"tenants": {"file": "tenants.csv", "authority": "inventory"}}


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


def git(folder: Path, *arguments: str) -> str:
    own = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.io", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *own, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path, files: dict[str, str]) -> str:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "change")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """`main` with the fleet, and a branch from it, checked out, on which a cell is cordoned."""
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    commit(tmp_path, {"cells.yaml": text(SOURCE), "tenants.csv": TENANTS.format(cell="us-aws-1")})
    git(tmp_path, "switch", "--quiet", "--create", "cordon")
    commit(tmp_path, {"cells.yaml": text({**SOURCE, "cells.us-gcp-1.state": "cordoned"})})
    return tmp_path


def test_it_is_the_inventory_where_the_two_parted(repository: Path) -> None:
    git(repository, "switch", "--quiet", "main")
    commit(repository, {"cells.yaml": text({**SOURCE, "cells.us-gcp-1.state": "draining"})})
    git(repository, "switch", "--quiet", "cordon")
    before = base(repository / "cells.yaml", "main")
    assert before.cells["us-gcp-1"].state is State.ACTIVE
    assert before.tenants is not None
    assert before.tenants.by_cell["us-aws-1"].tenants == 1
    assert base(repository / "cells.yaml", "cordon").cells["us-gcp-1"].state is State.CORDONED


def test_the_checkout_is_not_looked_at(repository: Path) -> None:
    (repository / "cells.yaml").write_text("no inventory at all")
    (repository / "tenants.csv").unlink()
    before = base(repository / "cells.yaml", "main")
    assert len(before.cells) == 6
    assert before.tenants is not None
    assert git(repository, "status", "--short").split("\n") == ["M cells.yaml", " D tenants.csv"]


def test_included_files_and_tenants_in_other_folders_are_found(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    whole: dict[str, Any] = document()
    cells = whole["cells"]
    split = {name: yaml.safe_dump({"cells": {name: cells.pop(name)}}) for name in ("us-gcp-1", "us-k8s-1", "de-gcp-2")}
    whole |= {
        "include": ["cells/*.yaml", "more/**/[de]*.yaml", "last.yaml"],
        "defaults": {"pod_cidr": "100.64.0.0/14"},
        "tenants": {"file": "../lists/tenants.csv", "authority": "inventory"},
    }
    files = {
        "fleet/cells.yaml": yaml.safe_dump(whole, sort_keys=False),
        "fleet/cells/us gcp.yaml": split["us-gcp-1"],
        "fleet/cells/deeper/left-out.yaml": "cells: {}",
        "fleet/more/a/b/de.yaml": split["de-gcp-2"],
        "fleet/more/notes.txt": "none of it",
        "fleet/last.yaml": split["us-k8s-1"],
        "lists/tenants.csv": TENANTS.format(cell="us-k8s-1"),
    }
    commit(tmp_path, files)
    inventory = tmp_path / "fleet" / "cells.yaml"
    now = load(inventory)
    before = base(inventory, "HEAD")
    assert before.cells == of_fleet(now, None).cells
    assert before.tenants is not None
    assert before.tenants.by_cell["us-k8s-1"].tenants == 1


def test_a_link_is_followed_inside_the_repository(repository: Path) -> None:
    (repository / "fleet").mkdir()
    (repository / "fleet" / "cells.yaml").symlink_to("../cells.yaml")
    commit(repository, {})
    assert len(base(repository / "fleet" / "cells.yaml", "HEAD").cells) == 6


def test_an_inventory_that_is_new_has_no_cells_before(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "staging.yaml").write_text(text())
    before = base(repository / "staging.yaml", "main")
    assert (before.cells, before.fleet, before.tenants) == ({}, None, None)
    assert "There was no staging.yaml" in (said := capsys.readouterr().err), "it may only have been moved"
    assert "every cell counts as new" in said


def test_a_tombstone_of_another_day_is_told_by_the_day_of_the_commit(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2025-03-01T12:00:00+00:00")
    retired: dict[str, Any] = {**SOURCE, "cells.us-k8s-1.state": "retired"}
    commit(repository, {"cells.yaml": text(retired)})
    before = base(repository / "cells.yaml", "HEAD")
    assert before.day == date(2025, 3, 1)

    def wrong(removed: str) -> list[str]:
        tombstone = {"name": "us-k8s-1", "id": 4, "cidr": "10.0.48.0/20", "removed": removed}
        facts = Facts(fleet({"cells.us-k8s-1": ..., "tombstones": [tombstone]}), None, date(2026, 11, 24), before)
        return [one.measured for one in tombstones(facts)]

    assert wrong("2025-02-28") == ["2025-02-28"]
    assert wrong("2025-03-01") == [], "by a commit so old it was removed, and its range is free, long since"


@pytest.mark.parametrize("kept", [None, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"])
def test_tenants_that_are_not_kept_in_git_are_not_known(repository: Path, kept: str | None) -> None:
    (repository / "tenants.csv").unlink()
    commit(repository, {} if kept is None else {"tenants.csv": kept})
    before = base(repository / "cells.yaml", "HEAD")
    assert len(before.cells) == 6
    assert before.tenants is None


def test_in_a_hook_it_is_the_folders_repository_all_the_same(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path_factory.mktemp("other")
    git(other, "init", "--quiet", "--initial-branch", "main")
    commit(other, {"README": "nothing"})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    assert len(base(repository / "cells.yaml", "main").cells) == 6


@pytest.mark.parametrize(
    ("ref", "message", "remedy"),
    [
        ("mian", "has no ref 'mian'", "Did you mean main?"),
        ("", "has no ref ''", "`git branch --all`"),
        ("0123456789", "has no ref '0123456789'", "git branch --all"),
        ("--output=cells.yaml", "has no ref '--output=cells.yaml'", "git branch --all"),
        ("main\0", "has no ref 'main\\x00'", ""),
        ("", "has no ref ''", "git branch --all"),
        ("$(touch here)", "has no ref '$(touch here)'", ""),
    ],
)
def test_a_ref_that_is_none_is_a_sentence(repository: Path, ref: str, message: str, remedy: str) -> None:
    with pytest.raises(Failure) as failed:
        base(repository / "cells.yaml", ref)
    assert message in failed.value.message
    assert remedy in failed.value.remedy
    assert failed.value.exit_code == 2
    assert {path.name for path in repository.iterdir()} == {".git", "cells.yaml", "tenants.csv"}


def test_histories_that_have_nothing_in_common_are_a_sentence(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--orphan", "other")
    commit(repository, {"cells.yaml": text()})
    with pytest.raises(Failure) as failed:
        base(repository / "cells.yaml", "main")
    assert "no commit in common" in failed.value.message
    assert "fetch-depth: 0" in failed.value.remedy


def test_a_folder_outside_git_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "cells.yaml").write_text(text())
    with pytest.raises(Failure) as failed:
        base(tmp_path / "cells.yaml", "main")
    assert "is in no checkout that git can read: not a git repository" in failed.value.message
    git(tmp_path, "init", "--quiet")
    with pytest.raises(Failure) as failed:
        base(tmp_path / "cells.yaml", "main")
    assert failed.value.message == "The repository has no commits yet."


def test_an_inventory_that_could_not_be_understood_then_is_a_sentence(repository: Path) -> None:
    broken = commit(repository, {"cells.yaml": text({"cells.us-aws-1.locality": "su"})})
    commit(repository, {"cells.yaml": text()})
    with pytest.raises(Failure) as failed:
        base(repository / "cells.yaml", "HEAD~1")
    assert broken[:12] in failed.value.message
    assert "INV-10 cells.us-aws-1.locality" in failed.value.message

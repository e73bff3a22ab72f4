"""Files are replaced all or none."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from cellfleet.cli.files import replace_all
from cellfleet.failure import Failure


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    names = [tmp_path / name for name in ("a", "b", "c")]
    for name in names:
        name.write_text(f"old {name.name}")
    return names


def test_modes_and_links_stay(files: list[Path], tmp_path: Path) -> None:
    files[0].chmod(0o640)
    link = tmp_path / "link"
    link.symlink_to(files[1])
    replace_all({files[0]: b"new a", link: files[2]})
    assert [file.read_text() for file in files] == ["new a", "old c", "old c"]
    assert files[0].stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c", "link"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_owners_stay_for_whoever_edits_as_root(files: list[Path]) -> None:
    os.chown(files[0], 1000, 1001)
    replace_all({files[0]: b"new"})
    assert (files[0].stat().st_uid, files[0].stat().st_gid) == (1000, 1001)


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_where_one_cannot_be_replaced_none_is(
    files: list[Path], failing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = Path.replace, 0

    def replace(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == failing:
            raise PermissionError(13, "Permission denied", str(target))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(Failure, match=f"{files[failing - 1].name} cannot be written: Permission denied"):
        replace_all(dict.fromkeys(files, b"new"))
    assert [file.read_text() for file in files] == ["old a", "old b", "old c"]
    assert len([*tmp_path.iterdir()]) == 3


@pytest.mark.parametrize("interruption", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_who_interrupts_it_waits_until_all_are_replaced(
    files: list[Path], interruption: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, handler = Path.replace, signal.getsignal(interruption)

    def replace(self: Path, target: Path) -> Path:
        signal.raise_signal(interruption)
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    replace_all(dict.fromkeys(files, b"new"))
    assert [file.read_text() for file in files] == ["new"] * 3
    assert len([*tmp_path.iterdir()]) == 3
    assert signal.getsignal(interruption) is handler


def test_a_full_disk_keeps_no_half_of_a_file(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Failure, match="cannot be written: No space left on device"):
        replace_all(dict.fromkeys(files, b"new"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]


def test_a_file_that_may_not_be_written_is_not_replaced(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != files[1])  # root may write everything
    with pytest.raises(Failure, match="/b cannot be written: Permission denied"):
        replace_all(dict.fromkeys(files, b"new"))
    assert [file.read_text() for file in files] == ["old a", "old b", "old c"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="cannot be written"):
        replace_all({tmp_path / "nowhere" / "a": b""})

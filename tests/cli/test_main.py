"""Every way in which a command can end has its exit code, and only a bug shows a stack trace."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cellfleet.cli import app, main
from cellfleet.failure import Failure
from cellfleet.inventory.finding import Finding, Invalid, Location, Severity

INVALID = Finding("INV-07", Severity.ERROR, "version", Location("cells.yaml", 1, 1), "it is wrong", remedy="mend it")
ENDS: dict[str, tuple[object, int, str]] = {
    "nothing": (None, 0, ""),
    "its own exit code": (7, 7, ""),
    "what a user can mend": (
        Failure("The disk is full.", "Make room.", exit_code=1),
        1,
        "The disk is full.\nMake room.\n",
    ),
    "an invalid inventory": (Invalid((INVALID,)), 2, "cells.yaml:1:1: error INV-07: it is wrong"),
    "a disk that is full": (OSError(28, "No space left on device", "out/a"), 1, "out/a: No space left on device.\n"),
    "a file that is missing": (OSError(2, "No such file", "taggable.json"), 255, "Traceback (most recent call last)"),
    "an interrupt": (KeyboardInterrupt(), 8, "Cancelled.\n"),
    "a bug": (ZeroDivisionError("oops"), 255, "Traceback (most recent call last)"),
}


@pytest.mark.parametrize(("end", "code", "said"), ENDS.values(), ids=ENDS)
def test_each_end_has_its_exit_code(capsys: pytest.CaptureFixture[str], end: object, code: int, said: str) -> None:
    def ending() -> object:
        if isinstance(end, BaseException):
            raise end
        return end

    app.command(ending, name="ending")
    try:
        assert main(["ending"]) == code
    finally:
        del app["ending"]
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(said)
    assert bool(shown.err) == bool(said)


@pytest.mark.parametrize(
    "arguments", [["chek"], ["check", "--inventroy", "x"], ["check", "--output", "xml"], ["check", "a"]]
)
def test_a_bad_invocation_is_explained(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert "Error" in shown.err
    assert "Traceback" not in shown.err + shown.out


def test_it_runs_as_a_module_and_tells_its_version() -> None:
    done = subprocess.run([sys.executable, "-m", "cellfleet", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("cellfleet ")


def test_the_script_exits_with_what_main_returns(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("cellfleet")
    assert subprocess.run([script, "check"], cwd=tmp_path, capture_output=True, check=False).returncode == 2

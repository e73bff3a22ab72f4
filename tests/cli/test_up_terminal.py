"""`cellfleet up` at a terminal: it shows what runs, and asks before it changes anything."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import Checkout
from tests.engine.tiny import environment_of_engine

pytestmark = pytest.mark.xdist_group("up")


def test_a_question_is_asked_and_no_is_the_answer_unless_yes_is_said(tmp_path: Path) -> None:
    checkout = Checkout.make(tmp_path / "checkout")
    try:
        shown = at_terminal(checkout, "cell-us-k8s-1", answer=b"\n")
        assert re.search(r"Deploy \d+ to create\? \[y/N\]", shown)
        assert "cell-us-k8s-1: changes in" in shown
        assert checkout.made() == []
        shown = at_terminal(checkout, "cell-us-k8s-1", answer=b"y\n")
        assert "cell-us-k8s-1: deployed in" in shown
        assert checkout.made() != []
    finally:
        checkout.close()


def at_terminal(checkout: Checkout, stack: str, *, answer: bytes) -> str:
    """What a terminal of its own shows of an `up` whose question is answered so."""
    environment = environment_of_engine() | {"TERM": "xterm", "COLUMNS": "160"}
    environment.pop("CI", None)
    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        [sys.executable, "-m", "cellfleet", "up", stack, "--sandbox"],
        cwd=checkout.folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    asked = False
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # how Linux tells that the other side is closed
            break
        if not part:
            break
        shown += part
        if not asked and b"[y/N]" in shown:
            asked = True
            os.write(ours, answer)
    os.close(ours)
    run.wait()
    return shown.decode()

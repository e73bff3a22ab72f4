"""The sandbox's one process: started once, found again, stopped; it outlives the command that started it.

What a folder's sandbox is, is in its `server.json`: the process, by id and by the time it started (ids are used again),
and the ports. A file lock keeps two commands from starting two.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from cellfleet.failure import Failure
from cellfleet.inventory.pseudonym import VARIABLE

_Answer = TypeVar("_Answer")
DEFAULT_FOLDER: Final = Path(".cellfleet/sandbox")
_PATIENCE: Final = 30.0
"""Seconds that a start or a stop may take before it is given up."""
_POLL: Final = 0.02


@dataclass(frozen=True, slots=True)
class Running:
    """A sandbox that answers."""

    pid: int
    ports: dict[str, int]
    """By SDK."""


def start(folder: Path = DEFAULT_FOLDER) -> Running:
    """The sandbox of a folder, started if it was not running; raises Failure where it cannot be started."""
    folder = folder.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(
            f"the sandbox cannot keep its books in {folder}: {error.strerror}", "name another folder"
        ) from None
    with _locked(folder):
        if found := running(folder):
            return found
        with (folder / "server.log").open("ab") as log:
            # it forks, and leaves its first process at once: nobody's child, in a session of its own
            subprocess.run(
                [sys.executable, "-m", "sandbox", str(folder)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, check=True,
            )  # fmt: skip
        if found := _waited(lambda: running(folder)):
            return found
    raise Failure(
        f"the sandbox did not start within {_PATIENCE:.0f} s", f"read {folder / 'server.log'}, which tells why"
    )


def stop(folder: Path = DEFAULT_FOLDER) -> bool:
    """Stop the sandbox of a folder; its books stay. False where none was running."""
    folder = folder.resolve()
    if not folder.is_dir():
        return False
    with _locked(folder):
        found = running(folder)
        if found is None:
            return False
        os.kill(found.pid, signal.SIGTERM)
        if not _waited(lambda: running(folder) is None):
            os.kill(found.pid, signal.SIGKILL)
            _waited(lambda: running(folder) is None)
        return True


def running(folder: Path = DEFAULT_FOLDER) -> Running | None:
    """The sandbox of a folder, where one runs and answers."""
    try:
        written = json.loads((folder / "server.json").read_text())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    if started_at(written["pid"]) != written["started_at"] or not all(map(_answers, written["ports"].values())):
        return None
    return Running(written["pid"], written["ports"])


def environment(folder: Path = DEFAULT_FOLDER) -> dict[str, str]:
    """What a Pulumi command needs in its environment to use the running sandbox; raises Failure where none runs.

    State and settings of the engine stand beside the sandbox's folder. The passphrase guards nothing, nor does the
    tenants' key: what the sandbox makes up is no secret.
    """
    found = running(folder)
    if found is None:
        raise Failure(f"no sandbox runs in {folder}", "start one: cellfleet sandbox start")
    beside = folder.resolve().parent
    return {
        "PULUMI_DEBUG_PROVIDERS": ",".join(f"{sdk}:{port}" for sdk, port in sorted(found.ports.items())),
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_BACKEND_URL": f"file://{beside / 'state'}?create_dir=true&metadata=skip",
        "PULUMI_CONFIG_PASSPHRASE": "sandbox",
        "PULUMI_HOME": str(beside / "pulumi"),
        VARIABLE: "sandbox-whose-tenants-are-made-up",
    }


def started_at(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None where it does not run."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _waited(ask: Callable[[], _Answer]) -> _Answer | None:
    """What `ask` says once it says something, asked again until patience ends."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if answer := ask():
            return answer
        time.sleep(_POLL)
    return None


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

"""Who holds a stack's lock, and whether that process still lives.

A backend of one's own (a folder or a bucket) is locked by a file that names user, host and process; `kill -9` leaves it
behind. Pulumi Cloud's locks expire by themselves.
"""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

_NAMED: Final = re.compile(r"created by (?P<user>\S*)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<since>\S+)")


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that a lock names."""

    user: str
    host: str
    pid: int
    since: str

    def __str__(self) -> str:
        return f"process {self.pid} of {self.user}@{self.host}, since {self.since}"

    @property
    def here(self) -> bool:
        return self.host == socket.gethostname()

    @property
    def dead(self) -> bool:
        """Whether it is certain that the process is no more: only known of this machine's."""
        if not self.here:
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return not _is_pulumi(self.pid)


def in_folder(url: str, project: str, stack: str) -> Iterator[Holder]:
    """The holders of a stack's locks in a `file://` backend; none are known of other backends before they refuse."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        return
    folder = _path(parts) / ".pulumi/locks/organization" / project / stack
    for file in sorted(folder.glob("*.json")):
        try:
            lock = json.loads(file.read_text())
            yield Holder(lock["username"], lock["hostname"], int(lock["pid"]), lock["timestamp"])
        except (OSError, ValueError, KeyError):
            continue  # given up, or not yet written, while it was read


def mend(url: str) -> list[str]:
    """Put right what a kill in the middle of a write leaves in a `file://` backend; what was done, in sentences.

    Beside each file the backend keeps an `.attrs` file, which it needs not, but which it cannot read when it is cut
    short: then no stack of the backend can be read at all. Files themselves are put in place whole.
    """
    parts = urlsplit(url)
    if parts.scheme != "file":
        return []
    cut_short = [file for file in _path(parts).glob(".pulumi/**/*.attrs") if file.stat().st_size == 0]
    for file in cut_short:
        file.unlink(missing_ok=True)
    return [f"removed {file}, which a killed run had left half written" for file in cut_short]


def in_message(text: str) -> list[Holder]:
    """The holders that a refusal of the backend names."""
    return [Holder(found["user"], found["host"], int(found["pid"]), found["since"]) for found in _NAMED.finditer(text)]


def _path(parts: SplitResult) -> Path:
    """The folder of a `file://` URL, which may begin with `~`."""
    return Path(unquote(parts.netloc + parts.path)).expanduser()


def _is_pulumi(pid: int) -> bool:
    """Whether the process is a Pulumi rather than one that was given the number later; True where that cannot be
    told."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    name, _, rest = status.partition("(")[2].rpartition(")")
    return "pulumi" in name and not rest.strip().startswith("Z")
